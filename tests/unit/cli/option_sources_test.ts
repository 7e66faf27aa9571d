/** Every option by every way, from the table. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { parseCommandLine } from "../../../src/cli/args.ts";
import { parseConfig } from "../../../src/cli/config/config_file.ts";
import { readEnvironment } from "../../../src/cli/config/environment.ts";
import { CliError } from "../../../src/cli/errors.ts";
import { ALL_OPTIONS } from "../../../src/cli/config/option_table.ts";
import { type Given, Settings } from "../../../src/cli/config/settings.ts";
import { readSettings } from "../../../src/cli/config/sources.ts";
import type {
  OptionKind,
  OptionSpec,
  OptionValue,
} from "../../../src/server/option_table.ts";

/** A text that an option takes, and the value that it is. */
type Sample = readonly [text: string, value: OptionValue];

const KINDS: Partial<Record<OptionKind, readonly Sample[]>> = {
  text: [["a-text", "a-text"], ["08", "08"]],
  port: [["0", 0], ["65535", 65535]],
  bytes: [["7", 7], ["2MiB", 2 * 1024 ** 2]],
  ms: [["7", 7], ["30s", 30_000]],
  seconds: [["7", 7], ["1h", 3600]],
  count: [["7", 7], ["12", 12]],
  rate: [["10/s", "10/s"], ["100/m", "100/m"]],
  switch: [["true", true], ["false", false]],
};

const LISTS: Readonly<Record<string, readonly string[]>> = {
  "allowedHosts": ["example.com", ".example.org"],
  "proxyProtocol.trusted": ["loopback", "10.0.0.0/8"],
  "trustedProxies": ["private", "192.0.2.7"],
  "static.index": ["index.html", "main.html"],
  "static.precompressed": ["gzip", "br"],
  "static.mimeTypes": ["md=text/markdown", "x=text/plain"],
  "cors": ["https://example.com", "http://localhost:8080"],
  "headers": ["X-A: b, c", "X-D: e"],
  "auth": ["ada:love, lace", "eve:pass:word"],
};

const PATHS = ["base", "health", "metrics"];

function samples(spec: OptionSpec): readonly Sample[] {
  if (spec.kind === "choice") {
    return (spec.choices ?? []).map((text) => [text, text]);
  }
  if (spec.kind === "list") {
    const list = LISTS[spec.name];
    assert(list !== undefined, `no sample of the list ${spec.name}`);
    const { separator = "," } = spec;
    return [[list.join(separator), list], [list[0], [list[0]]]];
  }
  if (PATHS.includes(spec.name)) return [["/a", "/a"], ["/b/c", "/b/c"]];
  return KINDS[spec.kind] ?? [];
}

function inFile(spec: OptionSpec, value: unknown): Given[] {
  const [group, name] = spec.name.split(".");
  const inner = name === undefined ? value : { [name]: value };
  return parseConfig("a.jsonc", JSON.stringify({ [group]: inner }));
}

function byFlag(...args: string[]): Given[] {
  const command = parseCommandLine(args);
  assert(command.kind === "serve");
  assertEquals(command.target, ".", args.join(" "));
  return [...command.given];
}

function check(spec: OptionSpec, given: Given[], value: OptionValue): void {
  const settings = new Settings(given);
  assertEquals(settings.get(spec.name).value, value, spec.name);
  // And nothing else.
  const changed = settings.all().filter(({ origin }) =>
    origin.kind !== "default"
  );
  assertEquals(changed.map((each) => each.spec.name), [spec.name]);
}

Deno.test("every option can be set by a flag", () => {
  for (const spec of ALL_OPTIONS) {
    assert(samples(spec).length > 1, spec.name);
    for (const [text, value] of samples(spec)) {
      check(spec, byFlag(`--${spec.flag}=${text}`), value);
      const isApart = spec.bare === undefined && spec.kind !== "switch";
      if (!isApart) continue;
      check(spec, byFlag(`--${spec.flag}`, text), value);
      if (spec.short) check(spec, byFlag(`-${spec.short}`, text), value);
    }
  }
});

Deno.test("every list can be given by a flag for each entry", () => {
  for (const spec of ALL_OPTIONS.filter(({ kind }) => kind === "list")) {
    const list = LISTS[spec.name];
    const flags = list.map((entry) => `--${spec.flag}=${entry}`);
    check(spec, byFlag(...flags), list);
  }
});

Deno.test("every option can be set by the environment", () => {
  for (const spec of ALL_OPTIONS) {
    for (const [text, value] of samples(spec)) {
      check(spec, readEnvironment({ [spec.env]: text }), value);
    }
    assertEquals(readEnvironment({ [spec.env]: "" }), []);
  }
});

Deno.test("every option can be set by a file", () => {
  for (const spec of ALL_OPTIONS) {
    if (spec.name === "config") continue;
    for (const sample of samples(spec)) {
      // As a text with a unit, and as it is.
      for (const value of sample) check(spec, inFile(spec, value), sample[1]);
    }
    assertEquals(inFile(spec, null), []);
  }
});

Deno.test("every switch and optional value has a flag without a value", () => {
  for (const spec of ALL_OPTIONS) {
    const { flag, kind, bare, others } = spec;
    if (kind === "switch" || bare !== undefined) {
      const on = kind === "switch" ? true : bare;
      const value = kind === "list"
        ? on?.toString().split(",")
        : kind === "count"
        ? Number(on)
        : on;
      const off = kind === "switch" ? false : kind === "list" ? [] : null;
      check(spec, byFlag(`--${flag}`), value ?? null);
      if (spec.short) check(spec, byFlag(`-${spec.short}`), value ?? null);
      check(spec, byFlag(`--no-${flag}`), off);
      check(spec, inFile(spec, true), value ?? null);
      check(spec, inFile(spec, false), off);
    }
    for (const [other, text] of Object.entries(others ?? {})) {
      const given = byFlag(`--${other}`);
      assertEquals(given, byFlag(`--${flag}=${text}`));
    }
  }
});

Deno.test("every option can be set to its default", () => {
  for (const spec of ALL_OPTIONS) {
    if (spec.default === null) continue;
    if (spec.name === "config") continue;
    check(spec, inFile(spec, spec.default), spec.default);
  }
});

Deno.test("readSettings() puts flags before the environment, that before the file", async () => {
  const directory = await Deno.makeTempDir({ prefix: "sources-" });
  try {
    for (const spec of ALL_OPTIONS) {
      if (spec.name === "config") continue;
      const [[one, first], [two, second]] = samples(spec);
      const config = `${directory}/a.json`;
      const [group, name] = spec.name.split(".");
      const file = name === undefined
        ? { [group]: two }
        : { [group]: { [name]: two } };
      // What some options need beside them.
      const needed: Record<string, string> = {
        HTTPSERVER_CONFIG: config,
        ...(spec.name === "tls.certFile" && { HTTPSERVER_KEY: "k" }),
        ...(spec.name === "tls.keyFile" && { HTTPSERVER_CERT: "c" }),
        ...(spec.name === "proxyHeader" &&
          { HTTPSERVER_TRUSTED_PROXIES: "private" }),
      };
      await Deno.writeTextFile(config, JSON.stringify(file));
      const flag = byFlag(`--${spec.flag}=${one}`);
      const read = async (flags: Given[], env: Record<string, string>) => {
        const settings = await readSettings(flags, { ...needed, ...env });
        const { value, origin } = settings.get(spec.name);
        return [value, origin.kind];
      };
      assertEquals(await read([], {}), [second, "file"]);
      assertEquals(await read([], { [spec.env]: one }), [first, "env"]);
      assertEquals(await read(flag, { [spec.env]: two }), [first, "flag"]);
      assertEquals(await read(flag, {}), [first, "flag"]);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

/** A value that an option cannot have; `undefined` if it takes every text. */
function wrong({ kind, name }: OptionSpec): string | undefined {
  if (PATHS.includes(name)) return "no path";
  if (kind === "text" || name === "static.index") return undefined;
  return kind === "list" ? "\u0001" : "wrong";
}

Deno.test("a wrong value is told with its option, where it came from, and what is accepted", async () => {
  for (const spec of ALL_OPTIONS) {
    const value = wrong(spec);
    if (value === undefined) continue;
    const shown = spec.secret
      ? "cannot be what it is: take "
      : `cannot be ${JSON.stringify(value)}: take `;
    const cases: [Given[], string][] = [
      [byFlag(`--${spec.flag}=${value}`), `--${spec.flag} ${shown}`],
      [readEnvironment({ [spec.env]: value }), `${spec.env} ${shown}`],
      [inFile(spec, value), `${spec.name} in a.jsonc, line 1, ${shown}`],
    ];
    for (const [given, message] of cases) {
      const error = await assertRejects(
        () => readSettings(given, {}),
        CliError,
        message,
      );
      assertEquals(error.exitCode, 2);
      assertEquals(error.message.split("\n").length, 1);
    }
  }
});
