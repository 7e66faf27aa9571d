import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { HttpError } from "../../../src/http/errors.ts";
import { FileBody } from "../../../src/http/file_body.ts";
import {
  accepted,
  created,
  html,
  json,
  noContent,
  ok,
  redirect,
  text,
} from "../../../src/http/helpers.ts";
import { HeaderList } from "../../../src/http/headers.ts";
import {
  badRequest,
  conflict,
  forbidden,
  notFound,
  unauthorized,
} from "../../../src/http/problem_helpers.ts";
import type { HttpResponse } from "../../../src/http/response.ts";
import { bytes } from "./fixtures.ts";

const TEXT = "text/plain; charset=utf-8";
const BYTES = "application/octet-stream";
const JSON_TYPE = "application/json";

const ANY: [name: string, status: number, make: typeof ok][] = [
  ["ok", 200, ok],
  ["created", 201, created],
  ["accepted", 202, accepted],
];

const JSON_VALUES: [value: unknown, text: string][] = [
  [null, "null"],
  [{ a: "ä" }, '{"a":"ä"}'],
  [[], "[]"],
  [{}, "{}"],
  [0, "0"],
  [false, "false"],
  [NaN, "null"],
  [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  [{ toJSON: () => "x" }, '"x"'],
  [{ then: 1 }, '{"then":1}'],
  [new String("x"), '"x"'],
];

for (const [name, status, make] of ANY) {
  Deno.test(`${name}() sends a string as text`, async () => {
    const response = make("grün");
    assertEquals(response.status, status);
    assertEquals([...response.headers], [["content-type", TEXT]]);
    assertEquals(response.headers.lines.names, ["Content-Type"]);
    assertEquals(await response.text(), "grün");
    assertEquals(await make("").text(), "");
  });

  Deno.test(`${name}() sends other values as JSON`, async () => {
    for (const [value, expected] of JSON_VALUES) {
      const response = make(value);
      assertEquals(response.status, status);
      assertEquals([...response.headers], [["content-type", JSON_TYPE]]);
      assertEquals(await response.text(), expected);
    }
  });

  Deno.test(`${name}() sends nothing without a value`, () => {
    for (const response of [make(), make(undefined)]) {
      assertEquals(response.status, status);
      assertEquals([...response.headers], []);
      assertEquals(response.body, null);
    }
  });
}

async function* iterate(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes("a"));
}

Deno.test("ok() sends bytes and streams as they are", () => {
  const file = { read: () => Promise.resolve(null), close() {} };
  const bodies = [
    bytes("a"),
    new Uint8Array(0),
    iterate(),
    new FileBody(file, 0),
    new ReadableStream<Uint8Array>(),
  ];
  for (const body of bodies) {
    const response = ok(body);
    assertStrictEquals(response.body, body);
    assertEquals([...response.headers], [["content-type", BYTES]]);
    const typed = ok(body, { headers: { "Content-Type": "image/png" } });
    assertEquals([...typed.headers], [["content-type", "image/png"]]);
  }
});

Deno.test("ok() sends buffers and views as the bytes they hold", async () => {
  const { buffer } = bytes("hello");
  const bodies: [body: unknown, text: string][] = [
    [buffer, "hello"],
    [new DataView(buffer, 1, 3), "ell"],
    [new Int8Array(buffer, 2), "llo"],
  ];
  for (const [body, expected] of bodies) {
    assertEquals(ok(body).header("content-type"), BYTES);
    assertEquals(await ok(body).text(), expected);
  }
});

Deno.test("ok() and json() refuse what is no JSON", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const cases: [value: unknown, message: string][] = [
    [cycle, "circular"],
    [{ a: 1n }, "BigInt"],
    [1n, "BigInt"],
    [() => 1, "Cannot send a function as JSON: "],
    [Symbol("a"), "Cannot send Symbol(a) as JSON: "],
    [{ toJSON: () => undefined }, "Cannot send a plain object as JSON: "],
    [Promise.resolve(1), "await it first"],
    [{ later: Promise.resolve(1) }, "Cannot send a Promise as JSON: await"],
    [[{ a: new Map() }], "Cannot send a Map as JSON: send Object.fromEntries"],
    [{ a: new Set() }, "Cannot send a Set as JSON: send [...set]"],
    [{ error: new Error("x") }, "Cannot send an Error as JSON: throw it"],
    [new Blob(), "Cannot send a Blob as JSON: send its bytes()"],
    [new FormData(), "Cannot send a FormData as JSON: "],
    [new Headers(), "Cannot send a Headers as JSON: "],
  ];
  for (const [value, message] of cases) {
    for (const make of [ok, created, accepted, json]) {
      assertThrows(() => make(value), TypeError, message);
    }
  }
  assertThrows(
    () => json(undefined),
    TypeError,
    "Cannot send undefined as JSON: pass a value",
  );
});

Deno.test("json() keeps what toJSON throws as the cause", () => {
  const inner = new Error("not today");
  const value = {
    toJSON() {
      throw inner;
    },
  };
  const error = assertThrows(() => json(value), TypeError, "not today");
  assertStrictEquals(error.cause, inner);
});

Deno.test("json() sends a string as JSON", async () => {
  assertEquals(await json("a").text(), '"a"');
  assertEquals(json("a").header("content-type"), JSON_TYPE);
});

Deno.test("text() and html() set type and charset", async () => {
  assertEquals(await text("grün").bytes(), bytes("grün"));
  assertEquals([...text("a").headers], [["content-type", TEXT]]);
  assertEquals([...html("<p>").headers], [
    ["content-type", "text/html; charset=utf-8"],
  ]);
  assertEquals(await html("<p>").text(), "<p>");
});

Deno.test("helpers share constant lines until one answer changes its own", () => {
  const makes: (() => HttpResponse)[] = [
    () => text("a"),
    () => html("a"),
    () => json(1),
    () => ok("a"),
    () => ok(1),
    () => ok(bytes("a")),
    () => ok(),
    () => noContent(),
    () => ok("a", { status: 202 }),
    () => notFound("a"),
  ];
  for (const make of makes) {
    const first = make();
    const { lines } = first.headers;
    assert(lines.constant);
    first.headers.set("x-a", "1").delete("content-type");
    assertStrictEquals(make().headers.lines, lines);
    assertEquals(make().header("x-a"), null);
  }
});

Deno.test("helpers take status and headers last", () => {
  const options = { status: 218, headers: { "X-A": "1" } };
  const responses = [
    ok("a", options),
    created(1, options),
    accepted(bytes("a"), options),
    noContent(options),
    text("a", options),
    html("a", options),
    json(1, options),
  ];
  for (const response of responses) {
    assertEquals(response.status, 218);
    assertEquals(response.header("x-a"), "1");
  }
  assertEquals(json(1, options).header("content-type"), JSON_TYPE);
  assertEquals(noContent(options).header("content-type"), null);
});

Deno.test("helpers let headers replace the type, in any case of its name", () => {
  const headers = { "CONTENT-TYPE": "application/vnd.api+json" };
  for (const response of [json(1, { headers }), text("a", { headers })]) {
    assertEquals([...response.headers], [
      ["content-type", "application/vnd.api+json"],
    ]);
  }
});

Deno.test("helpers do not change the headers that they are given", () => {
  const headers = new HeaderList({ "x-a": "1" });
  text("a", { headers }).headers.set("x-a", "2");
  created(1, { headers, location: "/a" });
  redirect("/b", { headers });
  unauthorized("a", { headers });
  assertEquals([...headers], [["x-a", "1"]]);
});

Deno.test("helpers refuse a bad status and a bad header", () => {
  assertThrows(() => ok("a", { status: 101 }), RangeError, "101");
  assertThrows(() => text("a", { headers: { a: "\n" } }), TypeError);
});

Deno.test("created() sends the location", () => {
  const response = created({ id: 7 }, { location: "/users/7" });
  assertEquals([...response.headers], [
    ["content-type", JSON_TYPE],
    ["location", "/users/7"],
  ]);
  const url = new URL("https://example.com/ä");
  assertEquals(
    created(undefined, { location: url }).header("location"),
    "https://example.com/%C3%A4",
  );
  assertThrows(() => created(1, { location: "/a\r\nb: c" }), TypeError);
});

Deno.test("noContent() has no content", () => {
  const response = noContent();
  assertEquals([response.status, response.body], [204, null]);
});

Deno.test("redirect() answers 302, or 301 if permanent, or as told", () => {
  assertEquals(redirect("/a").status, 302);
  assertEquals(redirect("/a", { permanent: false }).status, 302);
  assertEquals(redirect("/a", { permanent: true }).status, 301);
  for (const status of [300, 301, 302, 303, 307, 308]) {
    const response = redirect("/a", { status, permanent: true });
    assertEquals(response.status, status);
    assertEquals([...response.headers], [["location", "/a"]]);
    assertEquals(response.body, null);
  }
  for (const status of [200, 299, 304, 305, 306, 309, 400]) {
    assertThrows(() => redirect("/a", { status }), RangeError, `${status}`);
  }
});

Deno.test("redirect() encodes its location and lets nothing split the answer", () => {
  const response = redirect("/grün b", { headers: { "Location": "/other" } });
  assertEquals(response.header("location"), "/gr%C3%BCn%20b");
  for (const to of ["/a\r\nSet-Cookie: b=c", "/a\nb", "/\0", "\t/a", ""]) {
    assertThrows(() => redirect(to), TypeError, JSON.stringify(to));
  }
});

const PROBLEMS: [number, string, typeof notFound][] = [
  [400, "Bad Request", badRequest],
  [401, "Unauthorized", unauthorized],
  [403, "Forbidden", forbidden],
  [404, "Not Found", notFound],
  [409, "Conflict", conflict],
];

for (const [status, title, make] of PROBLEMS) {
  Deno.test(`${make.name}() answers ${status} with problem details`, async () => {
    const response = make("because");
    assertEquals(response.status, status);
    assertEquals(response.header("content-type"), "application/problem+json");
    const about = { type: "about:blank", title, status };
    assertEquals(await response.json(), { ...about, detail: "because" });
    assertEquals(await make().json(), about);
    assertInstanceOf(response.error, HttpError);
    assertEquals(response.error.status, status);
  });

  Deno.test(`${make.name}() takes options`, async () => {
    const response = make("because", {
      status: 422,
      type: "/p",
      headers: { "X-A": "1" },
      extensions: { field: "name" },
    });
    assertEquals(response.status, 422);
    assertEquals(response.header("x-a"), "1");
    assertEquals(await response.json(), {
      type: "/p",
      title: "Unprocessable Content",
      status: 422,
      detail: "because",
      field: "name",
    });
    assertThrows(() => make("a", { status: 200 }), RangeError);
  });
}

Deno.test("unauthorized() always sends a challenge", () => {
  const field = "www-authenticate";
  const bearer = 'Bearer realm="restricted"';
  const headers = { "WWW-Authenticate": "Negotiate" };
  assertEquals(unauthorized().header(field), bearer);
  assertEquals(unauthorized("a", { headers }).header(field), "Negotiate");
  assertEquals(
    unauthorized("a", { challenge: 'Basic realm="x"' }).headers.getAll(field),
    ['Basic realm="x"'],
  );
  const both = unauthorized("a", { headers, challenge: ["Basic", "Bearer"] });
  assertEquals(both.headers.getAll(field), ["Negotiate", "Basic", "Bearer"]);
  assertThrows(() => unauthorized("a", { challenge: "a\r\nb: c" }), TypeError);
});
