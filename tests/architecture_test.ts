/** Keeps the house in the order of CONTRIBUTING.md: who may import whom, who
 * may touch the runtime, who may print, how long a file may be. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { exists } from "@std/fs/exists";
import { walk } from "@std/fs/walk";
import { fromFileUrl, relative, resolve, SEPARATOR } from "@std/path";
import { commandLine } from "../.ci/offline/standins.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "..");
const MAX_LINES = 450;

/** What carries the server: no package, no value of the runtime (`http` may
 * name its types). Then all that applications are made of. */
const CORE = ["grammar", "protocol", "http", "routing"];
const WHOLE = [...CORE, "middleware", "handlers", "server"];

/** Which folders of `src/` a folder may import besides itself. */
const LAYERS: Record<string, readonly string[]> = {
  grammar: [],
  protocol: ["grammar"],
  http: ["grammar"],
  routing: ["grammar", "http"],
  middleware: ["grammar", "http", "routing"],
  handlers: ["grammar", "http", "routing"],
  server: CORE,
  testing: WHOLE,
  cli: [...WHOLE, "mod.ts", "deno.json"],
  "mod.ts": [...WHOLE, "testing", "cli"],
};

/** Folders that may import a package, by its name in `deno.json`: of a layer, or
 * of the one sub-path that it is for. */
const PACKAGES: Record<string, readonly string[]> = {
  "@std/cli": ["cli"],
  "@std/fs": ["handlers", "server", "testing", "cli"],
  "@std/path": ["handlers", "server", "testing", "cli"],
  "mrmime": ["handlers"],
  "prom-client": ["src/middleware/metrics/"],
  "@opentelemetry/api": ["src/middleware/tracing/"],
};

/** Files that may print: the command line and where a log ends. */
const PRINTING =
  /^src\/(?:cli\/|server\/log\.ts$|middleware\/logging\/stdout_sink\.ts$)/;

/** One import, as `deno info` tells it. */
interface Edge {
  /** Path of the importing file, from the root of the project. */
  readonly from: string;
  /** The text between the quotes. */
  readonly specifier: string;
  /** Path of the imported file; empty for a package. */
  readonly to: string;
}

/** Says what is wrong with an import; undefined if nothing is. */
function edgeFault({ from, specifier, to }: Edge): string | undefined {
  const layer = layerOf(from);
  const allowed = LAYERS[layer];
  if (allowed === undefined) return `${from} is in no known folder`;
  if (to === "") return packageFault(layer, from, specifier);
  const target = layerOf(to);
  if (target === layer || allowed.includes(target)) return undefined;
  return `${from} imports ${to}: ${layer} may not know ${target}`;
}

function packageFault(
  layer: string,
  from: string,
  specifier: string,
): string | undefined {
  if (specifier.startsWith("node:")) return undefined;
  const [name] = Object.keys(PACKAGES).filter((name) =>
    specifier === name || specifier.startsWith(`${name}/`)
  );
  const isAllowed = name !== undefined &&
    PACKAGES[name].some((at) => at === layer || from.startsWith(at));
  if (isAllowed) return undefined;
  return `${from} imports ${specifier}: ${layer} may not depend on it`;
}

/** `src/http/headers.ts` is in `http`; `mod.ts` is a layer of its own. */
function layerOf(path: string): string {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? path;
}

/** The parts of `deno info --json` that count here. */
interface Info {
  readonly modules: {
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: {
      readonly specifier: string;
      readonly code?: { readonly specifier?: string };
      readonly type?: { readonly specifier?: string };
    }[];
  }[];
}

/** Collects the imports of every file; a file seen as the import of another
 * is not asked for again. */
async function importGraph(files: string[]): Promise<Map<string, Edge[]>> {
  const graph = new Map<string, Edge[]>();
  for (const file of files) {
    if (graph.has(file)) continue;
    for (const module of (await info(file)).modules) {
      const from = projectPath(module.specifier);
      if (from === "" || from.startsWith(".ci/")) continue;
      assertEquals(module.error, undefined, from);
      graph.set(
        from,
        (module.dependencies ?? []).map(({ specifier, code, type }) => {
          const target = code?.specifier ?? type?.specifier ?? "";
          const isPackage = !/^(?:\.|file:|@x\/)/.test(specifier);
          return { from, specifier, to: isPackage ? "" : projectPath(target) };
        }),
      );
    }
  }
  return graph;
}

async function info(file: string): Promise<Info> {
  const line = await commandLine(["info", "--json", file]);
  const { success, stdout, stderr } = await new Deno.Command(
    Deno.execPath(),
    { ...line, cwd: ROOT },
  ).output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Path from the root of the project with `/`; empty for what is elsewhere. */
function projectPath(specifier: string): string {
  if (!specifier.startsWith("file:")) return "";
  const path = relative(ROOT, fromFileUrl(specifier));
  return path.startsWith("..") ? "" : path.replaceAll(SEPARATOR, "/");
}

/** `mod.ts` and every file of `src/`, as paths from the root. */
async function sources(): Promise<string[]> {
  const files = await Array.fromAsync(
    walk(resolve(ROOT, "src"), { exts: ["ts"], includeDirs: false }),
    ({ path }) => relative(ROOT, path).replaceAll(SEPARATOR, "/"),
  );
  assertGreater(files.length, 0, "There is nothing to check");
  const face = await exists(resolve(ROOT, "mod.ts")) ? ["mod.ts"] : [];
  return [...face, ...files.sort()];
}

/** A name of the runtime in a source. */
interface GlobalUse {
  /** `Deno` or `console`, with the member that is read. */
  readonly name: string;
  /** True where only a type is meant. */
  readonly isType: boolean;
}

/** Finds the globals of the runtime in the syntax tree, so that comments,
 * texts and examples do not count. */
function globalUses(source: string): GlobalUse[] {
  const uses: GlobalUse[] = [];
  const visit = (node: Deno.lint.Identifier): void => {
    if (node.name !== "Deno" && node.name !== "console") return;
    const { parent } = node;
    const member = parent.type === "MemberExpression" &&
        parent.object === node && parent.property.type === "Identifier"
      ? `.${parent.property.name}`
      : "";
    uses.push({ name: node.name + member, isType: isType(node) });
  };
  const plugin: Deno.lint.Plugin = {
    name: "architecture",
    rules: { globals: { create: () => ({ Identifier: visit }) } },
  };
  Deno.lint.runPlugin(plugin, "source.ts", source);
  return uses;
}

function isType(node: Deno.lint.Identifier): boolean {
  let at: Deno.lint.Node = node;
  while (at.parent.type === "MemberExpression") at = at.parent;
  const { type } = at.parent;
  return type === "TSQualifiedName" || type === "TSTypeQuery" ||
    type === "TSInterfaceHeritage" || type === "TSClassImplements";
}

/** What a source does that its folder may not. */
function globalFaults(path: string, source: string): string[] {
  const layer = layerOf(path);
  return globalUses(source).filter(({ name, isType }) => {
    if (isPrinting(name)) return !PRINTING.test(path);
    const mayName = layer === "http" && isType;
    return name.startsWith("Deno") && CORE.includes(layer) && !mayName;
  }).map(({ name }) => `${path} uses ${name}`);
}

function isPrinting(name: string): boolean {
  return /^(?:console|Deno\.std(?:out|err))/.test(name);
}

Deno.test("edgeFault() refuses what the layers do not allow", () => {
  const cases: [from: string, specifier: string, to: string][] = [
    ["src/grammar/chars.ts", "../http/headers.ts", "src/http/headers.ts"],
    ["src/protocol/a.ts", "../http/headers.ts", "src/http/headers.ts"],
    ["src/http/a.ts", "../protocol/errors.ts", "src/protocol/errors.ts"],
    ["src/routing/a.ts", "../server/a.ts", "src/server/a.ts"],
    ["src/routing/a.ts", "../protocol/errors.ts", "src/protocol/errors.ts"],
    ["src/middleware/a.ts", "../handlers/a.ts", "src/handlers/a.ts"],
    ["src/handlers/static/a.ts", "../../server/a.ts", "src/server/a.ts"],
    ["src/server/a.ts", "../middleware/cors.ts", "src/middleware/cors.ts"],
    ["src/server/a.ts", "../cli/args.ts", "src/cli/args.ts"],
    ["src/http/a.ts", "@x/httpserver", "mod.ts"],
    ["src/http/a.ts", "../../examples/a.ts", "examples/a.ts"],
    ["src/stray.ts", "./http/a.ts", "src/http/a.ts"],
    ["src/unknown/a.ts", "./b.ts", "src/unknown/b.ts"],
    ["src/http/a.ts", "@std/path", ""],
    ["src/protocol/a.ts", "mrmime", ""],
    ["src/server/a.ts", "npm:mrmime@2", ""],
    ["src/handlers/a.ts", "mrmime-other", ""],
    ["src/server/a.ts", "@std/assert", ""],
    ["src/middleware/mod.ts", "prom-client", ""],
    ["src/middleware/metrics/a.ts", "@opentelemetry/api", ""],
    ["src/middleware/tracing/a.ts", "@opentelemetry/sdk-trace", ""],
  ];
  for (const [from, specifier, to] of cases) {
    const fault = edgeFault({ from, specifier, to });
    assert(fault?.startsWith(from), `${from} -> ${specifier}`);
  }
});

Deno.test("edgeFault() lets through what the layers allow", () => {
  const cases: [from: string, specifier: string, to: string][] = [
    ["src/http/a.ts", "../grammar/chars.ts", "src/grammar/chars.ts"],
    ["src/http/a.ts", "./b.ts", "src/http/b.ts"],
    ["src/handlers/static/a.ts", "../health.ts", "src/handlers/health.ts"],
    ["src/server/a.ts", "../protocol/session.ts", "src/protocol/session.ts"],
    ["src/cli/a.ts", "../../mod.ts", "mod.ts"],
    ["src/cli/a.ts", "@std/cli/parse-args", ""],
    ["src/grammar/a.ts", "node:buffer", ""],
    ["src/handlers/static/a.ts", "mrmime", ""],
    ["src/middleware/metrics/a.ts", "prom-client", ""],
    ["src/middleware/tracing/a.ts", "@opentelemetry/api", ""],
    ["mod.ts", "./src/server/a.ts", "src/server/a.ts"],
  ];
  for (const [from, specifier, to] of cases) {
    assertEquals(edgeFault({ from, specifier, to }), undefined);
  }
});

Deno.test("globalFaults() tells values from types, texts and comments", () => {
  const source = `/** Deno.a, console.log("b") */ const text = "Deno.c";
    let address: Deno.Addr; class Own implements Deno.Closer { close() {} }
    type Out = typeof Deno.args; interface Mine extends Deno.Addr {}`;
  assertEquals(globalFaults("src/http/a.ts", source), []);
  assertEquals(globalFaults("src/server/a.ts", source), []);
  assertEquals(globalFaults("src/grammar/a.ts", "let a: Deno.Addr;"), [
    "src/grammar/a.ts uses Deno",
  ]);
  const values = "Deno.open(''); globalThis.Deno?.pid; `${Deno.args}`;" +
    "if (typeof Deno !== 'undefined') class A extends Deno.Own {}";
  assertEquals(globalFaults("src/http/a.ts", values).length, 5);
  assertEquals(globalFaults("src/server/a.ts", values), []);
});

Deno.test("globalFaults() finds what prints", () => {
  const source = "console.error(1); Deno.stdout.writeSync(a); Deno.exit();";
  assertEquals(globalFaults("src/server/a.ts", source), [
    "src/server/a.ts uses console.error",
    "src/server/a.ts uses Deno.stdout",
  ]);
  assertEquals(globalFaults("src/cli/main.ts", source), []);
  assertEquals(globalFaults("src/server/log.ts", source), []);
  assertEquals(globalFaults("src/middleware/logging/mod.ts", source).length, 2);
});

Deno.test("every import follows the layers", async () => {
  const files = await sources();
  const graph = await importGraph(files);
  const edges = files.flatMap((file) => graph.get(file) ?? []);
  assertGreater(edges.length, 0, "There is no import to check");
  const faults = edges.map(edgeFault).filter((fault) => fault !== undefined);
  assertEquals(faults, []);
});

Deno.test("mod.ts and the middleware reach no npm package", async () => {
  for (const face of ["mod.ts", "src/middleware/mod.ts"]) {
    const { modules } = await info(face);
    assertGreater(modules.length, 1);
    const packages = modules.map((module) => module.specifier)
      .filter((specifier) => specifier.startsWith("npm:"));
    assertEquals(packages, [], face);
  }
});

Deno.test("every file keeps to its part of the runtime", async () => {
  const faults: string[] = [];
  for (const path of await sources()) {
    const source = await Deno.readTextFile(resolve(ROOT, path));
    faults.push(...globalFaults(path, source));
  }
  assertEquals(faults, []);
});

Deno.test("every file is short enough to be read at once", async () => {
  const long: string[] = [];
  for (const path of await sources()) {
    const source = await Deno.readTextFile(resolve(ROOT, path));
    const lines = source.split("\n").length - 1;
    if (lines >= MAX_LINES) long.push(`${path} has ${lines} lines`);
  }
  assertEquals(long, []);
});
