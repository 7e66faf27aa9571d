import { assertEquals, assertGreater } from "@std/assert";
import { cpuTurn } from "../../../../src/middleware/coding/turns.ts";

function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** Counts round trips over a socket until `over` resolves. */
async function countEchoes(over: Promise<unknown>): Promise<number> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  using client = await Deno.connect({ hostname: "127.0.0.1", port });
  using peer = await listener.accept();
  let isOver = false;
  over.then(() => isOver = true);
  let count = 0;
  for (; !isOver; count++) {
    await client.write(new Uint8Array(1));
    await peer.read(new Uint8Array(1));
    await peer.write(new Uint8Array(1));
    await client.read(new Uint8Array(1));
  }
  return count;
}

Deno.test("cpuTurn() lets sockets be read between slices", async () => {
  const slices = 100;
  async function code(): Promise<void> {
    for (let slice = 0; slice < slices; slice++) {
      await cpuTurn();
      work(1);
    }
  }
  // By turns of setImmediate alone it is one in 60 slices.
  assertGreater(await countEchoes(code()), 2);
});

Deno.test("cpuTurn() lets one after the other work, in their order", async () => {
  const order: string[] = [];
  async function code(name: string): Promise<void> {
    for (let slice = 0; slice < 3; slice++) {
      await cpuTurn();
      order.push(name);
    }
  }
  await Promise.all([code("a"), code("b"), code("c")]);
  assertEquals(order.join(""), "abcabcabc");
});
