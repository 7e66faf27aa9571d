import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  accepts,
  acceptsEncodings,
  acceptsLanguages,
  parseAccept,
  parseAcceptEncoding,
} from "../../../src/http/negotiation.ts";

type Case = [string | null, string[], string | null];
type Choose = (
  header: string | null,
  available: readonly string[],
) => string | null;

function chooseAll(choose: Choose, cases: Case[]): void {
  for (const [header, available, expected] of cases) {
    assertEquals(choose(header, available), expected, `${header} ${available}`);
  }
}

Deno.test("weights are read strictly and other members ignored", () => {
  const valid: [string, number][] = [
    ["1", 1],
    ["1.", 1],
    ["1.0", 1],
    ["1.000", 1],
    ["0", 0],
    ["0.", 0],
    ["0.0", 0],
    ["0.5", 0.5],
    ["0.001", 0.001],
    ["0.999", 0.999],
  ];
  for (const [weight, quality] of valid) {
    assertEquals(parseAccept(`a/b;q=${weight}`)[0].quality, quality, weight);
    const codings = parseAcceptEncoding(`a;Q=${weight}`);
    assertEquals(codings, quality > 0 ? ["a"] : [], weight);
  }
  const invalid = [
    ..."2 1.1 1.001 1.0000 0.0001 .5 -1 +1 1e0 00 01 abc 0x1 NaN".split(
      " ",
    ),
    "",
    "0.5 x",
    "1 .",
  ];
  for (const weight of invalid) {
    const accept = parseAccept(`a/b;q=${weight}`);
    assertEquals(accept.filter((range) => range.type === "a/b"), [], weight);
    const codings = parseAcceptEncoding(`a;q=${weight}`);
    assertEquals(codings.filter((name) => name === "a"), [], weight);
  }
});

Deno.test("parseAccept() gives the members best first", () => {
  const ranges = parseAccept(
    'text/*;q=0.3, TEXT/html ; Level=1;Q=0.7, a/b;q=0, */*;c="d,e"',
  );
  assertEquals(ranges, [
    { type: "*/*", parameters: new Map([["c", "d,e"]]), quality: 1 },
    { type: "text/html", parameters: new Map([["level", "1"]]), quality: 0.7 },
    { type: "text/*", parameters: new Map(), quality: 0.3 },
    { type: "a/b", parameters: new Map(), quality: 0 },
  ]);
});

Deno.test("parseAccept() ignores malformed members", () => {
  const value = "text, */html, *, text/, /html, a b/c, text/html;level, " +
    "text/html;q=0.5;q, a/b, text/html/x, ;q=1";
  assertEquals(parseAccept(value).map((range) => range.type), ["a/b"]);
  assertEquals(parseAccept(""), []);
  assertEquals(parseAccept(" , ,"), []);
  assertEquals(parseAccept('a/b;c="d, e/f'), []);
});

Deno.test("accepts() weighs by the most specific member", () => {
  // RFC 9110 12.5.1, the second table.
  const header = "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, " +
    "text/plain;format=fixed;q=0.4, */*;q=0.5";
  const byWeight = [
    "text/plain;format=flowed", // 1
    "text/plain", // 0.7
    "image/jpeg", // 0.5
    "text/plain;format=fixed", // 0.4
    "text/html", // 0.3
  ];
  for (let rank = 0; rank < byWeight.length; rank++) {
    const available = byWeight.slice(rank).reverse();
    assertEquals(accepts(header, available), byWeight[rank]);
  }
});

Deno.test("accepts() chooses among media types", () => {
  const html = "text/html";
  const json = "application/json";
  const browser =
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
  chooseAll(accepts, [
    [null, [html, json], html],
    [null, [], null],
    ["", [html, json], html],
    ["rubbish", [html, json], html],
    ["*/*", [html, json], html],
    [json, [html, json], json],
    [json, [html], null],
    [json, [], null],
    [browser, [json, html], html],
    [browser, [json], json],
    ["application/json, text/plain, */*", [html, json], json],
    ["text/*, application/json", [html, json], json],
    ["text/html;q=0.5, application/json;q=0.5", [json, html], json],
    ["text/html;q=0.5, application/json;q=0.501", [html, json], json],
    ["text/html;q=0, */*", [html, json], json],
    ["*/*;q=0, text/html", [json, html], html],
    ["text/*;q=0, text/html", ["text/plain", html], html],
    ["*/*;q=0", [html], null],
    ["text/html;q=2, application/json;q=0.1", [html, json], json],
    ["TEXT/HTML", ["Text/Html; charset=utf-8"], "Text/Html; charset=utf-8"],
    [
      "text/html;charset=UTF-8",
      ["text/html;charset=utf-8"],
      "text/html;charset=utf-8",
    ],
    ["text/html;level=1", [html], null],
    ["text/html;level=1", ["text/html;level=2"], null],
    ["text/html;level=1;q=0.5, text/html", [html, "text/html;level=1"], html],
    ["text/html, text/html;q=0", [html], html],
    ["text/htmlx", [html], null],
    ["text/*", ["textual/x"], null],
    ["application/*", ["application/problem+json"], "application/problem+json"],
  ]);
});

Deno.test("accepts() throws when the server's own type is malformed", () => {
  assertThrows(() => accepts("*/*", ["html"]), TypeError, '"html"');
  assertThrows(() => accepts(null, ["text/html;a"]), TypeError, "text/html;a");
});

Deno.test("parseAcceptEncoding() gives the codings best first", () => {
  const cases: [string, string[]][] = [
    ["", []],
    ["gzip;q=0.5, br", ["br", "gzip"]],
    ["gzip, deflate, br", ["gzip", "deflate", "br"]],
    ["GZIP ;q=0.2,\tBr;\tq=0.3", ["br", "gzip"]],
    ["gzip;q=1.0, identity; q=0.5, *;q=0", ["gzip", "identity"]],
    ["*;q=0.1, gzip", ["gzip", "*"]],
    ["*, gzip", ["gzip", "*"]],
    ["g zip, br;x=1, br;q=0.5;x=1, gzip;q, x-gzip", ["x-gzip"]],
    ['"gzip", br', ["br"]],
  ];
  for (const [value, names] of cases) {
    assertEquals(parseAcceptEncoding(value), names, value);
  }
});

Deno.test("acceptsEncodings() chooses among codings", () => {
  const all = ["br", "zstd", "gzip"];
  chooseAll(acceptsEncodings, [
    [null, all, "identity"],
    ["", all, "identity"],
    ["gzip, deflate, br, zstd", all, "br"],
    ["gzip, deflate", all, "gzip"],
    ["deflate", all, "identity"],
    ["gzip", [], "identity"],
    ["br;q=0.9, gzip", all, "gzip"],
    ["br;q=0, gzip", all, "gzip"],
    ["br;q=0, gzip;q=0", all, "identity"],
    ["*", all, "br"],
    ["*;q=0.5", all, "br"],
    ["br;q=0, *", all, "zstd"],
    ["*;q=0", all, null],
    ["*;q=0, gzip", all, "gzip"],
    ["identity;q=0", all, null],
    ["identity;q=0, gzip;q=0.1", all, "gzip"],
    ["*;q=0, identity", all, "identity"],
    ["identity", all, "identity"],
    ["identity, gzip;q=0.5", all, "identity"],
    ["identity;q=0.5, gzip", all, "gzip"],
    ["identity;q=0.5, gzip;q=0.5", all, "gzip"],
    ["identity, gzip", ["identity", "gzip"], "identity"],
    ["gzip;q=0.001", ["identity", "gzip"], "gzip"],
    ["gzip;q=0.5, *", ["gzip"], "identity"],
    ["x-gzip", all, "gzip"],
    ["gzip", ["x-gzip"], "x-gzip"],
    ["GZIP", all, "gzip"],
    ["gzip;q=2", all, "identity"],
    ["gzip;q=0, gzip", all, "gzip"],
    ["__proto__, constructor", all, "identity"],
  ]);
});

Deno.test("acceptsEncodings() forgets the field before when another comes", () => {
  assertEquals(acceptsEncodings("gzip", ["br", "gzip"]), "gzip");
  assertEquals(acceptsEncodings("br", ["br", "gzip"]), "br");
  assertEquals(acceptsEncodings(null, ["br", "gzip"]), "identity");
  assertEquals(acceptsEncodings("gzip", ["br", "gzip"]), "gzip");
});

Deno.test("acceptsLanguages() chooses among language tags", () => {
  chooseAll(acceptsLanguages, [
    [null, ["en", "de"], "en"],
    [null, [], null],
    ["", ["en"], "en"],
    ["de_CH", ["en"], "en"],
    ["de", ["en", "de"], "de"],
    ["DE", ["en", "De"], "De"],
    ["de, en;q=0.9", ["en", "de"], "de"],
    ["en;q=0.8, de;q=0.9", ["en", "de"], "de"],
    // The client's order counts among equals.
    ["de, en", ["en", "de"], "de"],
    // Filtering: a range includes the tags that begin with it.
    ["de", ["en", "de-CH"], "de-CH"],
    ["de", ["de-CH", "de"], "de"],
    ["de", ["den", "d"], null],
    ["zh-Hant", ["zh", "zh-Hant-TW"], "zh-Hant-TW"],
    // Lookup: else a range is cut from its end.
    ["de-CH, fr;q=0.9", ["fr", "de"], "de"],
    ["de-CH-1996", ["en", "de"], "de"],
    ["zh-Hant-CN-x-wow", ["zh-Hant", "zh-Hant-CN-x"], "zh-Hant"],
    ["en-GB", ["en-US"], null],
    ["en-GB, en;q=0.9", ["en-US"], "en-US"],
    // But not to what has its own weight.
    ["en-US, fr;q=0.9, en;q=0.8", ["en", "fr"], "fr"],
    ["en, fr;q=0.9, en-GB;q=0.8", ["en-GB", "fr"], "fr"],
    ["en-US, en;q=0", ["en", "fr"], null],
    // Wildcards include what no other member does.
    ["*", ["en", "de"], "en"],
    ["de;q=0.5, *", ["de", "fr"], "fr"],
    ["*, de", ["fr", "de"], "de"],
    ["*, *;q=0", ["fr"], "fr"],
    ["de, *;q=0.5", ["fr", "de"], "de"],
    ["en-US, *;q=0.5", ["fr", "en"], "en"],
    ["en;q=0, *", ["en-US", "fr"], "fr"],
    ["en;q=0, *", ["en-US"], null],
    ["en, *;q=0", ["fr"], null],
    ["en-US, *;q=0", ["en"], null],
    ["de;q=0", ["de"], null],
    ["de;q=0, de-CH", ["de", "de-CH"], "de-CH"],
    ["ja", ["en"], null],
    ["en;q=5, de;q=0.1", ["en", "de"], "de"],
    ["*-CH, de", ["de"], "de"],
    ["abcdefghi, de", ["de"], "de"],
  ]);
});

Deno.test("negotiation reads no more than 100 members", () => {
  const filler = "x-y;q=0.1, ".repeat(100);
  assertEquals(acceptsLanguages(`${filler}en`, ["en"]), null);
  assertEquals(acceptsEncodings(`${filler}gzip`, ["gzip"]), "identity");
  assertEquals(accepts(`${"a/b, ".repeat(100)}c/d`, ["c/d"]), null);
  assertEquals(accepts(`${"a/b, ".repeat(99)}c/d`, ["c/d"]), "c/d");
});

Deno.test("negotiation takes linear time when the field is hostile", () => {
  const start = performance.now();
  const units = ["a,", ",", "*/*;q=1,", '"', ";", "a-", "a/b;c=d;", "q="];
  for (const unit of units) {
    const field = unit.repeat(200_000);
    accepts(field, ["text/html", "a/b"]);
    acceptsEncodings(field, ["br", "gzip"]);
    acceptsLanguages(field, ["en", "de"]);
  }
  assert(performance.now() - start < 5000);
});
