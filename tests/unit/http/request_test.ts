import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { HttpError } from "../../../src/http/errors.ts";
import type {
  FormFields,
  FormTreeOptions,
} from "../../../src/http/form_tree.ts";
import { HeaderSection } from "../../../src/http/headers.ts";
import { abortRequest, bodyOf } from "../../../src/http/request.ts";
import { setRoute } from "../../../src/routing/set_route.ts";
import {
  MemoryBodySource,
  RequestBody,
} from "../../../src/http/request_body.ts";
import { bytes, fakeRequest, fakeTransport, PieceSource } from "./fixtures.ts";

function memory(text: string): RequestBody {
  return new RequestBody(new MemoryBodySource(bytes(text)));
}

Deno.test("HttpRequest has the parts that it was made from", () => {
  const transport = fakeTransport({ secure: true });
  const request = fakeRequest({
    method: "PURGE",
    target: "http://a/b?c",
    version: "1.0",
    isKeepAlive: false,
    transport,
  });
  assertEquals(request.method, "PURGE");
  assertEquals(request.target, "http://a/b?c");
  assertEquals(request.version, "1.0");
  assertEquals(request.authority, "example.com");
  assertFalse(request.isKeepAlive);
  assert(request.secure);
  assertStrictEquals(request.server, transport.server);
  assertStrictEquals(request.remoteAddress, transport.remoteAddress);
});

Deno.test("HttpRequest.header() joins repeats like headers.get()", () => {
  const request = fakeRequest(
    {},
    ["Accept", "a"],
    ["Cookie", "x=1"],
    ["accept", "b"],
    ["cookie", "y=2"],
  );
  // First from the section, then from the list that was made meanwhile.
  for (let round = 0; round < 2; round++) {
    assertEquals(request.header("ACCEPT"), "a, b");
    assertEquals(request.header("cookie"), "x=1; y=2");
    assertEquals(request.header("x-missing"), null);
    assertEquals(request.headers.get("Accept"), "a, b");
  }
  assertEquals([...request.headers], [
    ["accept", "a, b"],
    ["cookie", "x=1; y=2"],
  ]);
  assertEquals(request.rawHeaders, [
    ["Accept", "a"],
    ["Cookie", "x=1"],
    ["accept", "b"],
    ["cookie", "y=2"],
  ]);
});

Deno.test("HttpRequest.rawHeaders stays as sent when headers are changed", () => {
  const request = fakeRequest({}, ["X-A", "1"]);
  request.headers.set("x-a", "2");
  assertEquals(request.rawHeaders, [["X-A", "1"]]);
  assertEquals(request.header("x-a"), "2");
});

Deno.test("HttpRequest reads its fields from a section's text", () => {
  const section = new HeaderSection("Host: a\r\nX-One:  1 \r\n");
  const request = fakeRequest({ section });
  assertEquals(request.header("x-one"), "1");
  assertEquals(request.rawHeaders, [["Host", "a"], ["X-One", "1"]]);
});

Deno.test("HttpRequest.path is decoded once and keeps encoded slashes", () => {
  const cases: [target: string, path: string][] = [
    ["/a%20b?c=%20", "/a b"],
    ["/a%2Fb", "/a%2Fb"],
    ["/a%252Fb", "/a%2Fb"],
    ["http://host/x%41", "/xA"],
    ["*", "*"],
  ];
  for (const [target, path] of cases) {
    assertEquals(fakeRequest({ target }).path, path);
  }
});

Deno.test("HttpRequest.path answers 400 each time to a bad escape", () => {
  for (const target of ["/%", "/%00", "/%ff"]) {
    const request = fakeRequest({ target });
    for (let round = 0; round < 2; round++) {
      const error = assertThrows(() => request.path, HttpError);
      assertEquals(error.status, 400);
    }
  }
});

Deno.test("HttpRequest.query reads the query and not the path", () => {
  const request = fakeRequest({ target: "/a?b=1&b=%C3%A4+c&d" });
  assertEquals([...request.query], [["b", "1"], ["b", "ä c"], ["d", ""]]);
  assertStrictEquals(request.query, request.query);
  assertEquals([...fakeRequest({ target: "/a" }).query], []);
  // A bad escape in a query is no error on the web either.
  assertEquals(fakeRequest({ target: "/?a=%" }).query.get("a"), "%");
});

Deno.test("HttpRequest.url joins scheme, authority and target", () => {
  const cases: [target: string, authority: string, url: string][] = [
    ["/a?b=c", "example.com", "http://example.com/a?b=c"],
    ["/", "example.com:8080", "http://example.com:8080/"],
    ["/", "example.com:80", "http://example.com/"],
    ["/", "[::1]:8000", "http://[::1]:8000/"],
    ["/", "", "http://localhost/"],
    ["/", "EXAMPLE.com", "http://example.com/"],
    ["*", "a", "http://a/"],
    ["http://a/b?c", "a", "http://a/b?c"],
    ["//evil.test/x", "a", "http://a//evil.test/x"],
    ["/a%2Fb", "a", "http://a/a%2Fb"],
    ["/@evil.test", "a", "http://a/@evil.test"],
    ["/?", "a", "http://a/"],
  ];
  for (const [target, authority, url] of cases) {
    assertEquals(fakeRequest({ target, authority }).url.href, url);
  }
});

Deno.test("HttpRequest.url is https over TLS and made once", () => {
  const transport = fakeTransport({ secure: true });
  const request = fakeRequest({ transport, authority: "a:443" });
  assertEquals(request.url.href, "https://a/");
  assertStrictEquals(request.url, request.url);
});

Deno.test("HttpRequest.url answers 400 to a host that no URL can have", () => {
  for (const authority of ["a:99999", "[", "a b", "999.1.1.1", "%00", ":80"]) {
    const request = fakeRequest({ authority });
    const error = assertThrows(() => request.url, HttpError, "host");
    assertEquals(error.status, 400, authority);
  }
});

Deno.test("HttpRequest.cookies reads all Cookie fields", () => {
  const request = fakeRequest({}, ["Cookie", "a=1; b=2"], ["Cookie", "c=3"]);
  assertEquals([...request.cookies], [["a", "1"], ["b", "2"], ["c", "3"]]);
  assertStrictEquals(request.cookies, request.cookies);
  assertEquals(fakeRequest().cookies.size, 0);
});

Deno.test("HttpRequest.ip is the peer's address and empty without one", () => {
  assertEquals(fakeRequest().ip, "192.0.2.7");
  const transport = fakeTransport({
    remoteAddress: { transport: "unix", path: "/run/a.sock" },
  });
  assertEquals(fakeRequest({ transport }).ip, "");
});

Deno.test("HttpRequest.id is made once and can be set", () => {
  const request = fakeRequest();
  assertMatch(request.id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assertEquals(request.id, request.id);
  assert(request.id !== fakeRequest().id);
  request.id = "abc";
  assertEquals(request.id, "abc");
});

Deno.test("HttpRequest.state is one object for all who ask", () => {
  const request = fakeRequest();
  Object.assign(request.state, { user: "a" });
  assertEquals(request.state, { user: "a" });
  assertEquals(fakeRequest().state, {});
});

Deno.test("HttpRequest.params are none without a route", () => {
  const request = fakeRequest();
  assertEquals(Object.keys(request.params), []);
  assertEquals(request.params.constructor, undefined);
  assertEquals(request.route, null);
});

Deno.test("HttpRequest is shown by what it asks for, not by what it is allowed", () => {
  const request = fakeRequest({ target: "/a?b=c" }, ["Cookie", "s=1"]);
  setRoute(request, "/:id", { id: "7" });
  const shown = Deno.inspect([request]);
  assertStringIncludes(shown, "HttpRequest {");
  for (const part of ['"GET"', '"/a?b=c"', '"1.1"', '"/:id"', 'id: "7"']) {
    assertStringIncludes(shown, part);
  }
  assertFalse(shown.includes("s=1"));
});

Deno.test("setRoute() writes the pattern and the parameters", () => {
  const request = fakeRequest();
  setRoute(request, "/a", null);
  assertEquals(request.route, "/a");
  assertEquals(Object.keys(request.params), []);
  setRoute(request, "/:id", { id: "7" });
  assertEquals([request.route, request.params.id], ["/:id", "7"]);
});

Deno.test("abortRequest() aborts a signal, asked for before or after", () => {
  const reason = new Error("gone");
  const before = fakeRequest();
  const { signal } = before;
  assertFalse(signal.aborted);
  abortRequest(before, reason);
  assert(signal.aborted);
  assertStrictEquals(signal.reason, reason);
  assertStrictEquals(before.signal, signal);

  const after = fakeRequest();
  abortRequest(after, reason);
  abortRequest(after, new Error("a later one"));
  assert(after.signal.aborted);
  assertStrictEquals(after.signal.reason, reason);
});

Deno.test("HttpRequest without a body reads as empty", async () => {
  const request = fakeRequest({ method: "POST" });
  assertEquals(request.body, null);
  assertEquals(request.contentLength, 0);
  assertFalse(request.bodyUsed);
  for (let round = 0; round < 2; round++) {
    assertEquals(await request.bytes(), new Uint8Array(0));
    assertEquals(await request.text(), "");
    assertEquals((await request.trailers()).size, 0);
  }
  assertEquals(bodyOf(request), null);
});

Deno.test("HttpRequest.json() answers 400 without a body", async () => {
  const error = await assertRejects(() => fakeRequest().json(), HttpError);
  assertEquals([error.status, error.message], [400, "The request has no body"]);
});

Deno.test("HttpRequest.formData() judges an empty body by its type", async () => {
  const type = "application/x-www-form-urlencoded";
  const form = await fakeRequest({}, ["Content-Type", type]).formData();
  assertEquals([...form], []);
  const error = await assertRejects(() => fakeRequest().formData(), HttpError);
  assertEquals(error.status, 415);
});

Deno.test("HttpRequest reads its body in every way", async () => {
  const make = (text: string) => fakeRequest({ body: memory(text) });
  assertEquals(await make("a").bytes(), bytes("a"));
  assertEquals(await make("ä").text(), "ä");
  assertEquals(await make('{"a":1}').json(), { a: 1 });
  assertEquals(await new Response(make("a").body).text(), "a");
  const form = fakeRequest(
    { body: memory("a=1") },
    ["content-type", "application/x-www-form-urlencoded"],
  );
  assertEquals((await form.formData()).get("a"), "1");
  assertEquals(make("abc").contentLength, 3);
});

Deno.test("HttpRequest.json() refuses keys that poison prototypes", async () => {
  const make = () => fakeRequest({ body: memory('{"a":1,"__proto__":{}}') });
  const error = await assertRejects(() => make().json(), HttpError);
  assertEquals(error.status, 400);
  assertEquals(await make().json({ proto: "remove" }), { a: 1 });
  const value = await make().json<object>({ proto: "allow" });
  assertEquals(Object.keys(value), ["a", "__proto__"]);
});

Deno.test("HttpRequest.formData() and form() bound what they read", async () => {
  const type = "application/x-www-form-urlencoded";
  const make = (text: string) =>
    fakeRequest({ body: memory(text) }, ["content-type", type]);
  const fields = await make("a[b]=1&c=2").form();
  assertEquals({ ...fields, a: { ...fields.a as FormFields } }, {
    a: { b: "1" },
    c: "2",
  });
  const cases: [number, () => Promise<unknown>][] = [
    [413, () => make("a=1&b=2").formData({ fields: 1 })],
    [413, () => make("a=1&b=2").form({ fields: 1 })],
    [413, () => make("&a".repeat(1001)).formData()],
    [400, () => make("a[b][c]=1").form({ depth: 1 })],
    [400, () => make("a[1][2][3][4][5][6]=1").form()],
    [400, () => make("a=1&a[b]=1").form()],
    [415, () => fakeRequest({ body: memory("a=1") }).form()],
  ];
  for (const [status, read] of cases) {
    const error = await assertRejects(read, HttpError);
    assertEquals(error.status, status);
  }
  await assertRejects(
    () => make("a=1").form({ dept: 1 } as FormTreeOptions),
    TypeError,
    '"dept"',
  );
  await assertRejects(() => make("a=1").form({ depth: -1 }), RangeError);
  await assertRejects(() => make("a=1").formData({ files: -1 }), RangeError);
});

Deno.test("HttpRequest negotiates by its fields", () => {
  const request = fakeRequest(
    {},
    ["Accept", "text/html;q=0.5, application/json"],
    ["Accept-Encoding", "gzip, br;q=0.5"],
    ["Accept-Language", "de-CH, en;q=0.5"],
  );
  assertEquals(
    request.accepts("text/html", "application/json"),
    "application/json",
  );
  assertEquals(request.accepts("image/png"), null);
  assertEquals(request.acceptsEncodings("br", "gzip"), "gzip");
  assertEquals(request.acceptsEncodings("zstd"), "identity");
  assertEquals(request.acceptsLanguages("en", "de"), "de");
  assertEquals(request.acceptsLanguages("ja"), null);
  assertThrows(() => request.accepts("json"), TypeError, '"json"');
  const any = fakeRequest();
  assertEquals(any.accepts("text/html", "text/plain"), "text/html");
  assertEquals(any.acceptsEncodings("br"), "identity");
  assertEquals(any.acceptsLanguages("en", "de"), "en");
});

Deno.test("HttpRequest refuses to read its body twice", async () => {
  const request = fakeRequest({ body: memory("a") });
  assertFalse(request.bodyUsed);
  await request.text();
  assert(request.bodyUsed);
  await assertRejects(() => request.text(), TypeError, "twice");
  await assertRejects(() => request.json(), TypeError, "twice");
  assertThrows(() => request.body, TypeError, "twice");
});

Deno.test("HttpRequest.body is the same stream each time", async () => {
  const request = fakeRequest({ body: memory("a") });
  assertStrictEquals(request.body, request.body);
  await request.body?.cancel();
});

Deno.test("HttpRequest.trailers() rejects before the end of the body", async () => {
  const body = new RequestBody(new PieceSource(["a"]));
  const request = fakeRequest({ body });
  await assertRejects(() => request.trailers(), TypeError, "read the body");
  await request.text();
  assertEquals((await request.trailers()).get("X-Sum"), "7");
});

Deno.test("HttpRequest.earlyHints() asks the transport but for HTTP/1.0", async () => {
  const transport = fakeTransport();
  const links = ["</a.css>; rel=preload; as=style"];
  await fakeRequest({ transport }).earlyHints(links);
  await fakeRequest({ transport, version: "1.0" }).earlyHints(["</b>"]);
  assertEquals(transport.hints, [links]);
});

Deno.test("HttpRequest.toWeb() makes a Request with the same parts", async () => {
  const request = fakeRequest(
    { method: "POST", target: "/a?b=c", body: memory("hello") },
    ["X-A", "1"],
    ["x-a", "2"],
  );
  const web = request.toWeb();
  assertEquals(web.method, "POST");
  assertEquals(web.url, "http://example.com/a?b=c");
  assertEquals(web.headers.get("x-a"), "1, 2");
  assertEquals(await web.text(), "hello");
});

Deno.test("HttpRequest.toWeb() leaves out the body of GET and HEAD", () => {
  for (const method of ["GET", "HEAD"]) {
    const request = fakeRequest({ method, body: memory("a") });
    assertEquals(request.toWeb().body, null);
    assertFalse(request.bodyUsed);
  }
});

Deno.test("HttpRequest.toWeb() passes the abort on", () => {
  const request = fakeRequest();
  const { signal } = request.toWeb();
  abortRequest(request, new Error("gone"));
  assert(signal.aborted);
});

Deno.test("HttpRequest.toWeb() refuses a method that the web forbids", () => {
  for (const method of ["CONNECT", "TRACE", "TRACK", "trace", "Connect"]) {
    const error = assertThrows(
      () => fakeRequest({ method }).toWeb(),
      HttpError,
      method,
    );
    assertEquals(error.status, 501);
  }
  for (const method of ["CONNECTS", "XTRACE", "PURGE"]) {
    assertEquals(fakeRequest({ method }).toWeb().method, method);
  }
});
