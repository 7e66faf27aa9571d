// What a server must and must not send: RFC 9112 2 to 6, RFC 9110 5 to 8, 15.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { HttpResponse, type HttpServer } from "@x/httpserver";
import { get, post } from "../support/requests.ts";
import { Site } from "../support/site.ts";
import { everyAnswer } from "./site.ts";

const STATUS_LINE = /^HTTP\/1\.1 [1-5]\d\d [\t\x20-\x7e\x80-\xff]*$/;
const FIELD_LINE =
  /^[!#$%&'*+\-.^_`|~\dA-Za-z]+: (?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;
// Fields that stand once at most (RFC 9110 5.3).
const SINGLETONS = [
  "content-length",
  "content-type",
  "date",
  "etag",
  "last-modified",
  "location",
  "retry-after",
  "transfer-encoding",
];

const REQUESTS = [
  get("/text"),
  get("/text", "", "1.0"),
  get("/text", "Connection: keep-alive\r\n", "1.0"),
  get("/text", "Connection: close\r\n"),
  "HEAD /text HTTP/1.1\r\nHost: a\r\n\r\n",
  "HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n",
  get("/json"),
  get("/bytes"),
  get("/stream"),
  get("/stream", "", "1.0"),
  get("/trailers"),
  get("/empty"),
  get("/redirect"),
  get("/hints"),
  get("/throws"),
  get("/none"),
  get("/%zz"),
  get("/status/205"),
  get("/status/299"),
  get("/status/304"),
  get("/error/401"),
  get("/error/503"),
  get("/files/index.html"),
  get("/files/index.html", "Range: bytes=0-3\r\n"),
  get("/files/index.html", "Range: bytes=0-3,9-12\r\n"),
  get("/files/index.html", "Range: bytes=99999999-\r\n"),
  get("/files/images"),
  post("/echo", "body"),
  post("/form", "body"),
  post("/echo", "body", "Expect: 100-continue\r\n"),
  "DELETE /text HTTP/1.1\r\nHost: a\r\n\r\n",
  "OPTIONS /text HTTP/1.1\r\nHost: a\r\n\r\n",
  "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
  "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET /text HTTP/1.1\r\n\r\n",
  "GET /text HTTP/3.0\r\n\r\n",
  "GET text HTTP/1.1\r\n\r\n",
  get("/text", "Transfer-Encoding: gzip, chunked\r\n"),
  get("/text", "Expect: more\r\n"),
  get(`/${"a".repeat(9000)}`),
  get("/text", `A: ${"b".repeat(20_000)}\r\n`),
  post("/echo", "", "Content-Length: 9\r\n"),
];

/** The heads of all answers, interim ones too. */
function headsOf(answers: string): string[] {
  return answers.split(/(?=HTTP\/1\.1 \d{3} )/).map((answer) =>
    answer.slice(0, answer.indexOf("\r\n\r\n"))
  );
}

for (const request of REQUESTS) {
  const asked = request.slice(0, request.indexOf("\r\n")).slice(0, 40);
  const about = `${asked} ${request.slice(-40).trim().split("\r\n").at(-1)}`;

  Deno.test(`HttpServer writes heads by the grammar when asked ${about}`, async () => {
    await using site = await Site.start(everyAnswer);
    const heads = headsOf(await site.exchange(request));
    assert(heads.length > 0);
    for (const head of heads) {
      const [line, ...fields] = head.split("\r\n");
      assertMatch(line, STATUS_LINE);
      for (const field of fields) assertMatch(field, FIELD_LINE);
      checkFields(fields.map((field) => field.split(": ")[0].toLowerCase()));
      assert(!/^HTTP\/1\.1 [234]/.test(line) || /\r\ndate: /i.test(head), head);
    }
  });
}

function checkFields(names: readonly string[]): void {
  for (const singleton of SINGLETONS) {
    const count = names.filter((name) => name === singleton).length;
    assert(count <= 1, `${count} of ${singleton}`);
  }
  const isFramedTwice = names.includes("content-length") &&
    names.includes("transfer-encoding");
  assert(!isFramedTwice, "Content-Length and Transfer-Encoding");
}

Deno.test("HttpServer sends the space behind a status code that has no phrase", async () => {
  await using site = await Site.start(everyAnswer);
  using client = await site.connect();
  const { line } = await client.ask(get("/status/299"));
  assertEquals(line, "HTTP/1.1 299 ");
});

const FRAMINGS: [string, string][] = [
  ["Transfer-Encoding", "chunked"],
  ["Transfer-Encoding", "gzip"],
  ["Transfer-Encoding", "gzip, chunked"],
  ["Content-Length", "3"],
  ["Connection", "cache-control"],
  ["Keep-Alive", "timeout=5"],
];

function answerWith(
  fields: [string, string][],
  body: () => BodyInit | null,
): (server: HttpServer) => void {
  return (server) => {
    server.get("/:status", ({ params }) => {
      const status = Number(params.status);
      const sent = body() as ReadableStream<Uint8Array> | string | null;
      return new HttpResponse({ status, headers: fields, body: sent });
    });
  };
}

// Never at hand when the head is written.
function slowStream(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      controller.enqueue(new TextEncoder().encode("abc"));
      controller.close();
    },
  });
}

for (const field of FRAMINGS) {
  const name = field.join(": ");

  Deno.test(`HttpServer frames an answer once when a handler sets ${name}`, async () => {
    await using site = await Site.start(answerWith([field], () => "abc"));
    using client = await site.connect();
    const { fields, text } = await client.ask(get("/200"));
    assertEquals(text, "abc");
    const names = ["content-length", "transfer-encoding", "connection"];
    assertEquals(fields.filter(([key]) => names.includes(key)), [
      ["content-length", "3"],
    ]);
    assertEquals((await client.ask(get("/200"))).text, "abc");
  });

  Deno.test(`HttpServer sends one coding of a stream when a handler sets ${name}`, async () => {
    await using site = await Site.start(answerWith([field], slowStream));
    using client = await site.connect();
    const { fields, text } = await client.ask(get("/200"));
    assertEquals(text, "abc");
    const framing = fields.filter(([key]) =>
      key === "content-length" || key === "transfer-encoding"
    );
    assertEquals(framing.length, 1);
    assertEquals((await client.ask(get("/200"))).text, "abc");
  });

  for (const status of [204, 304]) {
    Deno.test(`HttpServer sends no framing with ${status} when a handler sets ${name}`, async () => {
      await using site = await Site.start(answerWith([field], slowStream));
      using client = await site.connect();
      const answer = await client.ask(get(`/${status}`));
      assertEquals(answer.header("transfer-encoding"), null);
      assertEquals(answer.header("content-length"), null);
      assertEquals((await client.ask(get("/200"))).text, "abc");
    });
  }

  Deno.test(`HttpServer sends no Transfer-Encoding to HTTP/1.0 when a handler sets ${name}`, async () => {
    await using site = await Site.start(answerWith([field], slowStream));
    using client = await site.connect();
    const answer = await client.ask(get("/200", "", "1.0"));
    assertEquals(answer.header("transfer-encoding"), null);
    assertEquals([answer.text, answer.complete], ["abc", true]);
    assert(await client.ends());
  });
}

for (
  const path of ["/text", "/json", "/bytes", "/empty", "/files/index.html"]
) {
  Deno.test(`HttpServer answers HEAD with the head of GET when asked for ${path}`, async () => {
    await using site = await Site.start(everyAnswer);
    using client = await site.connect();
    const whole = await client.ask(get(path));
    const head = await client.ask(`HEAD ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    assertEquals(head.line, whole.line);
    assertEquals(head.fields, whole.fields);
    // No byte of content: what comes next is the next answer.
    assertEquals((await client.ask(get("/text"))).text, "text");
  });
}

Deno.test("HttpServer sends Upgrade and its connection option with 426", async () => {
  await using site = await Site.start((server) => {
    const headers = { upgrade: "HTTP/3.0" };
    server.get("/", () => new HttpResponse({ status: 426, headers }));
    server.get("/other", () => new HttpResponse({ headers }));
  });
  using client = await site.connect();
  const answer = await client.ask(get("/"));
  assertEquals(answer.header("upgrade"), "HTTP/3.0");
  assertEquals(answer.header("connection"), "upgrade");
  const closing = await client.ask(get("/", "Connection: close\r\n"));
  assertEquals(closing.header("connection"), "upgrade, close");
  using another = await site.connect();
  const other = await another.ask(get("/other"));
  assertEquals([other.header("upgrade"), other.header("connection")], [
    null,
    null,
  ]);
});

Deno.test("HttpServer sends a challenge with 401 whoever makes it", async () => {
  await using site = await Site.start(everyAnswer);
  using client = await site.connect();
  const answer = await client.ask(get("/error/401"));
  assertEquals(answer.status, 401);
  assertMatch(
    answer.header("www-authenticate") ?? "",
    /^[A-Za-z]+ [a-z]+="[^"]*"$/,
  );
});

Deno.test("HttpServer lists the methods of a resource without empty members", async () => {
  await using site = await Site.start(everyAnswer);
  using client = await site.connect();
  for (const method of ["DELETE", "OPTIONS"]) {
    const request = `${method} /text HTTP/1.1\r\nHost: a\r\n\r\n`;
    const allow = (await client.ask(request)).header("allow") ?? "";
    assertMatch(allow, /^[A-Z]+(?:, [A-Z]+)*$/);
    assert(allow.split(", ").includes("GET"), allow);
  }
});

Deno.test("HttpServer says nothing of codings with a 415 for another reason", async () => {
  await using site = await Site.start(everyAnswer);
  using client = await site.connect();
  const type = "Content-Type: text/plain\r\n";
  const answer = await client.ask(post("/form", "a", type));
  assertEquals(answer.status, 415);
  assertEquals(answer.header("accept-encoding"), null);
});

Deno.test("HttpServer sends 206 and 304 with the fields that its 200 has", async () => {
  await using site = await Site.start(everyAnswer);
  using client = await site.connect();
  const path = "/files/index.html";
  const whole = await client.ask(get(path));
  const kept = ["cache-control", "date", "etag", "vary", "last-modified"];
  const fieldsOf = (answer: typeof whole) =>
    kept.map((name) => [name, answer.header(name)]);
  const range = "Range: bytes=0-3\r\n";
  const part = await client.ask(get(path, range));
  assertEquals(part.status, 206);
  assertEquals(fieldsOf(part), fieldsOf(whole));
  assertEquals(part.header("content-type"), whole.header("content-type"));
  const condition = `If-None-Match: ${whole.header("etag")}\r\n`;
  const unchanged = await client.ask(get(path, condition));
  assertEquals(unchanged.status, 304);
  assertEquals(fieldsOf(unchanged), fieldsOf(whole));
});
