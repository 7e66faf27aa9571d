/** `Connection` over a socket that fails and waits as it is told. */
import { assert, assertEquals } from "@std/assert";
import { FileBody, HttpResponse, ok, Router } from "@x/httpserver";
import { Connection } from "../../../../src/server/connection/connection.ts";
import type { Socket } from "../../../../src/server/connection/socket.ts";
import { ServerCore } from "../../../../src/server/core.ts";
import { nextTurn } from "../../../../src/server/listening/turns.ts";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import { get } from "../../../support/requests.ts";
import { gate, turn } from "../../../support/site.ts";
import { within } from "../../../support/within.ts";

/** Gives one piece of bytes, then waits; writes go where `write` says. */
class FakeSocket implements Socket {
  readonly remoteAddr: Deno.NetAddr = {
    transport: "tcp",
    hostname: "192.0.2.1",
    port: 1,
  };
  sent = "";
  closed = gate();
  isClosed = false;
  writing = 0;
  most = 0;
  readonly #ended = Promise.withResolvers<number | null>();
  readonly #write: (bytes: Uint8Array) => Promise<number>;
  #data: Uint8Array;

  constructor(
    data: string,
    write: (bytes: Uint8Array) => Promise<number> = (bytes) =>
      turn().then(() => bytes.length),
  ) {
    this.#data = new TextEncoder().encode(data);
    this.#write = write;
    this.#ended.promise.catch(() => {});
  }

  read(into: Uint8Array): Promise<number | null> {
    if (this.#data.length === 0) return this.#ended.promise;
    const part = this.#data.subarray(0, into.length);
    this.#data = this.#data.subarray(part.length);
    into.set(part);
    return Promise.resolve(part.length);
  }

  async write(bytes: Uint8Array): Promise<number> {
    this.most = Math.max(this.most, ++this.writing);
    const text = new TextDecoder().decode(bytes);
    try {
      const count = await this.#write(bytes);
      this.sent += text.slice(0, count);
      return count;
    } finally {
      this.writing--;
    }
  }

  /** The peer ends its side. */
  end(): void {
    this.#ended.resolve(null);
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    assert(!this.isClosed, "closed twice");
    this.isClosed = true;
    this.#ended.reject(new Deno.errors.Interrupted("closed"));
    this.closed.open();
  }
}

function serve(
  socket: Socket,
  define: (router: Router) => unknown,
): { core: ServerCore; reports: string[] } {
  const router = new Router();
  define(router);
  const reports: string[] = [];
  const core = new ServerCore({
    clock: new FakeClock(),
    log: ({ level, message }) => void reports.push(`${level} ${message}`),
  }, (request) => router.handle(request));
  core.serve(new Connection(socket, core, false));
  return { core, reports };
}

Deno.test("Connection writes one after the other when nobody waits for early hints", async () => {
  const socket = new FakeSocket(get("/") + get("/") + get("/later"));
  serve(socket, (router) => {
    router.get("/", (request) => {
      request.earlyHints(["</a.css>"]);
      request.earlyHints(["</b.css>"]);
      return ok("page");
    });
    router.get("/later", async (request) => {
      request.earlyHints(["</a.css>"]);
      await Promise.resolve();
      return ok(new Uint8Array(200_000));
    });
  });
  for (let n = 0; n < 50; n++) await turn();
  socket.end();
  await within("the end", socket.closed.passed);
  assertEquals(socket.most, 1);
  assertEquals(
    [...socket.sent.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, code]) => code)
      .join(" "),
    "103 103 200 103 103 200 103 200",
  );
});

Deno.test("Connection sends all in order when the socket takes one byte a write", async () => {
  const socket = new FakeSocket(
    get("/") + get("/stream") + get("/large"),
    () => Promise.resolve(1),
  );
  serve(socket, (router) => {
    router.get("/", () => ok("one"));
    router.get("/stream", () =>
      new HttpResponse({
        body: ReadableStream.from([new TextEncoder().encode("two")]),
      }));
    router.get("/large", () => ok("x".repeat(3000)));
  });
  while (!socket.sent.endsWith("x".repeat(3000))) await turn();
  socket.end();
  await within("the end", socket.closed.passed);
  assert(/one.*two.*x{3000}$/s.test(socket.sent));
});

for (
  const [name, answer] of [
    ["an answer that comes later", async () => {
      await turn();
      return new HttpResponse();
    }],
    ["an answer at once", () => new HttpResponse()],
  ] as const
) {
  Deno.test(`Connection closes the file of ${name} when the answers ahead cannot be sent`, async () => {
    let opened = 0;
    let closed = 0;
    const file = {
      read: (into: Uint8Array) => Promise.resolve(into.length),
      close: () => void closed++,
    };
    const socket = new FakeSocket(
      get("/") + get("/file"),
      () => Promise.reject(new Deno.errors.BrokenPipe("gone")),
    );
    const { core, reports } = serve(socket, (router) => {
      router.get("/", () => ok("first"));
      router.get("/file", async () => {
        const response = await answer();
        opened++;
        response.body = new FileBody(file, 1e9);
        return response;
      });
    });
    await within("the end", socket.closed.passed);
    for (let n = 0; n < 20; n++) await turn();
    assertEquals([opened, closed], [1, 1]);
    assertEquals(core.counters.active, 0);
    assertEquals(core.connections.size, 0);
    assertEquals(reports.filter((one) => one.startsWith("error")), []);
  });
}

for (
  const Fault of [
    Deno.errors.BrokenPipe,
    Deno.errors.ConnectionReset,
    Deno.errors.NotConnected,
    Deno.errors.TimedOut,
  ]
) {
  Deno.test(`Connection reports no error when a write fails with ${Fault.name}`, async () => {
    const cancelled = gate();
    const socket = new FakeSocket(
      get("/"),
      () => Promise.reject(new Fault("gone")),
    );
    const { core, reports } = serve(socket, (router) => {
      const pull = (controller: ReadableStreamDefaultController<Uint8Array>) =>
        controller.enqueue(new Uint8Array(10));
      const body = new ReadableStream({ pull, cancel: cancelled.open });
      router.get("/", () => new HttpResponse({ body }));
    });
    await within("the end", socket.closed.passed);
    await within("the source", cancelled.passed);
    assertEquals(reports.filter((one) => one.startsWith("error")), []);
    assertEquals(core.connections.size, 0);
  });
}

Deno.test("Connection answers what waits for its turn when a shutdown closes idle ones", async () => {
  // It fills a buffer, so the second request comes with the next read.
  const first = get("/", `X: ${"x".repeat(480)}\r\n`);
  assertEquals(first.length, 512);
  const socket = new FakeSocket(first + get("/second"));
  const { core } = serve(socket, (router) => {
    router.get("/", () => {
      core.turns.take(2 ** 20, false);
      return ok("first");
    }).get("/second", () => ok("second"));
  });
  core.turns.connections = 1_000;
  while (!core.turns.isCrowded) await nextTurn();
  for (const connection of core.connections) connection.drain();
  assertEquals(socket.isClosed, false);
  await core.turns.end();
  while (!socket.sent.endsWith("second")) await turn();
  socket.end();
  await within("the close", socket.closed.passed);
});

Deno.test("Connection routes a head that is repeated as it does the first, and another one anew", async () => {
  const seen: string[] = [];
  const heads = [
    ...["/a/1", "/a/1", "/a/1", "/a/2", "/a/2", "/a/1"].map((path) =>
      get(path)
    ),
    ...["/none", "/none", "/none"].map((path) => get(path)),
  ];
  const socket = new FakeSocket(heads.join(""));
  serve(socket, (router) => {
    router.get("/a/:id", (request) => {
      seen.push(request.params.id);
      // What one request does to its parameters is nothing to the next.
      (request.params as { id: string }).id = "changed";
      return ok(request.route ?? "");
    });
  });
  socket.end();
  await within("the close", socket.closed.passed);
  assertEquals(seen, ["1", "1", "1", "2", "2", "1"]);
  assertEquals(socket.sent.match(/HTTP\/1\.1 \d+/g)?.length, 9);
  assertEquals(socket.sent.match(/HTTP\/1\.1 404/g)?.length, 3);
});

Deno.test("Connection routes repeated heads by routes that are added meanwhile", async () => {
  const socket = new FakeSocket(get("/a").repeat(4));
  let asked = 0;
  serve(socket, (router) => {
    router.get("/*rest", () => {
      if (++asked === 3) router.get("/a", () => ok("new"));
      return ok("old");
    });
  });
  socket.end();
  await within("the close", socket.closed.passed);
  assertEquals(socket.sent.match(/old|new/g), ["old", "old", "old", "new"]);
});
