/** `Pulse`: a beat comes behind the data of other sockets. */
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { Pulse } from "../../../../src/server/listening/pulse.ts";

async function openPulse(): Promise<Pulse> {
  const pulse = await Pulse.open();
  assert(pulse !== null);
  return pulse;
}

Deno.test("Pulse beat() resolves when what had come on other sockets is known", async () => {
  const pulse = await openPulse();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using client = await Deno.connect({
    hostname: "127.0.0.1",
    port: listener.addr.port,
  });
  using conn = await listener.accept();
  const seen: string[] = [];
  for (let round = 0; round < 20; round++) {
    const read = conn.read(new Uint8Array(8)).then(() => seen.push("read"));
    await client.write(new Uint8Array(1));
    await pulse.beat();
    seen.push("beat");
    await read;
  }
  // Both may be told of in the same go, in either order, but none later.
  assertEquals(seen.length, 40);
  for (let at = 0; at < seen.length; at += 2) {
    assertNotEquals(seen[at], seen[at + 1]);
  }
  pulse.close();
});

Deno.test("Pulse beat() rejects after close()", async () => {
  const pulse = await openPulse();
  const beat = pulse.beat();
  pulse.close();
  await assertRejects(() => beat);
  await assertRejects(() => pulse.beat());
});

Deno.test({
  name: "Pulse open() asks for nothing when loopback is not permitted",
  permissions: { net: ["192.0.2.1"] },
  fn: async () => assertEquals(await Pulse.open(), null),
});
