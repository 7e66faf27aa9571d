/** Connections in memory, with the code of real ones behind them. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  HttpResponse,
  HttpServer,
  type HttpServerOptions,
  ok,
  text,
} from "@x/httpserver";
import {
  connect,
  FakeClock,
  type MemoryConnectionOptions,
} from "@x/httpserver/testing";
import { gate } from "../../support/site.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

function site(options: HttpServerOptions = {}) {
  const clock = new FakeClock(784_111_777_000);
  const server = new HttpServer({ clock, log: () => {}, ...options });
  return { clock, server };
}

Deno.test("connect() gives the bytes that a socket would get", async () => {
  await using server = site().server;
  server.get("/", () => text("hello"));
  using client = connect(server);
  await client.write(GET);
  const bytes = await client.read();
  assertEquals(
    new TextDecoder().decode(bytes ?? new Uint8Array()),
    "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n" +
      "Content-Type: text/plain; charset=utf-8\r\n" +
      "Content-Length: 5\r\n\r\nhello",
  );
  assertEquals(server.stats().connections, 1);
});

Deno.test("MemoryConnection reads answers one by one when they are pipelined", async () => {
  await using server = site().server;
  server.get("/", () => text("one")).post(
    "/echo",
    async (request) => ok({ sent: await request.text() }),
  ).get("/chunks", async () => {
    await Promise.resolve();
    const body = ReadableStream.from([
      new Uint8Array([65]),
      new Uint8Array([66]),
    ]);
    return new HttpResponse({ body, trailers: { "x-sum": "2" } });
  });
  using client = connect(server);
  await client.write(
    GET + GET.replace("GET", "HEAD") +
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi" +
      GET.replace("/", "/chunks") + GET.replace("/", "/none"),
  );
  assertEquals((await client.readResponse()).text(), "one");
  const head = await client.readResponse("HEAD");
  assertEquals([head.status, head.header("content-length")], [200, "3"]);
  assertEquals((await client.readResponse()).json(), { sent: "hi" });
  const chunks = await client.readResponse();
  assertEquals([chunks.text(), chunks.trailers.get("x-sum")], ["AB", "2"]);
  const last = await client.readResponse();
  assertEquals([last.line, last.status], ["HTTP/1.1 404 Not Found", 404]);
});

Deno.test("MemoryConnection lets time-outs strike when the clock is advanced", async () => {
  const { server, clock } = site({ timeouts: { headersMs: 1_000 } });
  await using _ = server;
  using slow = connect(server);
  await slow.write("GET / HT");
  clock.advance(900);
  assertEquals(slow.isClosed, false);
  await slow.write("TP/1.1\r\n");
  clock.advance(300);
  assertEquals((await slow.readResponse()).status, 408);
  assertEquals(await slow.read(), null);

  server.get("/", () => text("x"));
  using idle = connect(server);
  await idle.write(GET);
  assertEquals((await idle.readResponse()).status, 200);
  clock.advance(66_000);
  assertEquals(await idle.readAll(), "");
  assert(idle.isClosed);
});

Deno.test("MemoryConnection has the server wait when its window is full", async () => {
  const { server, clock } = site();
  await using _ = server;
  server.get("/", () => text("x".repeat(300_000)));
  using client = connect(server, { windowBytes: 1_000 });
  await client.write(GET);
  assertEquals(server.stats().bytesSent, 1_000);
  assertEquals((await client.readResponse()).body.length, 300_000);

  using stuck = connect(server, { windowBytes: 1_000 });
  await stuck.write(GET);
  clock.advance(31_000); // timeouts.writeIdleMs
  assertEquals((await stuck.readAll()).length, 1_000);
});

Deno.test("MemoryConnection tells the handler when it is reset, and serves on when only ended", async () => {
  const { server } = site();
  await using _ = server;
  const aborted = gate();
  const begun = gate();
  server.get("/wait", async (request) => {
    request.signal.addEventListener("abort", aborted.open);
    begun.open();
    await aborted.passed;
    return text("late");
  }).get("/", () => text("whole"));
  const left = connect(server);
  await left.write(GET.replace("/", "/wait"));
  await begun.passed;
  left.reset();
  await aborted.passed;
  await assertRejects(() => left.read(), Deno.errors.ConnectionReset);

  using half = connect(server);
  await half.write(GET);
  await half.end();
  assert((await half.readAll()).endsWith("whole"));
  await assertRejects(() => half.write("x"), Deno.errors.BrokenPipe);
});

Deno.test("connect() tells the server of the client's address and of TLS", async () => {
  await using server = site().server;
  server.get("/", (request) => ok([request.ip, request.url.href]));
  const remoteAddress: Deno.NetAddr = {
    transport: "tcp",
    hostname: "192.0.2.7",
    port: 5,
  };
  using client = connect(server, { remoteAddress, secure: true });
  await client.write(GET);
  const answer = await client.readResponse();
  assertEquals(answer.json(), ["192.0.2.7", "https://a/"]);
});

Deno.test("connect() throws when it cannot connect", async () => {
  const { server } = site();
  const wrong: [options: unknown, message: string][] = [
    [
      { windowBytes: "1" },
      'Cannot use "1" as "windowBytes" of connect(): take',
    ],
    [{ window: 1 }, 'Cannot find "window" among the options of connect(): '],
  ];
  for (const [options, message] of wrong) {
    assertThrows(
      () => connect(server, options as MemoryConnectionOptions),
      TypeError,
      message,
    );
  }
  assertThrows(() => connect(server, { windowBytes: 0 }), RangeError);
  assertThrows(
    () => connect({} as HttpServer),
    TypeError,
    "Cannot connect to a plain object: pass an HttpServer",
  );
  await server.shutdown();
  assertThrows(
    () => connect(server),
    TypeError,
    "Cannot connect to a server that was shut down: make a new HttpServer",
  );
});

Deno.test("MemoryConnection.readResponse() rejects when the answer is none or is cut", async () => {
  await using server = site().server;
  server.get("/", () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.error(new Error("gone"));
      },
      start(controller) {
        controller.enqueue(new Uint8Array(10));
      },
    }, { highWaterMark: 0 });
    return new HttpResponse({ body, headers: { "content-length": "20" } });
  });
  using client = connect(server);
  await client.end();
  await assertRejects(() => client.readResponse(), Error, "ended before it");
});
