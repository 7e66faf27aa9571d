import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { fieldLines, HeaderList } from "../../../src/http/headers.ts";
import { HttpResponse, type ResponseBody } from "../../../src/http/response.ts";
import { bytes } from "./fixtures.ts";

async function* iterate(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(bytes(text));
}

function stream(text: string): ReadableStream<Uint8Array> {
  return ReadableStream.from([bytes(text)]);
}

Deno.test("HttpResponse has defaults", () => {
  const response = new HttpResponse();
  assertEquals(response.status, 200);
  assertEquals([...response.headers], []);
  assertEquals(response.body, null);
  assertEquals(response.trailers, undefined);
  assertEquals(response.error, undefined);
  assert(response.ok);
});

Deno.test("HttpResponse takes headers in every shape", () => {
  const shapes = [
    { "x-a": "1" },
    [["x-a", "1"]] as [string, string][],
    new Headers({ "x-a": "1" }),
    new HeaderList({ "x-a": "1" }),
  ];
  for (const headers of shapes) {
    assertEquals(new HttpResponse({ headers }).header("X-A"), "1");
  }
});

Deno.test("HttpResponse does not share the list it was given", () => {
  const headers = new HeaderList({ vary: "Accept" });
  for (let round = 0; round < 2; round++) {
    const response = new HttpResponse({ headers });
    response.headers.append("vary", "Origin");
    assertEquals(response.header("vary"), "Accept, Origin");
  }
  assertEquals(headers.get("vary"), "Accept");
});

Deno.test("HttpResponse keeps the identity of constant lines", () => {
  const lines = fieldLines(["Content-Type", "a/b"]);
  const response = new HttpResponse({ headers: HeaderList.from(lines) });
  assertStrictEquals(response.headers.lines, lines);
});

Deno.test("HttpResponse refuses a status that is not final", () => {
  const response = new HttpResponse();
  for (const status of [100, 101, 199, 600, 0, -200, 200.5, NaN, Infinity]) {
    const message = `status ${status}`;
    assertThrows(() => new HttpResponse({ status }), RangeError, message);
    assertThrows(() => response.status = status, RangeError, message);
  }
  assertEquals(response.status, 200);
  for (const status of [200, 204, 299, 418, 599]) {
    response.status = status;
    assertEquals(response.status, status);
    assertEquals(response.ok, status < 300);
  }
});

Deno.test("HttpResponse refuses headers that split the answer", () => {
  const value = "/a\r\nSet-Cookie: b=c";
  assertThrows(
    () => new HttpResponse({ headers: { location: value } }),
    TypeError,
  );
});

Deno.test("HttpResponse reads every kind of body", async () => {
  const bodies: (() => ResponseBody)[] = [
    () => '{"ä":1}',
    () => bytes('{"ä":1}'),
    () => stream('{"ä":1}'),
    () => iterate('{"', "ä", '":1}'),
  ];
  for (const make of bodies) {
    assertEquals(await new HttpResponse({ body: make() }).text(), '{"ä":1}');
    assertEquals(
      await new HttpResponse({ body: make() }).bytes(),
      bytes('{"ä":1}'),
    );
    assertEquals(await new HttpResponse({ body: make() }).json(), { "ä": 1 });
    assertEquals(
      await new HttpResponse({ body: make() }).toWeb().text(),
      '{"ä":1}',
    );
  }
});

Deno.test("HttpResponse reads no body as empty", async () => {
  assertEquals(await new HttpResponse().text(), "");
  assertEquals(await new HttpResponse().bytes(), new Uint8Array(0));
});

Deno.test("HttpResponse.toWeb() carries status, phrase and fields", async () => {
  const response = new HttpResponse({
    status: 404,
    headers: { "set-cookie": ["a=1", "b=2"], "x-a": "1" },
    body: "gone",
  });
  const web = response.toWeb();
  assertEquals([web.status, web.statusText], [404, "Not Found"]);
  assertEquals(web.headers.getSetCookie(), ["a=1", "b=2"]);
  assertEquals(web.headers.get("x-a"), "1");
  assertEquals(web.headers.get("content-type"), null);
  assertEquals(await web.text(), "gone");
});

Deno.test("HttpResponse.toWeb() leaves out content where the web refuses it", () => {
  for (const status of [204, 205, 304]) {
    const web = new HttpResponse({ status, body: "a" }).toWeb();
    assertEquals([web.status, web.body], [status, null]);
  }
});

Deno.test("HttpResponse.from() takes over a Response", async () => {
  const web = new Response("hello", {
    status: 201,
    headers: [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"], ["X-A", "1"]],
  });
  const response = HttpResponse.from(web);
  assertEquals(response.status, 201);
  assertEquals(response.headers.getSetCookie(), ["a=1", "b=2"]);
  assertEquals(response.header("x-a"), "1");
  assertEquals(response.header("content-type"), "text/plain;charset=UTF-8");
  assertEquals(await response.text(), "hello");
});

Deno.test("HttpResponse.from() takes a Response without content", () => {
  const response = HttpResponse.from(new Response(null, { status: 304 }));
  assertEquals([response.status, response.body], [304, null]);
  const redirect = HttpResponse.from(Response.redirect("http://a/b", 307));
  assertEquals([redirect.status, redirect.header("location")], [
    307,
    "http://a/b",
  ]);
});

Deno.test("HttpResponse.from() refuses a used body and Response.error()", async () => {
  const used = new Response("a");
  await used.text();
  assertThrows(() => HttpResponse.from(used), TypeError, "body was used");
  assertThrows(
    () => HttpResponse.from(Response.error()),
    TypeError,
    "status 0",
  );
});

Deno.test("HttpResponse.from() and toWeb() undo each other", async () => {
  const web = new Response("a", { status: 418, headers: { "x-a": "1" } });
  const back = HttpResponse.from(web).toWeb();
  assertEquals([back.status, back.statusText], [418, "I'm a teapot"]);
  assertEquals(back.headers.get("x-a"), "1");
  assertEquals(await back.text(), "a");
});

Deno.test("HttpResponse.json() rejects what is no JSON", async () => {
  const response = new HttpResponse({ body: "hello" });
  await assertRejects(() => response.json(), SyntaxError);
});

Deno.test("HttpResponse passes on an error of its stream", async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(bytes("a"));
    throw new Error("disk on fire");
  }
  const response = new HttpResponse({ body: broken() });
  await assertRejects(() => response.text(), Error, "disk on fire");
});
