/** `Turns`: who goes on at once, and in which order the others do. */
import { assert, assertEquals } from "@std/assert";
import {
  type Beats,
  nextTurn,
  Turns,
} from "../../../../src/server/listening/turns.ts";
import { turn } from "../../../support/site.ts";

/** Beats when it is told to. */
class Beater implements Beats {
  asked = 0;
  isClosed = false;
  #resolvers: PromiseWithResolvers<void> | null = null;

  beat(): Promise<void> {
    this.asked++;
    this.#resolvers = Promise.withResolvers<void>();
    return this.#resolvers.promise;
  }

  /** The runtime has looked at the sockets. */
  async strike(): Promise<void> {
    this.#resolvers?.resolve();
    await turn();
  }

  async fail(): Promise<void> {
    this.#resolvers?.reject(new Deno.errors.ConnectionReset());
    await turn();
  }

  close(): void {
    this.isClosed = true;
    this.#resolvers?.reject(new Deno.errors.BadResource());
  }
}

/** Asks for turns by name and notes who goes on. */
class Crowd {
  readonly beater = new Beater();
  readonly turns: Turns;
  readonly order: string[] = [];

  constructor(open?: () => Promise<Beats | null>) {
    this.turns = new Turns(open ?? (() => Promise.resolve(this.beater)));
  }

  ask(name: string, bytes = 30, mayWait = true): void {
    const wait = this.turns.take(bytes, mayWait);
    if (wait === null) this.order.push(name);
    else wait.then(() => this.order.push(name));
  }

  askAll(count: number): void {
    for (let n = 0; n < count; n++) this.ask(`${n}`);
  }
}

Deno.test("Turns lets everybody go on at once when few ask", () => {
  const crowd = new Crowd();
  crowd.askAll(60);
  assertEquals([crowd.order.length, crowd.turns.isCrowded], [60, false]);
  assertEquals(crowd.beater.asked, 0);
});

Deno.test("Turns makes nobody wait while few connections ask for little", async () => {
  const crowd = new Crowd();
  crowd.turns.connections = 64;
  crowd.askAll(1_000);
  assertEquals(crowd.order.length, 1_000);
  // One that sends much ahead takes turns all the same, and so does a crowd.
  for (let n = 0; n < 61; n++) crowd.ask("flood", 20, false);
  assert(crowd.turns.isCrowded);
  await crowd.turns.end();
});

Deno.test("Turns lets as many go on with each beat as have room, in their order", async () => {
  const crowd = new Crowd();
  crowd.askAll(60 * 3 + 1);
  await turn();
  assertEquals([crowd.order.length, crowd.beater.asked], [60, 1]);
  await crowd.beater.strike();
  assertEquals([crowd.order.length, crowd.beater.asked], [120, 2]);
  // Whoever comes back stands behind those that wait.
  crowd.ask("again");
  await crowd.beater.strike();
  await crowd.beater.strike();
  assertEquals(crowd.order.slice(-2), ["180", "again"]);
  assertEquals([crowd.turns.isCrowded, crowd.beater.asked], [false, 3]);
});

Deno.test("Turns counts much that has come as many requests", async () => {
  const crowd = new Crowd();
  for (const name of ["flood 1", "flood 2", "flood 3", "flood 4"]) {
    crowd.ask(name, 16 * 1024);
  }
  crowd.ask("light");
  assertEquals(crowd.order, ["flood 1", "flood 2"]);
  await turn();
  await crowd.beater.strike();
  assertEquals(crowd.order.slice(2), ["flood 3", "flood 4"]);
  await crowd.beater.strike();
  assertEquals(crowd.order.slice(4), ["light"]);
});

Deno.test("Turns goes on by a timer when there is nothing that beats", async () => {
  const crowd = new Crowd(() => Promise.resolve(null));
  crowd.askAll(60 + 600);
  const until = performance.now() + 5_000;
  while (crowd.turns.isCrowded && performance.now() < until) await turn();
  await turn();
  assertEquals(crowd.order.length, 660);
});

Deno.test("Turns goes on by a timer when what beats is broken", async () => {
  const crowd = new Crowd();
  crowd.askAll(100);
  await turn();
  await crowd.beater.fail();
  const until = performance.now() + 5_000;
  while (crowd.turns.isCrowded && performance.now() < until) await turn();
  await turn();
  assertEquals(crowd.order.length, 100);
});

Deno.test("Turns end() lets everybody go on, and nobody wait any more", async () => {
  const crowd = new Crowd();
  crowd.askAll(1_000);
  await turn();
  await crowd.turns.end();
  assertEquals([crowd.order.length, crowd.turns.isCrowded], [1_000, false]);
  assert(crowd.beater.isClosed);
  assertEquals(crowd.turns.take(1024 * 1024, false), null);
  crowd.askAll(1_000);
  assertEquals(crowd.order.length, 2_000);
});

Deno.test("Turns closes what beats if it opens after the end", async () => {
  const opening = Promise.withResolvers<Beats>();
  const crowd = new Crowd(() => opening.promise);
  crowd.askAll(100);
  const ended = crowd.turns.end();
  opening.resolve(crowd.beater);
  await ended;
  assert(crowd.beater.isClosed);
});

Deno.test("Turns gives back what beats when nobody has waited for a while", async () => {
  let opened = 0;
  const beaters = [new Beater(), new Beater()];
  const crowd = new Crowd(() => Promise.resolve(beaters[opened++]));
  crowd.askAll(61);
  await turn();
  for (let n = 0; n < 8; n++) crowd.turns.tick();
  // Somebody waits.
  assertEquals(beaters[0].isClosed, false);
  await beaters[0].strike();
  for (let n = 0; n < 10; n++) crowd.turns.tick();
  assertEquals([beaters[0].isClosed, opened], [true, 1]);
  crowd.askAll(61);
  await turn();
  await beaters[1].strike();
  assertEquals([crowd.turns.isCrowded, opened], [false, 2]);
  await crowd.turns.end();
});

for (
  const [what, open] of [
    ["beats", (beater: Beats) => Promise.resolve(beater)],
    ["opens", () => new Promise<never>(() => {})],
  ] as const
) {
  Deno.test(`Turns goes on by ticks when what tells of turns never ${what}`, async () => {
    const beater = new Beater();
    const crowd = new Crowd(() => open(beater));
    crowd.askAll(61);
    await turn();
    for (let n = 0; n < 8; n++) crowd.turns.tick();
    await turn();
    assertEquals(crowd.order.length, 60);
    crowd.turns.tick();
    const until = performance.now() + 5_000;
    while (crowd.turns.isCrowded && performance.now() < until) await turn();
    await turn();
    assertEquals([crowd.order.length, beater.isClosed], [61, what === "beats"]);
    // From then on timers tell, at once.
    crowd.askAll(600);
    while (crowd.turns.isCrowded && performance.now() < until) await turn();
    await turn();
    assertEquals(crowd.order.length, 661);
    await crowd.turns.end();
  });
}

Deno.test("nextTurn() resolves behind what is due", async () => {
  let isDue = false;
  setImmediate(() => void (isDue = true));
  await nextTurn();
  assert(isDue);
});
