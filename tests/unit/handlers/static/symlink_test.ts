import { assert, assertEquals } from "@std/assert";
import {
  loadFileSystem,
  OpenFile,
} from "../../../../src/handlers/static/open_file.ts";
import { SymlinkGuard } from "../../../../src/handlers/static/symlink_guard.ts";
import type { SymlinkPolicy } from "../../../../src/handlers/static/options.ts";
import { Site } from "./site.ts";

const POLICIES: readonly SymlinkPolicy[] = ["within-root", "follow", "deny"];

function makeSite(): Site {
  const site = new Site({ "a.txt": "in", "sub/index.html": "in" });
  site.write("outside/secret.txt", "out");
  site.write("outside/index.html", "out");
  site.write("root-twin/secret.txt", "out");
  site.link(site.path("root/a.txt"), "root/in");
  site.link("a.txt", "root/in-relative");
  site.link("in", "root/in-twice");
  site.link("sub", "root/in-dir");
  site.link(site.path("outside/secret.txt"), "root/out");
  site.link("../outside/secret.txt", "root/out-relative");
  site.link("out", "root/out-twice");
  site.link(site.path("outside"), "root/out-dir");
  site.link(site.path("root-twin"), "root/out-twin");
  site.link("..", "root/out-parent");
  site.link("loop", "root/loop");
  site.link("nowhere", "root/broken");
  return site;
}

// Status by policy: within-root, follow, deny.
const CASES: [string, number, number, number][] = [
  ["/a.txt", 200, 200, 200],
  ["/sub/", 200, 200, 200],
  ["/sub", 301, 301, 301],
  ["/in", 200, 200, 404],
  ["/in-relative", 200, 200, 404],
  ["/in-twice", 200, 200, 404],
  ["/in-dir/", 200, 200, 404],
  ["/in-dir/index.html", 200, 200, 404],
  ["/in-dir", 301, 301, 404],
  ["/out", 404, 200, 404],
  ["/out-relative", 404, 200, 404],
  ["/out-twice", 404, 200, 404],
  ["/out-dir", 404, 301, 404],
  ["/out-dir/", 404, 200, 404],
  ["/out-dir/secret.txt", 404, 200, 404],
  ["/out-twin/secret.txt", 404, 200, 404],
  ["/out-parent", 404, 301, 404],
  ["/out-parent/outside/secret.txt", 404, 200, 404],
  ["/out-parent/root/a.txt", 200, 200, 404],
  ["/loop", 404, 404, 404],
  ["/broken", 404, 404, 404],
];

Deno.test("staticFiles() follows links by the policy", async () => {
  using site = makeSite();
  for (const [at, symlinks] of POLICIES.entries()) {
    const ask = site.serve({ symlinks });
    for (const [target, ...expected] of CASES) {
      const response = await ask(target);
      assertEquals(response.status, expected[at], `${symlinks} ${target}`);
    }
  }
});

Deno.test("staticFiles() serves a root that is a link, by all policies", async () => {
  using site = makeSite();
  site.link("root", "current");
  for (const symlinks of POLICIES) {
    const ask = site.serve({ root: site.path("current"), symlinks });
    assertEquals((await ask("/a.txt")).status, 200, symlinks);
    assertEquals((await ask("/sub")).status, 301, symlinks);
    assertEquals(
      (await ask("/out")).status,
      symlinks === "follow" ? 200 : 404,
      symlinks,
    );
  }
});

Deno.test("staticFiles() follows a root link that is switched", async () => {
  using site = new Site();
  site.write("v1/a", "one");
  site.write("v2/a", "two");
  site.link("v1", "current");
  const asks = POLICIES.map((symlinks) =>
    site.serve({ root: site.path("current"), symlinks })
  );
  for (const ask of asks) assertEquals(await (await ask("/a")).text(), "one");
  site.link("v2", "next");
  Deno.renameSync(site.path("next"), site.path("current"));
  for (const ask of asks) assertEquals(await (await ask("/a")).text(), "two");
});

Deno.test("SymlinkGuard decides alike with and without /proc", async () => {
  using site = makeSite();
  await loadFileSystem();
  for (const [at, symlinks] of POLICIES.entries()) {
    for (const hasProcess of [Deno.build.os === "linux", false]) {
      const guard = new SymlinkGuard({ root: site.root, symlinks }, hasProcess);
      for (const [target, ...expected] of CASES) {
        const path = site.path(`root${target}`);
        if (expected[1] !== 200 || target.endsWith("/")) continue;
        const file = OpenFile.open(path);
        assert(file !== null);
        const allows = guard.allowsFile(path, file);
        file.close();
        assertEquals(allows, expected[at] === 200, `${symlinks} ${target}`);
      }
    }
  }
});

Deno.test("SymlinkGuard refuses what was swapped behind the opening", async () => {
  using site = makeSite();
  await loadFileSystem();
  for (const hasProcess of [Deno.build.os === "linux", false]) {
    const guard = new SymlinkGuard(
      { root: site.root, symlinks: "within-root" },
      hasProcess,
    );
    const path = site.path("root/swapped");
    site.link("../outside/secret.txt", "root/swapped");
    const file = OpenFile.open(path);
    assert(file !== null);
    Deno.removeSync(path);
    site.write("root/swapped", "in");
    assertEquals(guard.allowsFile(path, file), false);
    Deno.removeSync(path);
    assertEquals(guard.allowsFile(path, file), false);
    file.close();
  }
});

Deno.test("SymlinkGuard gives up /proc where it cannot be read", async () => {
  using site = makeSite();
  await loadFileSystem();
  const guard = new SymlinkGuard(
    { root: site.root, symlinks: "within-root" },
    true,
  );
  const path = site.path("root/a.txt");
  const file = OpenFile.open(path);
  assert(file !== null);
  // A closed descriptor's number may be another test's by now.
  const processPath = { value: "/proc/self/fd/none" };
  const hidden: OpenFile = Object.create(file, { processPath });
  assertEquals(guard.allowsFile(path, hidden), true);
  file.close();
});

async function canReadProcess(): Promise<boolean> {
  try {
    return (await Deno.readLink("/proc/self/exe")) !== "";
  } catch {
    return false;
  }
}

function nextMessage(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    worker.onmessage = () => resolve();
  });
}

Deno.test({
  name: "staticFiles() leaks nothing while a directory is swapped for a link",
  ignore: !await canReadProcess(),
  async fn() {
    using site = new Site({ "d/a.txt": "in" });
    site.write("outside/a.txt", "out");
    site.link("../outside", "root/e");
    const worker = new Worker(new URL("./swapper.ts", import.meta.url), {
      type: "module",
    });
    const stop = new SharedArrayBuffer(4);
    const started = nextMessage(worker);
    worker.postMessage([site.path("root/d"), site.path("root/e"), stop]);
    await started;
    const seen = { in: 0, out: 0, refused: 0 };
    const ask = site.serve();
    for (let left = 20_000; left > 0; left--) {
      const response = await ask("/d/a.txt");
      if (response.status !== 200) seen.refused++;
      else if (await response.text() === "in") seen.in++;
      else seen.out++;
    }
    const stopped = nextMessage(worker);
    Atomics.store(new Int32Array(stop), 0, 1);
    await stopped;
    worker.terminate();
    assertEquals(seen.out, 0);
    assert(seen.in > 0 && seen.refused > 0, Deno.inspect(seen));
  },
});
