/** `Acceptor` over a listener that fails as it is told. */
import { assertEquals } from "@std/assert";
import { Acceptor } from "../../../../src/server/listening/acceptor.ts";
import { gate, turn } from "../../../support/site.ts";

/** A connection that knows whether it was closed. */
class FakeConn {
  isClosed = false;

  constructor(readonly name: number) {}

  close(): void {
    this.isClosed = true;
  }
}

class FakeListener {
  closed = 0;
  accepts = 0;
  readonly #results: (number | Error)[];
  readonly #waiting = Promise.withResolvers<FakeConn>();

  constructor(...results: (number | Error)[]) {
    this.#results = results;
    // Nobody may be waiting when it is closed.
    this.#waiting.promise.catch(() => {});
  }

  accept(): Promise<FakeConn> {
    this.accepts++;
    const result = this.#results.shift();
    if (result === undefined) return this.#waiting.promise;
    return result instanceof Error
      ? Promise.reject(result)
      : Promise.resolve(new FakeConn(result));
  }

  /** Lets the accept under way succeed, just as the listener is closed. */
  acceptLate(conn: FakeConn): void {
    this.#waiting.resolve(conn);
  }

  close(): void {
    this.closed++;
    this.#waiting.reject(new Deno.errors.BadResource("closed"));
  }
}

function start(
  listener: FakeListener,
  room: () => Promise<void> | null = () => null,
) {
  const accepted: number[] = [];
  const failed: unknown[] = [];
  const acceptor = new Acceptor<FakeConn>(listener, {
    accepted: (conn) => void accepted.push(conn.name),
    room,
    failed: (error) => void failed.push(error),
  });
  return { acceptor, accepted, failed, ended: acceptor.run() };
}

Deno.test("Acceptor hands connections over until it is closed", async () => {
  const listener = new FakeListener(1, 2, 3);
  const { acceptor, accepted, failed, ended } = start(listener);
  await turn();
  assertEquals(accepted, [1, 2, 3]);
  acceptor.close();
  acceptor.close();
  await ended;
  assertEquals([listener.closed, failed], [1, []]);
});

Deno.test("Acceptor closes a connection that comes as it is closed", async () => {
  const listener = new FakeListener();
  const { acceptor, accepted, ended } = start(listener);
  await turn();
  const late = new FakeConn(1);
  listener.acceptLate(late);
  acceptor.close();
  await ended;
  assertEquals([accepted, late.isClosed], [[], true]);
});

Deno.test("Acceptor neither pauses nor reports when a peer leaves before it is taken", async () => {
  const gone = new Deno.errors.NotConnected("gone");
  const listener = new FakeListener(...Array<Error>(1_000).fill(gone), 1);
  const { acceptor, accepted, failed, ended } = start(listener);
  await turn();
  assertEquals([accepted, failed], [[1], []]);
  acceptor.close();
  await ended;
});

Deno.test("Acceptor goes on and reports failures once in a while when accepting fails", async () => {
  const fault = new Error("EMFILE");
  const listener = new FakeListener(fault, fault, fault, 1, fault, 2);
  const { acceptor, accepted, failed, ended } = start(listener);
  while (accepted.length < 2) await turn();
  assertEquals([accepted, failed], [[1, 2], [fault]]);
  acceptor.close();
  await ended;
});

Deno.test("Acceptor ends at once when it is closed in a pause", async () => {
  const fault = new Error("EMFILE");
  const listener = new FakeListener(...Array<Error>(100).fill(fault));
  const { acceptor, ended } = start(listener);
  while (listener.accepts < 4) await turn();
  const before = performance.now();
  acceptor.close();
  await ended;
  // The pause would have gone on for 40 ms; no timer is left of it.
  assertEquals(performance.now() - before < 30, true);
  assertEquals(listener.closed, 1);
});

Deno.test("Acceptor waits for room and ends when it is closed meanwhile", async () => {
  let room = gate();
  let isFull = true;
  const listener = new FakeListener(1);
  const { acceptor, accepted, ended } = start(
    listener,
    () => isFull ? room.passed : null,
  );
  await turn();
  // Another one took the place meanwhile.
  const taken = room;
  room = gate();
  taken.open();
  await turn();
  assertEquals(listener.accepts, 0);
  isFull = false;
  room.open();
  await turn();
  assertEquals(accepted, [1]);
  acceptor.close();
  await ended;

  const never = new FakeListener(1);
  const second = start(never, () => new Promise(() => {}));
  await turn();
  second.acceptor.close();
  await second.ended;
  assertEquals([never.accepts, never.closed], [0, 1]);
});

/** A listener whose connections come when a test says so. */
class OpenListener {
  closed = 0;
  readonly #queue: FakeConn[] = [];
  #next: PromiseWithResolvers<FakeConn> | null = null;

  accept(): Promise<FakeConn> {
    const conn = this.#queue.shift();
    if (conn !== undefined) return Promise.resolve(conn);
    this.#next = Promise.withResolvers();
    return this.#next.promise;
  }

  connect(...conns: FakeConn[]): void {
    assertEquals(this.closed, 0, "a connection behind the end is reset");
    for (const conn of conns) {
      if (this.#next === null) this.#queue.push(conn);
      else this.#next.resolve(conn);
      this.#next = null;
    }
  }

  close(): void {
    this.closed++;
    this.#next?.reject(new Deno.errors.BadResource("closed"));
    assertEquals(this.#queue, [], "what is in the queue is reset");
  }
}

function startHolding(limit = Infinity) {
  const listener = new OpenListener();
  const accepted: number[] = [];
  const closedAt: number[] = [];
  const acceptor = new Acceptor<FakeConn>(listener, {
    accepted: ({ name }) => {
      accepted.push(name);
      closedAt.push(listener.closed);
    },
    room: (held) => held < limit ? null : new Promise(() => {}),
    failed: () => {},
  });
  const ended = acceptor.run();
  return { listener, acceptor, accepted, closedAt, ended };
}

Deno.test("Acceptor closeBehindQueue() serves the last connections once the listener has closed", async () => {
  const { listener, acceptor, accepted, closedAt, ended } = startHolding();
  listener.connect(new FakeConn(1));
  await turn();
  const closing = acceptor.closeBehindQueue(300);
  listener.connect(new FakeConn(2));
  await turn();
  listener.connect(new FakeConn(3), new FakeConn(4));
  await turn();
  assertEquals(accepted, [1]);
  await closing;
  assertEquals([accepted, closedAt], [[1, 2, 3, 4], [0, 1, 1, 1]]);
  await ended;
  await acceptor.closeBehindQueue(10);
});

Deno.test("Acceptor closeBehindQueue() ends without connections", async () => {
  const { listener, acceptor, accepted, ended } = startHolding();
  await acceptor.closeBehindQueue(0);
  await ended;
  assertEquals([accepted, listener.closed], [[], 1]);
});

Deno.test("Acceptor close() drops what is held when a shutdown is forced meanwhile", async () => {
  const { listener, acceptor, accepted, ended } = startHolding();
  const closing = acceptor.closeBehindQueue(60_000);
  const held = new FakeConn(1);
  listener.connect(held);
  await turn();
  acceptor.close();
  await closing;
  await ended;
  assertEquals([accepted, held.isClosed, listener.closed], [[], true, 1]);
});

Deno.test("Acceptor closeBehindQueue() holds no more than there is room for", async () => {
  const { listener, acceptor, accepted } = startHolding(2);
  const closing = acceptor.closeBehindQueue(300);
  for (const name of [1, 2]) {
    listener.connect(new FakeConn(name));
    await turn();
  }
  await closing;
  assertEquals([accepted, listener.closed], [[1, 2], 1]);
});

Deno.test("Acceptor ends with a report when somebody else has closed its listener", async () => {
  const gone = new Deno.errors.BadResource("closed");
  const listener = new FakeListener(1, ...Array<Error>(10).fill(gone));
  const { accepted, failed, ended } = start(listener);
  await ended;
  assertEquals([accepted, failed, listener.accepts], [[1], [gone], 2]);
});

Deno.test("Acceptor goes on soon when a connection ends in a pause", async () => {
  const fault = new Error("EMFILE");
  const listener = new FakeListener(...Array<Error>(6).fill(fault), 1);
  const { acceptor, accepted, ended } = start(listener);
  // The sixth pause takes 160 ms.
  while (listener.accepts < 6) await turn();
  const before = performance.now();
  for (let n = 0; n < 100; n++) acceptor.connectionEnded();
  while (accepted.length === 0) await turn();
  assertEquals(performance.now() - before < 80, true);
  acceptor.connectionEnded();
  acceptor.close();
  await ended;
});
