/** Requests without a socket: which there can be, and what they carry. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { HttpServer, type InjectInit, ok, text } from "@x/httpserver";

function echo(): HttpServer {
  return new HttpServer().all("/*path", async (request) =>
    ok({
      method: request.method,
      target: request.target,
      host: request.header("host"),
      authority: request.authority,
      type: request.header("content-type"),
      length: request.header("content-length"),
      body: await request.text(),
    }));
}

const bytes = new TextEncoder().encode("bytes");

for (
  const [about, init, told] of [
    ["a path without a slash", { path: "users" }, '"GET users"'],
    ["an empty path", { path: "" }, '"GET "'],
    ["a space", { path: "/a b" }, '"GET /a b"'],
    ["a letter beyond ASCII", { path: "/é" }, "/é"],
    ["a fragment", { path: "/a#b" }, "/a#b"],
    ["a backslash", { path: "/a\\b" }, "400"],
    ["a line end", { path: "/ HTTP/1.1\r\nX-A: b" }, "400"],
    ["a line end ahead", { method: "\r\nGET" }, "400"],
    ["an asterisk with GET", { path: "*" }, '"GET *"'],
    ["a scheme that is none", { path: "ftp://a/" }, "ftp"],
    ["CONNECT", { method: "CONNECT", path: "a:1" }, "501"],
    ["a method that is no token", { method: "GE T" }, '"GE T /"'],
    ["an empty method", { method: "" }, '" /"'],
    ["a list of hosts", { headers: { host: "a, b" } }, '"a, b"'],
    ["a host with userinfo", { headers: { host: "u@a" } }, '"u@a"'],
    ["an unknown option", { url: "/x" }, '"url" among the options of inject()'],
    ["no options", null, "Cannot use null as options of inject()"],
  ] as const
) {
  Deno.test(`HttpServer.inject() rejects when given ${about}`, async () => {
    await assertRejects(
      () => echo().inject(init as unknown as InjectInit),
      TypeError,
      told,
    );
  });
}

Deno.test("HttpServer.inject() takes each target that can arrive", async () => {
  const long = "/" + "a".repeat(20_000);
  for (
    const path of [
      "/",
      "/?",
      "/a%20b?c={d}",
      "/a|b^[c]",
      "//a",
      "/a/../b",
      long,
    ]
  ) {
    const response = await echo().inject({ path });
    assertEquals((await response.json<{ target: string }>()).target, path);
  }
  const server = new HttpServer().get("/x", (request) =>
    text(
      `${request.authority} ${request.header("host")} ${request.rawHeaders}`,
    ));
  const response = await server.inject({
    path: "http://b:8/x",
    headers: { Host: "a" },
  });
  assertEquals(await response.text(), "b:8 b:8 Host,b:8");
  const options = await server.inject({ method: "OPTIONS", path: "*" });
  assertEquals(options.status, 204);
});

async function* pieces(): AsyncGenerator<Uint8Array> {
  yield bytes;
  yield await Promise.resolve(bytes);
}

const form = new FormData();
form.append("a", "1");
form.append("f", new File(["x"], "f.txt", { type: "text/plain" }));
const ascii = "application/octet-stream";

for (
  const [about, body, type, expected] of [
    ["text", "hé", "text/plain; charset=utf-8", "hé"],
    ["a Uint8Array", bytes, ascii, "bytes"],
    ["an ArrayBuffer", bytes.buffer, ascii, "bytes"],
    ["a part of a buffer", new DataView(bytes.buffer, 1, 3), ascii, "yte"],
    ["a Blob", new Blob(["b"], { type: "image/png" }), "image/png", "b"],
    ["a Blob without a type", new Blob(["b"]), null, "b"],
    [
      "URLSearchParams",
      new URLSearchParams({ a: "1 2", b: "é" }),
      "application/x-www-form-urlencoded;charset=UTF-8",
      "a=1+2&b=%C3%A9",
    ],
    ["a stream", new Blob(["stream"]).stream(), ascii, "stream"],
    ["an async iterable", pieces(), ascii, "bytesbytes"],
    ["an object", { a: [1] }, "application/json", '{"a":[1]}'],
    ["a number", 7, "application/json", "7"],
    ["false", false, "application/json", "false"],
  ] as const
) {
  Deno.test(`HttpServer.inject() sends what it is when given ${about}`, async () => {
    const response = await echo().inject({ method: "POST", body });
    const got = await response.json<Record<string, string | null>>();
    assertEquals(got.body, expected);
    assertEquals(got.type, type);
    const isStream = about === "a stream" || about === "an async iterable";
    const length = new TextEncoder().encode(expected).length;
    assertEquals(got.length, isStream ? null : `${length}`);
  });
}

Deno.test("HttpServer.inject() sends FormData with its boundary", async () => {
  const server = new HttpServer().post("/", async (request) => {
    assertMatch(
      request.header("content-type") ?? "",
      /^multipart\/form-data; boundary=\S+$/,
    );
    const got = await request.formData();
    const file = got.get("f");
    return ok({
      a: got.get("a"),
      name: file instanceof File && file.name,
      text: file instanceof File && await file.text(),
    });
  });
  const response = await server.inject({ method: "POST", body: form });
  assertEquals(await response.json(), { a: "1", name: "f.txt", text: "x" });
});

Deno.test("HttpServer.inject() leaves a type that is given", async () => {
  const response = await echo().inject({
    method: "POST",
    headers: { "content-type": "application/vnd.a+json" },
    body: {},
  });
  const { type } = await response.json<{ type: string }>();
  assertEquals(type, "application/vnd.a+json");
});

Deno.test("HttpServer.inject() rejects a body that cannot be sent", async () => {
  for (const body of [() => 1, Symbol("a"), 1n, Promise.resolve(1)]) {
    await assertRejects(
      () => echo().inject({ method: "POST", body }),
      TypeError,
    );
  }
});

Deno.test("HttpServer.inject() has no body when that is empty", async () => {
  const server = new HttpServer()
    .post("/", (request) => text(`${request.body}`));
  for (const body of ["", new Uint8Array(0), undefined, null]) {
    const response = await server.inject({ method: "POST", body });
    assertEquals(await response.text(), "null");
  }
});

Deno.test("HttpServer answers 501 when a method is none of the web's", async () => {
  const logs: unknown[] = [];
  const server = new HttpServer({ log: (record) => logs.push(record) })
    .all("/", (request) => new Response(request.toWeb().method));
  assertEquals((await server.inject({ method: "TRACE" })).status, 501);
  assertEquals((await server.inject({ method: "PURGE" })).status, 200);
});
