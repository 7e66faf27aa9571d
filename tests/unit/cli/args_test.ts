import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { parseCommandLine } from "../../../src/cli/args.ts";
import { CliError } from "../../../src/cli/errors.ts";
import { helpText } from "../../../src/cli/help.ts";
import { ALL_OPTIONS } from "../../../src/cli/config/option_table.ts";
import {
  listenOptions,
  serverOptions,
  Settings,
} from "../../../src/cli/config/settings.ts";

/** What a command line comes to. */
interface Read {
  target: string;
  listen: object;
  options: object;
}

function read(args: string[]): Read {
  const command = parseCommandLine(args);
  assert(command.kind === "serve");
  const settings = new Settings(command.given);
  return {
    target: command.target,
    listen: listenOptions(settings),
    options: serverOptions(settings),
  };
}

function serve(parts: Partial<Read>): Read {
  return { target: ".", listen: {}, options: {}, ...parts };
}

Deno.test("parseCommandLine() reads what to serve and where", () => {
  const cases: [string[], Read][] = [
    [[], serve({})],
    [["site"], serve({ target: "site" })],
    [["08"], serve({ target: "08" })],
    [["1e3"], serve({ target: "1e3" })],
    [["--", "--odd"], serve({ target: "--odd" })],
    [["--port", "80"], serve({ listen: { port: 80 } })],
    [["--port=80"], serve({ listen: { port: 80 } })],
    [["-p", "80"], serve({ listen: { port: 80 } })],
    [["-p80"], serve({ listen: { port: 80 } })],
    [["--port=1", "--port=2"], serve({ listen: { port: 2 } })],
    [["--host", "::1"], serve({ listen: { hostname: "::1" } })],
    [
      ["app.ts", "--port", "0", "--host=0.0.0.0"],
      serve({ target: "app.ts", listen: { hostname: "0.0.0.0", port: 0 } }),
    ],
    [
      ["--max-body-bytes=2MiB", "site", "--keep-alive-timeout", "5s"],
      serve({
        target: "site",
        options: {
          limits: { bodyBytes: 2 * 1024 * 1024 },
          timeouts: { keepAliveMs: 5000 },
        },
      }),
    ],
    [
      ["--max-header-count=5", "--max-connections=7"],
      serve({ options: { limits: { headerCount: 5, connections: 7 } } }),
    ],
    [["--reload", "site"], serve({ target: "site" })],
    [["-p=80", "site"], serve({ target: "site", listen: { port: 80 } })],
    [
      ["--proxy-protocol=loopback,10.0.0.0/8", "--allowed-hosts", "a.example"],
      serve({
        options: {
          proxyProtocol: { trusted: ["loopback", "10.0.0.0/8"] },
          allowedHosts: ["a.example"],
        },
      }),
    ],
    [
      ["--cert=a.pem", "--key=b.pem", "--next-port"],
      serve({ listen: { tls: { certFile: "a.pem", keyFile: "b.pem" } } }),
    ],
    [["--unix=/run/a"], serve({ listen: { path: "/run/a" } })],
  ];
  for (const [args, expected] of cases) {
    assertEquals(read(args), expected, args.join(" "));
  }
});

Deno.test("parseCommandLine() takes a switch with and without a value", () => {
  const cases: [string[], boolean][] = [
    [[], false],
    [["--reload"], true],
    [["--reload", "--workers=2"], true],
    [["--reload=true"], true],
    [["--reload=false"], false],
    [["--no-reload"], false],
    [["--reload", "--no-reload"], false],
    [["--", "--reload"], false],
  ];
  for (const [args, expected] of cases) {
    const command = parseCommandLine(args);
    assert(command.kind === "serve");
    const settings = new Settings(command.given);
    assertEquals(settings.isOn("reload"), expected, args.join(" "));
  }
});

Deno.test("parseCommandLine() takes flags of a letter with their value", () => {
  const field = "X-A:b, c=d";
  for (const args of [["-H", field], [`-H${field}`], [`-H=${field}`]]) {
    const command = parseCommandLine(args);
    assert(command.kind === "serve");
    assertEquals(new Settings(command.given).list("headers"), [field]);
  }
});

Deno.test("parseCommandLine() lets help and version win", () => {
  for (const args of [["--help"], ["-h"], ["--port", "x", "--help", "-z"]]) {
    assertEquals(parseCommandLine(args), { kind: "help" });
  }
  assertEquals(parseCommandLine(["--version", "a"]), { kind: "version" });
});

Deno.test("parseCommandLine() tells what is wrong", () => {
  const port = "an integer from 0 to 65535";
  const cases: [string[], string][] = [
    [["--prot", "80"], 'unknown flag "--prot": did you mean --port?'],
    [["--hosst=a"], 'unknown flag "--hosst": did you mean --host?'],
    [["-x"], 'unknown flag "-x": see --help for all'],
    [["--zzzzzz"], 'unknown flag "--zzzzzz": see --help for all'],
    [["--no-port"], 'unknown flag "--no-port": see --help for all'],
    [
      ["--max-body-byte", "1"],
      'unknown flag "--max-body-byte": did you mean --max-body-bytes?',
    ],
    [["--port"], `--port needs a value: take ${port}`],
    [
      ["--index=", "site"],
      '--index needs a value: take names of files like "index.html", or "off"',
    ],
    [
      ["--spa=../x"],
      '--spa cannot be "../x": take a file below the directory, like "index.html", or "off"',
    ],
    [["--port="], `--port needs a value: take ${port}`],
    [["--port", "--help=false"], `--port needs a value: take ${port}`],
    [["--port", "http"], `--port cannot be "http": take ${port}`],
    [["--port=-1"], `--port cannot be "-1": take ${port}`],
    [["-p", "99999"], `--port cannot be "99999": take ${port}`],
    [
      ["--max-body-bytes", "1 GB"],
      '--max-body-bytes cannot be "1 GB": take bytes like "65536", "64KiB" or "1MB"',
    ],
    [
      ["--headers-timeout", "soon"],
      '--headers-timeout cannot be "soon": take milliseconds like "1500", or "500ms", "30s", "2m", "1h"',
    ],
    [
      ["--max-connections", "0"],
      '--max-connections cannot be "0": take an integer from 1, or "unlimited"',
    ],
    [
      ["--reload=maybe"],
      '--reload cannot be "maybe": take "true" or "false"',
    ],
    [
      ["a", "b"],
      'cannot serve both "a" and "b": name one directory or module',
    ],
  ];
  for (const [args, message] of cases) {
    const error = assertThrows(() => read(args), CliError);
    assertInstanceOf(error, CliError);
    assertEquals([error.message, error.exitCode], [message, 2]);
  }
});

Deno.test("helpText() names every flag with its default", () => {
  const help = helpText();
  const expected = [
    /^ {2}-p, --port PORT +port to listen on, 0 for a free one \[8000\]$/m,
    /^ {6}--host ADDRESS +address to listen on \[127\.0\.0\.1\]$/m,
    /^ {6}--max-body-bytes SIZE .*\[1MiB\]$/m,
    /^ {6}--keep-alive-timeout TIME\n .*\[65s\]$/m,
    /^ {2}-h, --help +show this text$/m,
    /^ {6}--version +show the version$/m,
  ];
  for (const line of expected) assert(line.test(help), `${line} in\n${help}`);
  const flat = help.replaceAll(/\s+/g, " ");
  for (const { flag, help: text, kind } of ALL_OPTIONS) {
    assertMatch(help, new RegExp(`^ .*--${flag}(?=[ [\n])`, "m"));
    assertStringIncludes(flat, kind === "switch" ? ` ${text}` : ` ${text} `);
  }
});

Deno.test("helpText() fits a terminal of 80 columns", () => {
  const lines = helpText().split("\n");
  assertEquals(lines.filter((line) => line.length > 80), []);
});
