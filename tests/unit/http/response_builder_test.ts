import { assert, assertEquals, assertThrows } from "@std/assert";
import { HeaderList, type HeadersLike } from "../../../src/http/headers.ts";
import type { ResponseBody } from "../../../src/http/response.ts";
import { ResponseBuilder } from "../../../src/http/response_builder.ts";
import { HttpStatus } from "../../../src/http/status.ts";
import { bytes } from "./fixtures.ts";

function build(
  steps: (builder: ResponseBuilder) => ResponseBuilder,
): [string, string][] {
  return [...steps(new ResponseBuilder()).build().headers];
}

Deno.test("ResponseBuilder builds an empty 200 by itself", () => {
  const response = new ResponseBuilder().build();
  assertEquals([response.status, response.body], [200, null]);
  assertEquals(response.headers.size, 0);
});

Deno.test("ResponseBuilder chains everything", async () => {
  const response = new ResponseBuilder()
    .status(HttpStatus.CREATED)
    .header("X-Custom", "v")
    .cookie("sid", "1", { httpOnly: true, path: "/" })
    .cookie("theme", "dark")
    .cache({ maxAge: 3600, private: true })
    .etag("v1")
    .lastModified(0)
    .vary("Accept", "Origin")
    .location("/users/7")
    .json({ id: 7 })
    .build();
  assertEquals(response.status, 201);
  assertEquals([...response.headers], [
    ["x-custom", "v"],
    ["set-cookie", "sid=1; Path=/; HttpOnly"],
    ["set-cookie", "theme=dark"],
    ["cache-control", "private, max-age=3600"],
    ["etag", '"v1"'],
    ["last-modified", "Thu, 01 Jan 1970 00:00:00 GMT"],
    ["vary", "Accept, Origin"],
    ["location", "/users/7"],
    ["content-type", "application/json"],
  ]);
  assertEquals(await response.json(), { id: 7 });
});

Deno.test("ResponseBuilder sets bodies with their types", () => {
  const stream = new ReadableStream<Uint8Array>();
  const some = bytes("a");
  const cases: [
    (builder: ResponseBuilder) => ResponseBuilder,
    ResponseBody,
    string | null,
  ][] = [
    [(builder) => builder.text("a"), "a", "text/plain; charset=utf-8"],
    [(builder) => builder.html("<p>"), "<p>", "text/html; charset=utf-8"],
    [(builder) => builder.json("a"), '"a"', "application/json"],
    [(builder) => builder.json(null), "null", "application/json"],
    [(builder) => builder.bytes(some), some, "application/octet-stream"],
    [(builder) => builder.stream(stream), stream, "application/octet-stream"],
    [(builder) => builder.body("a"), "a", null],
    [(builder) => builder.body(null), null, null],
  ];
  for (const [step, body, type] of cases) {
    const response = step(new ResponseBuilder()).build();
    assert(response.body === body);
    assertEquals(response.header("content-type"), type);
  }
});

Deno.test("ResponseBuilder.type() counts before and after the body", () => {
  const type: [string, string][] = [["content-type", "text/csv"]];
  assertEquals(build((b) => b.type("text/csv").text("a")), type);
  assertEquals(build((b) => b.text("a").type("text/csv")), type);
  assertEquals(
    build((b) => b.header("content-TYPE", "text/csv").text("")),
    type,
  );
});

Deno.test("ResponseBuilder lets the later body count with its type", () => {
  const response = new ResponseBuilder().json(1).html("<p>").build();
  assertEquals(response.body, "<p>");
  assertEquals([...response.headers], [
    ["content-type", "text/html; charset=utf-8"],
  ]);
});

Deno.test("ResponseBuilder.header() replaces and append() adds", () => {
  assertEquals(
    build((b) => b.header("a", "1").header("A", "2").append("a", "3")),
    [["a", "2, 3"]],
  );
});

Deno.test("ResponseBuilder.headers() replaces each field that it is given", () => {
  const inits: HeadersLike[] = [
    { a: ["3", "4"], c: "5" },
    new Headers([["a", "3"], ["a", "4"], ["c", "5"]]),
    new HeaderList([["A", "3"], ["a", "4"], ["c", "5"]]),
  ];
  for (const init of inits) {
    assertEquals(
      build((b) => b.header("a", "1").header("b", "2").headers(init)),
      [["b", "2"], ["a", "3, 4"], ["c", "5"]],
    );
  }
});

Deno.test("ResponseBuilder.clearCookie() expires a cookie", () => {
  assertEquals(build((b) => b.clearCookie("sid", { path: "/" })), [[
    "set-cookie",
    "sid=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/",
  ]]);
});

Deno.test("ResponseBuilder.etag() takes a value, a whole tag and its parts", () => {
  const cases: [Parameters<ResponseBuilder["etag"]>[0], string][] = [
    ["v1", '"v1"'],
    ['"v1"', '"v1"'],
    ['W/"v1"', 'W/"v1"'],
    [{ value: "v1", weak: true }, 'W/"v1"'],
    ["", '""'],
  ];
  for (const [tag, value] of cases) {
    assertEquals(build((b) => b.etag(tag)), [["etag", value]]);
  }
  for (const tag of ["a b", 'a"b', "W/v1 ", "a\r\nb: c", "ā"]) {
    assertThrows(() => new ResponseBuilder().etag(tag), TypeError);
  }
});

Deno.test("ResponseBuilder.lastModified() takes a date and milliseconds", () => {
  const value = "Sun, 06 Nov 1994 08:49:37 GMT";
  for (const date of [784111777999, new Date(784111777000)]) {
    assertEquals(build((b) => b.lastModified(date)), [[
      "last-modified",
      value,
    ]]);
  }
  for (const date of [NaN, new Date("never"), Infinity]) {
    assertThrows(() => new ResponseBuilder().lastModified(date), RangeError);
  }
});

Deno.test("ResponseBuilder.vary() adds each name once", () => {
  assertEquals(
    build((b) =>
      b.header("vary", "Accept").vary("origin", "ACCEPT").vary("Origin")
    ),
    [["vary", "Accept, origin"]],
  );
  assertEquals(build((b) => b.vary("Accept", "*")), [["vary", "*"]]);
  assertEquals(build((b) => b.vary("*").vary("Accept")), [["vary", "*"]]);
  assertEquals(build((b) => b.vary()), []);
  for (const name of ["", "a b", "a, b", "a\r\n"]) {
    assertThrows(() => new ResponseBuilder().vary(name), TypeError);
  }
});

Deno.test("ResponseBuilder.location() encodes", () => {
  assertEquals(build((b) => b.location("/a b")), [["location", "/a%20b"]]);
});

Deno.test("ResponseBuilder.trailers() are handed on", () => {
  const trailers = () => ({ "x-sum": "7" });
  const response = new ResponseBuilder().trailers(trailers).build();
  assert(response.trailers === trailers);
});

Deno.test("ResponseBuilder refuses at once what cannot be sent", () => {
  const split = "a\r\nSet-Cookie: b=c";
  const steps: [(builder: ResponseBuilder) => unknown, typeof Error][] = [
    [(builder) => builder.status(199), RangeError],
    [(builder) => builder.status(600), RangeError],
    [(builder) => builder.header("a", split), TypeError],
    [(builder) => builder.header(split, "a"), TypeError],
    [(builder) => builder.append("a", split), TypeError],
    [(builder) => builder.headers({ a: split }), TypeError],
    [(builder) => builder.type(split), TypeError],
    [(builder) => builder.cookie(split, "a"), TypeError],
    [(builder) => builder.cookie("a", split), TypeError],
    [(builder) => builder.cookie("a", "b", { domain: split }), TypeError],
    [(builder) => builder.cookie("a", "b; Secure"), TypeError],
    [(builder) => builder.cookie("a", "b", { maxAge: -1 }), RangeError],
    [(builder) => builder.clearCookie(split), TypeError],
    [(builder) => builder.location(split), TypeError],
    [(builder) => builder.cache({}), TypeError],
    [(builder) => builder.cache({ maxAge: -1 }), RangeError],
    [(builder) => builder.json(undefined), TypeError],
    [(builder) => builder.json(1n), TypeError],
  ];
  for (const [step, kind] of steps) {
    const builder = new ResponseBuilder();
    assertThrows(() => step(builder), kind);
    const response = builder.build();
    assertEquals([response.status, response.headers.size], [200, 0]);
  }
});

Deno.test("ResponseBuilder.cookie() keeps its options from renaming the cookie", () => {
  const options = { name: "evil", value: "evil", secure: true };
  assertEquals(build((b) => b.cookie("a", "b", options)), [
    ["set-cookie", "a=b; Secure"],
  ]);
});

Deno.test("ResponseBuilder.build() gives answers that do not change each other", () => {
  const builder = new ResponseBuilder().header("a", "1").text("one");
  const first = builder.build();
  builder.status(404).header("a", "2").append("b", "3").html("two");
  const second = builder.build();
  second.headers.set("a", "4");
  second.status = 500;
  const third = builder.build();
  assertEquals([first.status, first.body, [...first.headers]], [200, "one", [
    ["a", "1"],
    ["content-type", "text/plain; charset=utf-8"],
  ]]);
  assertEquals([third.status, third.body, [...third.headers]], [404, "two", [
    ["a", "2"],
    ["b", "3"],
    ["content-type", "text/html; charset=utf-8"],
  ]]);
});
