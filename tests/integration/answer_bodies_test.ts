/** The bodies of answers, and how their length is told. */
import { assert, assertEquals } from "@std/assert";
import { FileBody, HttpResponse, type ResponseBody } from "@x/httpserver";
import { get } from "../support/requests.ts";
import { Site } from "../support/site.ts";

const ENCODER = new TextEncoder();

function bytes(length: number): Uint8Array {
  return new Uint8Array(length).map((_, at) => at * 7);
}

async function openTemporary(content: Uint8Array): Promise<Deno.FsFile> {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, content);
  const file = await Deno.open(path);
  await Deno.remove(path);
  return file;
}

async function* iterate(pieces: readonly Uint8Array[]) {
  for (const piece of pieces) yield await Promise.resolve(piece);
}

type MakeBody = () => ResponseBody | Promise<ResponseBody>;

// A body, what it is on the wire, and how its length is told.
const BODIES: readonly [
  name: string,
  body: MakeBody,
  sent: Uint8Array,
  framing: "length" | "any",
][] = [
  ["nothing", () => null, bytes(0), "length"],
  ["an empty string", () => "", bytes(0), "length"],
  ["ASCII", () => "hello", ENCODER.encode("hello"), "length"],
  [
    "short text of two bytes a character",
    () => "äöü",
    ENCODER.encode("äöü"),
    "length",
  ],
  [
    "long text of four bytes a character",
    () => "😀".repeat(5000),
    ENCODER.encode("😀".repeat(5000)),
    "length",
  ],
  ["a lone surrogate", () => "a\ud800b", ENCODER.encode("a\ufffdb"), "length"],
  [
    "long text",
    () => "x".repeat(300_000),
    ENCODER.encode("x".repeat(300_000)),
    "length",
  ],
  ["no bytes", () => bytes(0), bytes(0), "length"],
  ["a byte", () => bytes(1), bytes(1), "length"],
  ["64 KiB", () => bytes(65_536), bytes(65_536), "length"],
  ["64 KiB and a byte", () => bytes(65_537), bytes(65_537), "length"],
  ["5 MB", () => bytes(5_000_000), bytes(5_000_000), "length"],
  [
    "a part of an array",
    () => bytes(100).subarray(10, 20),
    bytes(100).subarray(10, 20),
    "length",
  ],
  [
    "a stream",
    () => ReadableStream.from([bytes(3), bytes(4)]),
    new Uint8Array([...bytes(3), ...bytes(4)]),
    "any",
  ],
  [
    "an empty stream",
    () => ReadableStream.from<Uint8Array>([]),
    bytes(0),
    "any",
  ],
  [
    "a stream with an empty piece",
    () => ReadableStream.from([bytes(0), bytes(2), bytes(0)]),
    bytes(2),
    "any",
  ],
  [
    "a stream of a large piece",
    () => ReadableStream.from([bytes(200_000)]),
    bytes(200_000),
    "any",
  ],
  [
    "an iterable",
    () => iterate([bytes(3), bytes(4)]),
    new Uint8Array([...bytes(3), ...bytes(4)]),
    "any",
  ],
  ["an empty iterable", () => iterate([]), bytes(0), "any"],
  [
    "a file",
    async () => new FileBody(await openTemporary(bytes(9)), 9),
    bytes(9),
    "length",
  ],
  [
    "a part of a file",
    async () => new FileBody(await openTemporary(bytes(9)), 5),
    bytes(5),
    "length",
  ],
  [
    "nothing of a file",
    async () => new FileBody(await openTemporary(bytes(9)), 0),
    bytes(0),
    "length",
  ],
  [
    "a large file",
    async () => new FileBody(await openTemporary(bytes(1_000_000)), 1_000_000),
    bytes(1_000_000),
    "length",
  ],
];

for (const [name, make, sent, framing] of BODIES) {
  Deno.test(`HttpServer sends what was meant when the body is ${name}`, async () => {
    await using site = await Site.start((server) => {
      server.get("/", async () => new HttpResponse({ body: await make() }));
    });
    using client = await site.connect();
    const full = await client.ask(get("/"));
    assertEquals(full.complete, true);
    assert(full.body.every((byte, at) => byte === sent[at]));
    assertEquals(full.body.length, sent.length);
    const length = full.header("content-length");
    // A stream that has ended by the time of its head may tell its length.
    const isKnown = framing === "length" || length !== null;
    assertEquals(length, isKnown ? `${sent.length}` : null);
    assertEquals(full.chunks === null, isKnown);

    const head = await client.ask(get("/").replace("GET", "HEAD"), "HEAD");
    const isFraming = ([name]: readonly [string, string]) =>
      /^(content-length|transfer-encoding)$/.test(name);
    if (framing === "length") assertEquals(head.fields, full.fields);
    else assertEquals(head.header("content-length"), null);
    assertEquals(
      head.fields.filter((field) => !isFraming(field)),
      full.fields.filter((field) => !isFraming(field)),
    );

    const old = await client.ask(get("/", "Connection: keep-alive\r\n", "1.0"));
    assertEquals(old.header("content-length"), length);
    assertEquals(old.header("transfer-encoding"), null);
    assertEquals(old.body.length, sent.length);
    assertEquals(old.header("connection"), isKnown ? "keep-alive" : "close");
    if (!isKnown) assertEquals(client.end, "closed");
  });
}

const DECLARED: readonly [name: string, declared: string, complete: boolean][] =
  [["as long", "7", true], ["longer", "8", false], ["shorter", "6", false]];

for (const [name, declared, complete] of DECLARED) {
  for (
    const [kind, body] of [
      ["a stream", () => ReadableStream.from([bytes(3), bytes(4)])],
      ["an iterable", () => iterate([bytes(3), bytes(4)])],
    ] as const
  ) {
    const fate = complete ? "keeps" : "cuts";
    Deno.test(`HttpServer ${fate} the connection when ${kind} is declared ${name}`, async () => {
      await using site = await Site.start((server) => {
        server.get("/", () =>
          new HttpResponse({
            headers: { "Content-Length": declared },
            body: body(),
          }));
      });
      using client = await site.connect();
      await client.send(get("/") + get("/"));
      const first = await client.read();
      assertEquals(first.header("content-length"), declared);
      // What was declared shorter may look whole, but nothing follows it.
      if (declared !== "6") assertEquals(first.complete, complete);
      if (complete) assertEquals((await client.read()).text, first.text);
      else assertEquals((await client.takeAll()).length, 0);
      assertEquals(site.reports("error").length, complete ? 0 : 1);
    });
  }
}

Deno.test("HttpServer ignores a declared length when the body is at hand", async () => {
  await using site = await Site.start((server) => {
    const headers = { "content-length": "99", "transfer-encoding": "chunked" };
    server.get("/", () => new HttpResponse({ headers, body: "text" }));
  });
  using client = await site.connect();
  const { fields, text } = await client.ask(get("/"));
  assertEquals(text, "text");
  assertEquals(
    fields.filter(([name]) => /content-length|transfer/.test(name)),
    [["content-length", "4"]],
  );
});
