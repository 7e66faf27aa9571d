import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatHttpDate, parseHttpDate } from "../../src/grammar/dates.ts";
import {
  parseParameters,
  quote,
  splitList,
  unquote,
} from "../../src/grammar/lists.ts";
import {
  evaluateConditions,
  ifRangeMatches,
} from "../../src/http/conditional.ts";
import { formatSetCookie, parseCookies } from "../../src/http/cookies.ts";
import { formatEntityTag, parseEntityTagList } from "../../src/http/etag.ts";
import { parseMediaType } from "../../src/http/media_type.ts";
import {
  accepts,
  acceptsEncodings,
  acceptsLanguages,
} from "../../src/http/negotiation.ts";
import { formatContentRange, parseRange } from "../../src/http/range.ts";
import { always, hostile, token } from "./arbitraries.ts";

const DATE = "Sun, 06 Nov 1994 08:49:37 GMT";
const DATE_MS = 784_111_777_000;
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

Deno.test("parseRange() gives ranges within the size, or none, for any text", () => {
  const header = fc.oneof(
    hostile("bytes=", "0-", "-5").map((text) => `bytes=${text}`),
    fc.array(fc.tuple(fc.nat(150), fc.nat(10)), { maxLength: 10 })
      .map((pairs) =>
        `bytes=${pairs.map(([start, more]) => `${start}-${start + more}`)}`
      ),
  );
  let several = 0;
  always(header, fc.nat(200), (text, size) => {
    const ranges = parseRange(text, size);
    if (typeof ranges === "string") return;
    assert(ranges.length > 0 && ranges.length <= 8);
    for (const range of ranges) {
      assert(range.start >= 0 && range.start <= range.end, text);
      assert(range.end < size, text);
      formatContentRange(range, size);
    }
    if (ranges.length > 1) several++;
  });
  assert(several > 30, `${several} of several ranges`);
});

Deno.test("evaluateConditions() and ifRangeMatches() never throw", () => {
  const value = fc.option(
    fc.oneof(
      hostile('"a"', 'W/"a"', "*", DATE),
      fc.constantFrom('"a"', 'W/"a"', '"b"', "*", DATE),
    ),
  );
  const names = [
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
  ];
  const method = fc.constantFrom("GET", "HEAD", "PUT", "OPTIONS");
  const seen = new Set<string>();
  always(fc.tuple(value, value, value, value), method, (values, asked) => {
    const get = (name: string) => values[names.indexOf(name)];
    const validators = { etag: '"a"', lastModified: DATE_MS };
    const result = evaluateConditions(asked, { get }, validators);
    seen.add(result);
    if (asked === "OPTIONS") assertEquals(result, "proceed");
    if (asked === "PUT") assert(result !== "not-modified");
    ifRangeMatches(values[0], validators);
  });
  assertEquals(seen.size, 3);
});

Deno.test("formatHttpDate() is undone by parseHttpDate()", () => {
  always(fc.integer({ min: 0, max: LAST_MS / 1000 }), (second) => {
    assertEquals(parseHttpDate(formatHttpDate(second * 1000)), second * 1000);
  });
});

Deno.test("parseHttpDate() gives a time or null for any text", () => {
  const text = hostile("Sun", "06", "Nov", "94", "1994", "08:49:37", "GMT");
  always(fc.oneof(text, mutated(DATE)), (drawn) => {
    const ms = parseHttpDate(drawn);
    assert(ms === null || Number.isSafeInteger(ms), drawn);
  });
});

// The text with one character replaced.
function mutated(text: string): fc.Arbitrary<string> {
  const at = fc.nat(text.length - 1);
  return fc.tuple(at, fc.string({ minLength: 1, maxLength: 1 }))
    .map(([place, char]) =>
      text.slice(0, place) + char + text.slice(place + 1)
    );
}

Deno.test("quote() is undone by unquote()", () => {
  const char = fc.oneof(
    fc.constantFrom('"', "\\", "\t"),
    fc.integer({ min: 0x20, max: 0x7e }).map(String.fromCharCode),
  );
  always(fc.string({ unit: char }), (text) => {
    assertEquals(unquote(quote(text)), text);
  });
});

Deno.test("splitList() gives back the members that were joined", () => {
  const comma = fc.constantFrom(",", " , ", ",\t", ",,", ", ,");
  always(fc.array(token, { minLength: 1 }), comma, (members, between) => {
    assertEquals(splitList(members.join(between)), members);
  });
});

Deno.test("readers of lists never throw", () => {
  const text = hostile("q=", "text/html", "*/*", "gzip", '"a"', "W/", "en");
  always(text, (header) => {
    splitList(header);
    parseParameters(header);
    parseMediaType(header);
    parseEntityTagList(header);
    accepts(header, ["text/html"]);
    acceptsEncodings(header, ["gzip", "identity"]);
    acceptsLanguages(header, ["en", "de"]);
  });
});

Deno.test("formatEntityTag() is undone by parseEntityTagList()", () => {
  const value = fc.string({
    unit: fc.integer({ min: 0x23, max: 0x7e }).map(String.fromCharCode),
  });
  const tag = fc.record({ value, weak: fc.boolean() });
  always(fc.array(tag, { minLength: 1 }), (tags) => {
    const list = tags.map(formatEntityTag).join(", ");
    assertEquals(parseEntityTagList(list), tags);
  });
});

Deno.test("parseCookies() gives back what formatSetCookie() wrote", () => {
  const value = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map(String.fromCharCode)
      .filter((char) => !'",;\\'.includes(char)),
  });
  const names = token.filter((name) => !/^__/.test(name));
  always(
    fc.uniqueArray(fc.tuple(names, value), {
      selector: ([name]) => name,
      minLength: 1,
      maxLength: 5,
    }),
    (pairs) => {
      const header = pairs.map(([name, text]) =>
        formatSetCookie({ name, value: text }).split(";")[0]
      );
      assertEquals([...parseCookies(header.join("; "))], pairs);
    },
  );
});

Deno.test("parseCookies() never throws and keeps names apart", () => {
  always(hostile("a=b", "; ", "__proto__=1", "=="), (header) => {
    for (const [name, value] of parseCookies(header)) {
      assert(name !== "" && !name.includes(";") && !name.includes("="));
      assert(!value.includes(";"));
    }
  });
});
