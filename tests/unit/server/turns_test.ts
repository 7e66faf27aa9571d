/** `Turns`: who goes on at once, and in which order the others do. */
import { assert, assertEquals } from "@std/assert";
import { nextTurn, Turns } from "../../../src/server/turns.ts";
import { turn } from "../../support/site.ts";

/** Asks for turns by name and notes who goes on. */
class Crowd {
  readonly turns = new Turns();
  readonly order: string[] = [];

  ask(name: string, last = 0, bytes = 30): void {
    const wait = this.turns.take(last, bytes);
    if (wait === null) this.order.push(name);
    else wait.then(() => this.order.push(name));
  }

  /** So many ask; all went on if they were no more than fit into a turn. */
  fill(count: number): void {
    for (let n = 0; n < count; n++) this.ask(`${n}`);
  }
}

Deno.test("Turns lets everybody go on at once when few ask", () => {
  const crowd = new Crowd();
  crowd.fill(64);
  assertEquals([crowd.order.length, crowd.turns.isCrowded], [64, false]);
});

Deno.test("Turns makes nobody wait while few connections ask for little", () => {
  const crowd = new Crowd();
  crowd.turns.connections = 64;
  crowd.fill(1_000);
  assertEquals(crowd.order.length, 1_000);
  // One that sends much ahead takes turns all the same, and so does a crowd.
  for (let n = 0; n < 64; n++) crowd.ask("flood", 0, 64 * 1024);
  assert(crowd.turns.isCrowded);
  crowd.turns.end();
  crowd.turns.connections = 65;
  crowd.fill(1_000);
  assert(crowd.turns.isCrowded);
  crowd.turns.end();
});

Deno.test("Turns lets the others go on in their order when one comes back", async () => {
  const crowd = new Crowd();
  crowd.fill(64);
  for (const name of ["a", "b", "c"]) crowd.ask(name);
  await nextTurn();
  assertEquals([crowd.order.length, crowd.turns.isCrowded], [64, true]);
  // It has waited for its socket, so the runtime has looked at all of them.
  crowd.ask("again", crowd.turns.number);
  await nextTurn();
  assertEquals(crowd.order.slice(64), ["again", "a", "b", "c"]);
  assertEquals([crowd.turns.number, crowd.turns.isCrowded], [2, false]);
});

Deno.test("Turns begins one turn when many come back of the one before", async () => {
  const crowd = new Crowd();
  crowd.fill(64 + 128);
  const { number } = crowd.turns;
  for (let n = 0; n < 64; n++) crowd.ask("again", number);
  await Promise.resolve();
  assertEquals(crowd.turns.number, number + 1);
  assertEquals(crowd.order.length, 128);
  assertEquals(crowd.order.includes("again"), false);
  crowd.turns.end();
});

Deno.test("Turns goes on by itself when nobody comes back", async () => {
  const crowd = new Crowd();
  crowd.fill(64 * 3 + 1);
  const until = performance.now() + 5_000;
  while (crowd.turns.isCrowded && performance.now() < until) await turn();
  assertEquals(crowd.order.length, 64 * 3 + 1);
  await turn();
});

Deno.test("Turns counts much that has come as many requests", async () => {
  const crowd = new Crowd();
  for (const name of ["flood 1", "flood 2", "flood 3"]) {
    crowd.ask(name, 0, 16 * 1024);
  }
  crowd.ask("light");
  await Promise.resolve();
  assertEquals(crowd.order, ["flood 1", "flood 2"]);
  crowd.ask("back", crowd.turns.number);
  await Promise.resolve();
  assertEquals(crowd.order, ["flood 1", "flood 2", "back", "flood 3", "light"]);
});

Deno.test("Turns end() lets everybody go on", async () => {
  const crowd = new Crowd();
  crowd.fill(1_000);
  crowd.turns.end();
  await Promise.resolve();
  assertEquals([crowd.order.length, crowd.turns.isCrowded], [1_000, false]);
});

Deno.test("nextTurn() resolves behind what is due", async () => {
  let isDue = false;
  setImmediate(() => void (isDue = true));
  await nextTurn();
  assert(isDue);
});
