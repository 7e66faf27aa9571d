/**
 * What a request may cost, in things that can be counted: reads, writes, turns
 * of the microtask queue, buffers. Times are for benchmarks; these do not depend
 * on the machine.
 */
import { assert, assertEquals } from "@std/assert";
import {
  html,
  HttpResponse,
  json,
  noContent,
  Router,
  text,
} from "@x/httpserver";
import { staticFiles } from "@x/httpserver/handlers/static";
import { memorySource } from "../../../src/handlers/static/memory_source.ts";
import { Connection } from "../../../src/server/connection/connection.ts";
import { ServerCore } from "../../../src/server/core.ts";
import type { Socket } from "../../../src/server/connection/socket.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";
import { get } from "../../support/requests.ts";
import { turn } from "../../support/site.ts";

/** Counts what is asked of it. */
class CountingSocket implements Socket {
  readonly remoteAddr: Deno.NetAddr = {
    transport: "tcp",
    hostname: "192.0.2.1",
    port: 1,
  };
  reads = 0;
  readonly writes: string[] = [];
  readonly buffers = new Set<ArrayBufferLike>();
  #reading = Promise.withResolvers<number | null>();
  #into: Uint8Array = new Uint8Array(0);

  read(into: Uint8Array): Promise<number | null> {
    this.reads++;
    this.#into = into;
    this.#reading = Promise.withResolvers();
    return this.#reading.promise;
  }

  write(bytes: Uint8Array): Promise<number> {
    this.writes.push(new TextDecoder().decode(bytes));
    this.buffers.add(bytes.buffer);
    return Promise.resolve(bytes.length);
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.#reading.reject(new Deno.errors.Interrupted("closed"));
  }

  /** Lets bytes arrive; returns after how many microtasks an answer was written. */
  async arrive(request: string): Promise<number> {
    const bytes = new TextEncoder().encode(request);
    assert(bytes.length <= this.#into.length, "more than the buffer takes");
    this.#into.set(bytes);
    const before = this.writes.length;
    this.#reading.resolve(bytes.length);
    let microtasks = 0;
    for (; this.writes.length === before && microtasks < 100; microtasks++) {
      await null;
    }
    // A file takes longer than that; then what is done behind the answer.
    const until = performance.now() + 5_000;
    do await turn(); while (
      this.writes.length === before && performance.now() < until
    );
    return microtasks;
  }
}

const source = memorySource({ "a.txt": "small" });

function define(router: Router): void {
  router.get("/", () => text("hello"));
  router.get("/json", () => json({ hello: "world" }));
  router.get("/users/:id", (request) => html(request.params.id));
  router.get("/empty", () => noContent());
  router.get("/bytes", () => new HttpResponse({ body: new Uint8Array(8192) }));
  router.get(
    "/layers",
    (_, next) => next(),
    (_, next) => next(),
    () => text("inside"),
  );
  router.get("/files/*path", staticFiles({ source }));
  router.get("/later", async () => text(await Promise.resolve("later")));
  router.post("/echo", async (request) => json(await request.json()));
}

interface Served extends AsyncDisposable {
  readonly socket: CountingSocket;
  readonly core: ServerCore;
}

async function serve(): Promise<Served> {
  const router = new Router();
  define(router);
  const core = new ServerCore(
    { clock: new FakeClock() },
    (request) => router.handle(request),
  );
  const socket = new CountingSocket();
  core.serve(new Connection(socket, core, false));
  // It waits for the first bytes.
  await turn();
  return {
    socket,
    core,
    async [Symbol.asyncDispose]() {
      await core.shutdown({ graceMs: 0 });
    },
  };
}

const POST =
  'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n{"a":1}';

for (
  const [path, request, most] of [
    ...["/", "/json", "/users/7", "/empty", "/bytes", "/layers"]
      .map((path) => [path, get(path), 1] as const),
    ["/later", get("/later"), 6],
    ["/echo with a body", POST, 8],
  ] as const
) {
  Deno.test(`Connection reads once and writes once for ${path}, ${most} microtasks after the bytes came`, async () => {
    await using served = await serve();
    const { socket } = served;
    for (let n = 1; n <= 20; n++) {
      const microtasks = await socket.arrive(request);
      assertEquals([socket.writes.length, socket.reads], [n, n + 1]);
      assert(microtasks <= most, `${microtasks} microtasks`);
    }
    assertEquals(served.core.counters.requests, 20);
  });
}

Deno.test("Connection writes once for a small file", async () => {
  await using served = await serve();
  const { socket } = served;
  for (let n = 1; n <= 20; n++) {
    await socket.arrive(get("/files/a.txt"));
    assertEquals([socket.writes.length, socket.reads], [n, n + 1]);
  }
  assert(socket.writes[19].endsWith("small"));
});

Deno.test("Connection answers a pipeline of 16 by one write", async () => {
  await using served = await serve();
  const { socket } = served;
  for (let n = 1; n <= 20; n++) {
    await socket.arrive(get("/").repeat(16));
    assertEquals([socket.writes.length, socket.reads], [n, n + 1]);
  }
  assertEquals(socket.writes[0].match(/HTTP\/1\.1 200 OK/g)?.length, 16);
});

Deno.test("Connection makes no buffer for a request", async () => {
  await using served = await serve();
  const { socket } = served;
  for (let n = 0; n < 50; n++) {
    for (const path of ["/", "/json", "/users/7", "/bytes"]) {
      await socket.arrive(get(path));
    }
  }
  assertEquals(socket.buffers.size, 1);
});
