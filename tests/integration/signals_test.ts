/** `run()` as a process of its own, ended by signals. */
import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { get } from "../support/requests.ts";
import { RawClient } from "../support/raw_client.ts";
import { type Program, startServer } from "../support/program.ts";
import { within } from "../support/within.ts";

const APP = "tests/support/signal_app.ts";
const IS_WINDOWS = Deno.build.os === "windows";

function testOnUnix(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, ignore: IS_WINDOWS });
}

async function portOf(program: Program): Promise<number> {
  return Number(new URL(await program.url()).port);
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  testOnUnix(
    `HttpServer run() drains and resolves when ${signal} comes`,
    async () => {
      await using program = await startServer(APP);
      const port = await portOf(program);
      using client = await RawClient.connect(port);
      await client.send(get("/wait"));
      await program.find("stdout", /waiting/);
      program.kill(signal);
      // The second one of the same Ctrl-C.
      program.kill(signal);
      program.kill("SIGUSR1");
      assertEquals((await client.read()).text, "waited");
      const { code, stdout } = await within("the end", program.ended());
      assertEquals(code, 0);
      assertMatch(stdout, /drained/);
    },
  );

  testOnUnix(
    `HttpServer run() ends with code 1 when a second ${signal} comes later`,
    async () => {
      await using program = await startServer(APP);
      const port = await portOf(program);
      using client = await RawClient.connect(port);
      await client.send(get("/never"));
      await program.find("stdout", /waiting/);
      program.kill(signal);
      // The server is draining once it refuses connections.
      for (;;) {
        const late = await RawClient.connect(port).catch(() => null);
        if (late === null) break;
        late.close();
      }
      const first = performance.now();
      let signals = 0;
      const ended = program.ended();
      // Within 250 ms of the one before, a signal is taken for the same one.
      const again = setInterval(() => {
        signals++;
        program.kill(signal);
      }, 300);
      const { code, stdout } = await within("the end", ended)
        .finally(() => clearInterval(again));
      assertEquals([code, /drained/.test(stdout)], [1, false]);
      assertLess(performance.now() - first, 2_000);
      assertEquals(signals, 1);
      assertEquals((await client.takeAll()).length, 0);
    },
  );
}

testOnUnix(
  "HttpServer run() ends with code 1 when the grace is over",
  async () => {
    await using program = await startServer(APP, ["300"]);
    const port = await portOf(program);
    using client = await RawClient.connect(port);
    await client.send(get("/never"));
    await program.find("stdout", /waiting/);
    program.kill("SIGTERM");
    const { code, stderr } = await within("the end", program.ended());
    assertEquals(code, 1);
    // It must say what was cut.
    assertMatch(stderr, /cut/);
  },
);

testOnUnix("HttpServer run() resolves when nothing was asked", async () => {
  await using program = await startServer(APP);
  await program.url();
  program.kill("SIGTERM");
  const { code, stdout, stderr } = await within("the end", program.ended());
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /drained/);
});
