/** `GivenUp`, and connections whose handshake takes too long. */
import { assertEquals } from "@std/assert";
import { ok, Router } from "@x/httpserver";
import { Connection } from "../../../../src/server/connection/connection.ts";
import type { Socket } from "../../../../src/server/connection/socket.ts";
import { ServerCore } from "../../../../src/server/core.ts";
import { GivenUp } from "../../../../src/server/listening/given_up.ts";
import { FakeClock } from "../../../../src/testing/fake_clock.ts";
import { turn } from "../../../support/site.ts";

Deno.test("GivenUp closes each once when its peer moves", async () => {
  const events: string[] = [];
  const givenUp = new GivenUp(() => events.push("freed"));
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  givenUp.keep(first.promise, () => events.push("first"));
  givenUp.keep(second.promise, () => events.push("second"));
  assertEquals([givenUp.size, events], [2, []]);
  first.reject(new Error("gone"));
  await turn();
  assertEquals([givenUp.size, events], [1, ["first", "freed"]]);
  givenUp.end();
  givenUp.end();
  second.resolve();
  await turn();
  assertEquals([givenUp.size, events], [0, ["first", "freed", "second"]]);
});

/** A peer that shakes hands when a test says so, and never sends. */
class SilentSocket implements Socket {
  readonly remoteAddr: Deno.NetAddr = {
    transport: "tcp",
    hostname: "192.0.2.1",
    port: 1,
  };
  closes = 0;
  readonly #moved = Promise.withResolvers<void>();

  handshake(): Promise<void> {
    return this.#moved.promise;
  }

  move(): void {
    this.#moved.reject(new Deno.errors.UnexpectedEof("gone"));
  }

  read(): Promise<never> {
    return new Promise(() => {});
  }

  write(bytes: Uint8Array): Promise<number> {
    return Promise.resolve(bytes.length);
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.closes++;
    this.move();
  }
}

function start() {
  const clock = new FakeClock();
  const router = new Router().get("/", () => ok("hello"));
  const options = { clock, limits: { connectionsPerIp: 1 } };
  const core = new ServerCore(options, (request) => router.handle(request));
  core.sweeper.start();
  const socket = new SilentSocket();
  core.serve(new Connection(socket, core, true));
  return { clock, core, socket };
}

Deno.test("Connection counts until its peer moves when its handshake takes timeouts.tlsHandshakeMs", async () => {
  const { clock, core, socket } = start();
  clock.advance(9_900);
  assertEquals([core.stats().connections, core.givenUp.size], [1, 0]);
  clock.advance(500);
  assertEquals([core.stats().connections, core.givenUp.size], [0, 1]);
  // The runtime would keep the socket if it were closed.
  assertEquals(socket.closes, 0);
  // So its address is still at its limit.
  assertEquals(core.perAddress.enter("192.0.2.1"), true);
  core.perAddress.leave("192.0.2.1");
  socket.move();
  await turn();
  assertEquals([socket.closes, core.givenUp.size], [1, 0]);
  assertEquals(core.perAddress.enter("192.0.2.1"), false);
  await core.shutdown({});
});

Deno.test("ServerCore closes what was given up when it shuts down", async () => {
  const { clock, core, socket } = start();
  clock.advance(10_500);
  const report = await core.shutdown({});
  assertEquals([report.forced, socket.closes, core.givenUp.size], [
    false,
    1,
    0,
  ]);
});
