/** A directory or a file changes places with a link to a secret while a directory
 * is listed: at every single step of it, and back at every later one. */
import { assertEquals, assertGreater } from "@std/assert";
import type {
  DirectoryListing,
  ListingEntry,
} from "../../../../../src/handlers/static/mod.ts";
import { loadFileSystem } from "../../../../../src/handlers/static/open_file.ts";
import { type Ask, Site } from "../site.ts";
import { swap, Watch } from "../watch.ts";

const STEPS = 20;
const SECRET = "SECRET-CONTENT";

async function list(ask: Ask): Promise<readonly ListingEntry[] | null> {
  const response = await ask("/d/?format=json");
  if (response.status !== 200) return null;
  return (await response.json() as DirectoryListing).entries;
}

/** What was listed with the places changed at each pair of steps. */
async function listAll(
  site: Site,
  places: [string, string],
): Promise<(readonly ListingEntry[] | null)[]> {
  using watch = new Watch();
  const ask = site.serve({ listing: true });
  const seen: (readonly ListingEntry[] | null)[] = [];
  for (let first = 0; first < STEPS; first++) {
    for (let second = first + 1; second <= STEPS; second++) {
      let swaps = 0;
      watch.step = 0;
      watch.before = (step) => {
        if (step !== first && step !== second) return;
        swap(site, ...places);
        swaps++;
      };
      seen.push(await list(ask));
      watch.before = () => {};
      if (swaps % 2 === 1) swap(site, ...places);
    }
  }
  return seen;
}

const PLACES: Record<string, [string, string]> = {
  file: ["root/d/inside", "root/d/link"],
  directory: ["root/d", "root/e"],
};

async function mayReadProcess(): Promise<boolean> {
  return await Deno.readLink("/proc/self/exe").then(() => true, () => false);
}

for (const [kind, places] of Object.entries(PLACES)) {
  Deno.test({
    name:
      `staticFiles() lists nothing of outside when a ${kind} is swapped for a link at any step`,
    ignore: !await mayReadProcess(),
    async fn() {
      await loadFileSystem();
      using site = new Site({ "d/inside": "in" });
      site.write("outside/inside", SECRET);
      site.write("outside/secret", SECRET);
      site.link(site.path("outside/inside"), "root/d/link");
      site.link("../outside", "root/e");
      let found = 0;
      for (const entries of await listAll(site, places)) {
        for (const { name, size } of entries ?? []) {
          assertEquals(["inside", "link"].includes(name), true, name);
          assertEquals(size, 2, name);
          found++;
        }
      }
      assertGreater(found, 10);
    },
  });
}
