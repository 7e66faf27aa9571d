/** `deno task deno ARGS...` must work with and without JSR. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { withStandIns } from "../.ci/offline/arguments.ts";

const WRAPPER = fromFileUrl(new URL("../.ci/offline/deno.ts", import.meta.url));
const DECODER = new TextDecoder();

Deno.test("withStandIns() puts the flags where deno reads them", () => {
  const files = { config: "C", publishConfig: "P", importMap: "M" };
  const cases: [given: string, expected: string][] = [
    ["run -A app.ts --config x", "run --config C -A app.ts --config x"],
    ["run app.ts -- -c x", "run --config C app.ts -- -c x"],
    [
      "run --cert ca.pem app.ts -c x",
      "run --config C --cert ca.pem app.ts -c x",
    ],
    ["-q run app.ts", "-q run --config C app.ts"],
    ["-L debug test -A", "-L debug test --config C -A"],
    ["serve --port 0 app.ts", "serve --config C --port 0 app.ts"],
    ["test -A tests -- --config x", "test --config C -A tests -- --config x"],
    ["check .", "check --config C ."],
    ["lint", "lint --config C"],
    ["fmt --check", "fmt --config C --check"],
    ["bench b.ts", "bench --config C b.ts"],
    ["info --json a.ts", "info --config C --json a.ts"],
    ["cache a.ts", "cache --config C a.ts"],
    ["eval 1", "eval --config C 1"],
    ["repl", "repl --config C"],
    ["compile -o out a.ts", "compile --config C -o out a.ts"],
    ["publish --dry-run", "publish --config P --dry-run"],
    ["doc --lint a.ts", "doc --import-map M --lint a.ts"],
    ["app.ts -c x", "run --config C app.ts -c x"],
    ["-A app.ts", "run --config C -A app.ts"],
    ["", "repl --config C"],
    // a configuration of its own, and what has no use for one
    ["run -c own.json app.ts", "run -c own.json app.ts"],
    ["run --config=own.json app.ts", "run --config=own.json app.ts"],
    ["test tests --no-config", "test tests --no-config"],
    ["doc --import-map=own.json a.ts", "doc --import-map=own.json a.ts"],
    ["coverage --lcov dir", "coverage --lcov dir"],
    ["task test", "task test"],
    ["add npm:x", "add npm:x"],
    ["--version", "--version"],
    ["-h", "-h"],
  ];
  for (const [given, expected] of cases) {
    const args = withStandIns(given.split(" ").filter(Boolean), files);
    assertEquals(args.join(" "), expected, given);
  }
});

/** Starts the wrapper; `env` says how it finds out about JSR. */
function start(
  args: string[],
  env: Record<string, string> = { JSR_ANSWERS: "no" },
  stdin: "piped" | "null" = "null",
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-config", "--no-lock", "-A", WRAPPER, ...args],
    env,
    stdin,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs the wrapper to its end. */
async function run(
  args: string[],
  env?: Record<string, string>,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await start(args, env).output();
  return {
    code,
    stdout: DECODER.decode(stdout),
    stderr: DECODER.decode(stderr),
  };
}

Deno.test("the wrapper hands on arguments, input, output and exit code", async () => {
  const program = `console.log(await new Response(Deno.stdin.readable).text());
    console.error(JSON.stringify(Deno.args)); Deno.exit(42);`;
  const child = start(["eval", program, "--", "a b", "$x", "--config", "*"], {
    JSR_ANSWERS: "no",
  }, "piped");
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("input"));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  assertEquals(code, 42);
  assertEquals(DECODER.decode(stdout), "input\n");
  assertMatch(DECODER.decode(stderr), /\["a b","\$x","--config","\*"\]/);
});

Deno.test({
  name: "the wrapper hands on signals",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const program = `Deno.addSignalListener("SIGTERM", () => Deno.exit(9));
      setInterval(() => {}, 1e6); console.log("ready");`;
    const child = start(["eval", program]);
    const reader = child.stdout.getReader();
    const first = await reader.read();
    assertEquals(DECODER.decode(first.value), "ready\n");
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 9);
    await reader.cancel();
    await child.stderr.cancel();
  },
});

Deno.test("the wrapper makes every name importable from any script", async () => {
  const directory = await Deno.makeTempDir({ prefix: "wrapper-" });
  try {
    const script = `${directory}/script.ts`;
    await Deno.writeTextFile(
      script,
      `import { assertEquals } from "@std/assert";
       import { parseArgs } from "@std/cli/parse-args";
       import { exists } from "@std/fs/exists";
       import { join } from "@std/path/posix";
       assertEquals(parseArgs([]), { _: [] });
       assertEquals(join("a", "b"), "a/b");
       assertEquals(await exists(import.meta.filename ?? ""), true);
       console.log(import.meta.resolve("@x/httpserver/protocol"));`,
    );
    const { code, stdout, stderr } = await run([
      "run",
      "-A",
      "--check",
      script,
    ]);
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /^file:.*\/src\/protocol\/mod\.ts\n$/);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

const STAND_IN = ".ci/offline/path/mod.ts";

/** Asks where `@std/path` comes from when JSR is looked for at the URL. */
function ask(url: string): ReturnType<typeof run> {
  const program = `console.log(import.meta.resolve("@std/path"))`;
  // An empty decision: the one of this very run must not count.
  return run(["eval", program], { JSR_URL: url, JSR_ANSWERS: "" });
}

/** Runs `fn` while something listens where JSR is looked for. */
async function withRegistry(
  answer: () => Response | Promise<Response>,
  fn: (url: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen },
    answer,
  );
  await fn(`http://127.0.0.1:${server.addr.port}`);
  await server.shutdown();
}

function onListen(): void {}

Deno.test("the wrapper changes nothing while JSR answers", async () => {
  const answer = () => Response.json({ scope: "std", name: "assert" });
  await withRegistry(answer, async (url) => {
    const { stdout } = await ask(url);
    assertMatch(stdout, /^jsr:@std\/path@/);
  });
});

Deno.test("the wrapper links the stand-ins when another answers", async () => {
  const page = () => new Response("<h1>Sign in to this network</h1>");
  await withRegistry(page, async (url) => {
    const { stdout } = await ask(url);
    assertStringIncludes(stdout, STAND_IN);
  });
});

Deno.test("the wrapper links the stand-ins when nothing answers", async () => {
  // Accepts and stays silent: without a time limit this would never end.
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { stdout } = await ask(`http://127.0.0.1:${listener.addr.port}`);
  listener.close();
  assertStringIncludes(stdout, STAND_IN);
});
