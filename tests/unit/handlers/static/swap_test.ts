/** A file and a link to a secret change places while a file is looked for: at
 * every single step of it, and back at every later one. */
import { assertEquals, assertGreater } from "@std/assert";
import { DiskSource } from "../../../../src/handlers/static/disk_source.ts";
import { loadFileSystem } from "../../../../src/handlers/static/open_file.ts";
import { resolveDisk } from "../../../../src/handlers/static/settings.ts";
import { type Ask, askOf, Site } from "./site.ts";
import { swap, Watch } from "./watch.ts";

const STEPS = 14;

/** Asks with the places changed at some steps; what came, by how often. */
async function ask(
  watch: Watch,
  site: Site,
  ask: Ask,
  places: [string, string],
  steps: number[],
): Promise<string> {
  watch.step = 0;
  let swaps = 0;
  watch.before = (step) => {
    if (!steps.includes(step)) return;
    swap(site, ...places);
    swaps++;
  };
  const response = await ask("/d/a.txt");
  const text = response.status === 200 ? await response.text() : "refused";
  watch.before = () => {};
  if (swaps % 2 === 1) swap(site, ...places);
  return text;
}

async function askAll(site: Site, asked: Ask, places: [string, string]) {
  using watch = new Watch();
  const seen = new Map<string, number>();
  for (let first = 0; first < STEPS; first++) {
    for (let second = first + 1; second <= STEPS; second++) {
      for (let round = 0; round < 2; round++) {
        const steps = [first, second];
        const text = await ask(watch, site, asked, places, steps);
        seen.set(text, (seen.get(text) ?? 0) + 1);
      }
    }
  }
  return seen;
}

const PLACES: Record<string, [string, string]> = {
  file: ["root/d/a.txt", "root/d/link"],
  directory: ["root/d", "root/e"],
};

async function mayReadProcess(): Promise<boolean> {
  return await Deno.readLink("/proc/self/exe").then(() => true, () => false);
}

for (const [kind, places] of Object.entries(PLACES)) {
  Deno.test({
    name:
      `staticFiles() leaks nothing when a ${kind} is swapped for a link at any step`,
    ignore: !await mayReadProcess(),
    async fn() {
      await loadFileSystem();
      for (const isCached of [false, true]) {
        using site = new Site({ "d/a.txt": "in" });
        site.write("outside/a.txt", "SECRET");
        site.link(site.path("outside/a.txt"), "root/d/link");
        site.link("../outside", "root/e");
        const settings = resolveDisk({
          root: site.root,
          cache: isCached ? {} : false,
        });
        const ahead = () => Date.now() + 10_000;
        const source = new DiskSource(settings, ahead);
        const seen = await askAll(site, askOf({ source }), places);
        assertEquals(seen.get("SECRET"), undefined, `cached ${isCached}`);
        assertEquals([...seen.keys()].sort(), ["in", "refused"]);
        assertGreater(seen.get("in") ?? 0, 10);
      }
    },
  });
}
