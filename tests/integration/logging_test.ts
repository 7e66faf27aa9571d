/** The log of a server that is a process of its own: no line is lost, whatever
 * ends it, and nothing that happens to the log ends it. */
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { commandLine } from "../../.ci/offline/standins.ts";
import { type Program, ROOT, startServer } from "../support/program.ts";
import { RawClient } from "../support/raw_client.ts";
import { get } from "../support/requests.ts";
import { within } from "../support/within.ts";

const APP = "tests/support/log_app.ts";
const IS_WINDOWS = Deno.build.os === "windows";

function testOnUnix(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, ignore: IS_WINDOWS });
}

async function portOf(program: Program): Promise<number> {
  return Number(new URL(await program.url("stderr")).port);
}

/** Asks until the server ends; returns the numbers that were answered. */
async function askUntilEnd(port: number, id: string): Promise<string[]> {
  const answered: string[] = [];
  const client = await RawClient.connect(port).catch(() => null);
  if (client === null) return answered;
  using _ = client;
  for (let at = 0;; at++) {
    const n = `${id}-${at}`;
    try {
      const response = await client.ask(get(`/?n=${n}`));
      assertEquals(response.text, "hello");
      answered.push(n);
      if (response.header("connection") === "close") return answered;
    } catch {
      return answered;
    }
  }
}

/** The numbers of the requests in log lines, sorted. */
function numbersIn(log: string): string[] {
  assert(log === "" || log.endsWith("\n"), log.slice(-300));
  return log.split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line).n).sort();
}

async function loadUntilTerm(program: Program): Promise<string[]> {
  const port = await portOf(program);
  const clients = Array.from(
    { length: 8 },
    (_, at) => askUntilEnd(port, `${at}`),
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  program.kill("SIGTERM");
  const { code } = await within("the end", program.ended());
  assertEquals(code, 0);
  const answered = (await Promise.all(clients)).flat().sort();
  assert(answered.length > 100, `${answered.length} requests`);
  return answered;
}

async function withLogFile(fn: (path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await fn(join(dir, "access.log"));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function readAll(path: string): Promise<string> {
  const dir = join(path, "..");
  const names = Array.from(Deno.readDirSync(dir), ({ name }) => name);
  const texts = names.map((name) => Deno.readTextFile(join(dir, name)));
  return (await Promise.all(texts)).join("");
}

const STDOUT_OPTIONS = [
  "{}",
  '{"onOverflow":"drop"}',
  '{"flushMs":60000}',
  '{"onOverflow":"drop","flushMs":60000}',
];

for (const options of STDOUT_OPTIONS) {
  testOnUnix(
    `logging() loses no line of stdout at SIGTERM with ${options}`,
    async () => {
      await using program = await startServer(APP, ["stdout", "", options]);
      const answered = await loadUntilTerm(program);
      const { stdout } = await program.ended();
      assertEquals(numbersIn(stdout), answered);
    },
  );
}

for (const options of ["{}", '{"maxBytes":50000,"maxFiles":999}']) {
  testOnUnix(
    `logging() loses no line of a file at SIGTERM with ${options}`,
    () =>
      withLogFile(async (path) => {
        await using program = await startServer(APP, ["file", path, options]);
        const answered = await loadUntilTerm(program);
        assertEquals(numbersIn(await readAll(path)), answered);
      }),
  );
}

testOnUnix(
  "logging() waits at SIGTERM for an async sink",
  () =>
    withLogFile(async (path) => {
      await using program = await startServer(APP, ["async", path]);
      const port = await portOf(program);
      using client = await RawClient.connect(port);
      for (const n of [1, 2, 3]) await client.ask(get(`/?n=${n}`));
      program.kill("SIGTERM");
      await within("the end", program.ended());
      assertEquals(numbersIn(await readAll(path)), ["1", "2", "3"]);
    }),
);

testOnUnix(
  "logging() tells of requests that a forced shutdown cuts",
  () =>
    withLogFile(async (path) => {
      await using program = await startServer(APP, ["file", path]);
      const port = await portOf(program);
      using client = await RawClient.connect(port);
      await client.send(get("/?n=1") + get("/hang?n=2"));
      await program.find("stderr", /hanging/);
      program.kill("SIGTERM");
      const { code } = await within("the end", program.ended());
      assertEquals(code, 1);
      const lines = (await readAll(path)).trim().split("\n")
        .map((line) => JSON.parse(line));
      assertEquals(
        lines.map(({ n, status, aborted }) => [n, status, aborted]),
        [["1", 200, undefined], ["2", 499, true]],
      );
    }),
);

testOnUnix(
  "logging() writes what was collected when the process exits",
  () =>
    withLogFile(async (path) => {
      const options = '{"flushMs":60000}';
      await using program = await startServer(APP, ["file", path, options]);
      using client = await RawClient.connect(await portOf(program));
      await client.ask(get("/?n=1"));
      await client.send(get("/exit"));
      assertEquals((await within("the end", program.ended())).code, 5);
      assertEquals(numbersIn(await readAll(path)), ["1"]);
    }),
);

/** Runs the application with a standard output that a shell prepares. */
async function shell(command: string): Promise<Deno.ChildProcess> {
  const { args, env } = await commandLine([
    "run",
    "-A",
    join(ROOT, APP),
    "stdout",
  ]);
  return new Deno.Command("sh", {
    args: ["-c", command, "sh", Deno.execPath(), ...args],
    cwd: ROOT,
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

for (
  const [name, command] of [
    ["has no reader any more", '{ exec "$@"; } | true'],
    ["is a full disk", 'exec "$@" > /dev/full'],
    ["is closed", 'exec "$@" >&-'],
  ]
) {
  Deno.test({
    name: `logging() lets the server live when its stdout ${name}`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const child = await shell(command);
      const reader = child.stderr.pipeThrough(new TextDecoderStream())
        .getReader();
      let output = "";
      const find = async (pattern: RegExp) => {
        while (!pattern.test(output)) {
          const { done, value } = await reader.read();
          if (done) throw new Error(`The program ended: ${output}`);
          output += value;
        }
      };
      await within("listening", find(/listening on \S+\n/));
      const port = Number(/:(\d+)\//.exec(output)?.[1]);
      using client = await RawClient.connect(port);
      const started = performance.now();
      for (let at = 0; at < 200; at++) {
        assertEquals((await client.ask(get("/"))).status, 200);
      }
      assertLess(performance.now() - started, 5_000);
      await client.send(get("/exit"));
      while (!(await within("the end", reader.read())).done);
      await within("the end", child.status);
      assertMatch(output, /listening/);
    },
  });
}
