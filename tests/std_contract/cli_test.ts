/** What this project relies on of `@std/cli`, whoever provides it: the
 * registry or the stand-ins of `.ci/offline`. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { parseArgs as parseArgsOfRoot } from "@std/cli";
import { parseArgs } from "@std/cli/parse-args";

Deno.test("parseArgs() reads flags by their options", () => {
  assertStrictEquals(parseArgsOfRoot, parseArgs);
  const options = {
    string: ["host", "port", "header"],
    boolean: ["help", "quiet", "cors"],
    collect: ["header"],
    negatable: ["cors"],
    alias: { h: "help", p: "port" },
    default: { host: "localhost", cors: true },
  } as const;
  const none = {
    _: [],
    host: "localhost",
    header: [],
    help: false,
    h: false,
    quiet: false,
    cors: true,
  };
  const port = { port: "80", p: "80" };
  const cases: [string[], Record<string, unknown>][] = [
    [[], {}],
    [["--port", "80"], port],
    [["--port=80"], port],
    [["-p", "80"], port],
    [["-p=80"], port],
    [["-p80"], port],
    [["--port=80", "--port=81"], { port: "81", p: "81" }],
    [["--port"], { port: "", p: "" }],
    [["--port="], { port: "", p: "" }],
    [["--port", "--quiet"], { port: "", p: "", quiet: true }],
    [["--host", "a=b"], { host: "a=b" }],
    [["--host=a=b"], { host: "a=b" }],
    [["-h"], { help: true, h: true }],
    [["--help"], { help: true, h: true }],
    [["--quiet", "dir"], { quiet: true, _: ["dir"] }],
    [["--quiet=false"], { quiet: false }],
    [["--quiet=true"], { quiet: true }],
    [["--quiet", "false"], { quiet: false }],
    [["--no-cors"], { cors: false }],
    [["--header", "a: 1", "--header=b"], { header: ["a: 1", "b"] }],
    [["-hp", "80"], { help: true, h: true, ...port }],
    [["dir", "--quiet", "x"], { _: ["dir", "x"], quiet: true }],
    [["-"], { _: ["-"] }],
    [["--", "--quiet", "-x"], { _: ["--quiet", "-x"] }],
    [["7", "a7"], { _: [7, "a7"] }],
  ];
  for (const [args, expected] of cases) {
    const parsed: Record<string, unknown> = parseArgs(args, {
      ...options,
      string: [...options.string],
      boolean: [...options.boolean],
      collect: [...options.collect],
      negatable: [...options.negatable],
    });
    assertEquals(parsed, { ...none, ...expected }, args.join(" "));
  }
});

Deno.test("parseArgs() gives typed values", () => {
  const parsed = parseArgs(["--port", "80", "-h"], {
    string: ["port", "header"],
    boolean: ["help"],
    collect: ["header"],
    alias: { help: "h" },
    "--": true,
  });
  const port: string | undefined = parsed.port;
  const help: boolean = parsed.help;
  const header: string[] = parsed.header;
  const rest: string[] = parsed["--"];
  const others: (string | number)[] = parsed._;
  assertEquals([port, help, header, rest, others], ["80", true, [], [], []]);
});

Deno.test("parseArgs() keeps text when _ is a string option", () => {
  const parsed: Record<string, unknown> = parseArgs(["7", "08"], {
    string: ["_"],
  });
  assertEquals(parsed, { _: ["7", "08"] });
});

Deno.test("parseArgs() reports what no option names", () => {
  const seen: unknown[][] = [];
  const parsed: Record<string, unknown> = parseArgs(
    ["--prot", "80", "--known=1", "-x", "dir", "--flag=a"],
    {
      string: ["known"],
      unknown: (...args) => {
        seen.push(args);
        return args[1] === undefined;
      },
    },
  );
  assertEquals(seen, [
    ["--prot", "prot", "80"],
    ["-x", "x", "dir"],
    ["--flag=a", "flag", "a"],
  ]);
  assertEquals(parsed, { _: [], known: "1" });
});

Deno.test("parseArgs() stops early and keeps -- apart when asked", () => {
  assertEquals(
    parseArgs(["--a", "b", "--c"], { boolean: ["a"], stopEarly: true }),
    { _: ["b", "--c"], a: true },
  );
  const parsed: Record<string, unknown> = parseArgs(["a", "--", "b", "--c"], {
    "--": true,
  });
  assertEquals(parsed, { _: ["a"], "--": ["b", "--c"] });
});

Deno.test("parseArgs() leaves prototypes alone", () => {
  const parsed: Record<string, unknown> = parseArgs(["--__proto__", "x"]);
  assertStrictEquals(Object.getPrototypeOf(parsed), Object.prototype);
});
