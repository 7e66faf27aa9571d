/** Decides whether JSR answers and, if not, writes what stands in for it.
 *
 * Uses nothing but Deno: it runs before any import can be resolved. */
import { isPublish, type OfflineFiles, withStandIns } from "./arguments.ts";

/** Set for child processes, so that one run takes one decision. */
const DECISION = "JSR_ANSWERS";
const PROBE_MS = 700;
const STAND_INS = ["assert", "cli", "fs", "path"];
const ROOT = new URL("../../", import.meta.url);
const CONFIG = new URL("deno.offline.json", ROOT);
const IMPORT_MAP = new URL("deno.offline.imports.json", ROOT);

/** A `deno` command line, ready to be spawned. */
export interface CommandLine {
  /** Arguments after the executable. */
  readonly args: string[];
  /** Variables to add to the environment of the process. */
  readonly env: Record<string, string>;
  /** Removes what was made for this command alone. */
  readonly dispose: () => Promise<void>;
}

/** The part of a `deno.json` read here. */
interface Config {
  readonly name: string;
  readonly exports: string | Record<string, string>;
  readonly imports?: Record<string, string>;
}

/** Makes `deno ARGS...` work with and without JSR.
 *
 * @example Usage
 * ```ts ignore
 * const line = await commandLine(["run", "-A", "examples/01_hello.ts"]);
 * new Deno.Command(Deno.execPath(), line).spawn();
 * ``` */
export async function commandLine(
  args: readonly string[],
): Promise<CommandLine> {
  const online = await jsrAnswers();
  const env = { [DECISION]: online ? "yes" : "no" };
  if (online) return { args: [...args], env, dispose: nothing };
  const config = await readConfig(ROOT);
  const publish = isPublish(args) ? await preparePublish(config) : undefined;
  const files: OfflineFiles = {
    config: path(CONFIG),
    publishConfig: publish?.config ?? "",
    importMap: path(IMPORT_MAP),
  };
  await replace(
    CONFIG,
    offlineConfig(config, (name) => `./.ci/offline/${name}`),
  );
  await replace(IMPORT_MAP, { imports: await importMap(config) });
  return {
    args: withStandIns(args, files),
    env,
    dispose: publish?.dispose ?? nothing,
  };
}

/** True if JSR serves package metadata, found out in less than a second. */
export async function jsrAnswers(): Promise<boolean> {
  const decided = Deno.env.get(DECISION);
  if (decided === "yes" || decided === "no") return decided === "yes";
  const base = Deno.env.get("JSR_URL") ?? "https://jsr.io";
  try {
    const response = await fetch(new URL("/@std/assert/meta.json", base), {
      signal: AbortSignal.timeout(PROBE_MS),
    });
    // A captive portal answers 200 too, with a page of its own.
    return response.ok && (await response.json()).scope === "std";
  } catch {
    return false;
  }
}

/** `deno.json` with links to the stand-ins.
 *
 * No lock file: entries for JSR must come from the real registry. */
function offlineConfig(
  config: Config,
  locate: (name: string) => string,
): Record<string, unknown> {
  return { ...config, lock: false, links: STAND_INS.map(locate) };
}

/** What `deno doc` needs, as it knows neither links nor the own name. */
async function importMap(config: Config): Promise<Record<string, string>> {
  const map = { ...config.imports, ...entries(config, ".") };
  for (const name of STAND_INS) {
    const folder = `./.ci/offline/${name}`;
    const standIn = await readConfig(new URL(`${folder}/`, ROOT));
    Object.assign(map, entries(standIn, folder));
  }
  return map;
}

function entries(config: Config, folder: string): Record<string, string> {
  const exports = typeof config.exports === "string"
    ? { ".": config.exports }
    : config.exports;
  return Object.fromEntries(
    Object.entries(exports).map(([key, file]) => [
      config.name + key.slice(1),
      `${folder}/${file.replace(/^\.\//, "")}`,
    ]),
  );
}

/** `deno publish` reports linked modules inside the package as not published,
 * so here the links lead to copies outside of it. */
async function preparePublish(
  config: Config,
): Promise<{ config: string; dispose: () => Promise<void> }> {
  const copies = await Deno.makeTempDir({ prefix: "standins-" });
  const from = path(new URL("./", import.meta.url));
  for (const name of STAND_INS) {
    await copyFolder(`${from}/${name}`, `${copies}/${name}`);
  }
  const file = new URL(`deno.offline.publish-${Deno.pid}.json`, ROOT);
  await replace(file, offlineConfig(config, (name) => `${copies}/${name}`));
  const dispose = async () => {
    await Deno.remove(file);
    await Deno.remove(copies, { recursive: true });
  };
  return { config: path(file), dispose };
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

async function readConfig(folder: URL): Promise<Config> {
  return JSON.parse(await Deno.readTextFile(new URL("deno.json", folder)));
}

/** Replaces a file at once, and only if it changes: another run may be reading
 * it at this moment. */
async function replace(file: URL, content: unknown): Promise<void> {
  const text = JSON.stringify(content, null, 2) + "\n";
  const old = await Deno.readTextFile(file).catch(() => "");
  if (old === text) return;
  const temporary = new URL(`${file.href}.${Deno.pid}-${crypto.randomUUID()}`);
  await Deno.writeTextFile(temporary, text);
  await Deno.rename(temporary, file);
}

function path(url: URL): string {
  const decoded = decodeURIComponent(url.pathname);
  const native = Deno.build.os === "windows" ? decoded.slice(1) : decoded;
  return native.length > 1 ? native.replace(/\/$/, "") : native;
}

async function nothing(): Promise<void> {}
