// Listings of directories on the disk: nothing is listed that is not served.
import { assert, assertEquals } from "@std/assert";
import type {
  DirectoryListing,
  StaticFilesOptions,
} from "../../../../../src/handlers/static/mod.ts";
import { DiskDirectory } from "../../../../../src/handlers/static/disk_directory.ts";
import { loadFileSystem } from "../../../../../src/handlers/static/open_file.ts";
import { SymlinkGuard } from "../../../../../src/handlers/static/symlink_guard.ts";
import { type Ask, openDescriptors, Site } from "../site.ts";

const POLICIES = ["within-root", "follow", "deny"] as const;

async function makeSite(): Promise<Site> {
  const site = new Site({
    "a.txt": "in",
    "sub/b.txt": "in",
    "none/.keep": "",
    ".env": "secret",
    "café.txt": "in",
    "100%.txt": "in",
    "back\\slash": "in",
  });
  site.write("outside/secret.txt", "SECRET-CONTENT");
  site.write("outside/index.html", "SECRET");
  const links: [string, string][] = [
    ["a.txt", "in"],
    ["sub", "in-dir"],
    [site.path("outside/secret.txt"), "out"],
    ["../outside", "out-dir"],
    ["out", "out-twice"],
    ["..", "up"],
    ["loop", "loop"],
    ["nowhere", "broken"],
    ["/dev/zero", "device"],
    ["/proc/self", "process"],
  ];
  for (const [target, name] of links) site.link(target, `root/${name}`);
  await new Deno.Command("mkfifo", { args: [site.path("root/pipe")] }).output();
  return site;
}

async function list(ask: Ask, target = "/"): Promise<DirectoryListing | null> {
  const response = await ask(target, {
    headers: { accept: "application/json" },
  });
  return response.status === 200
    ? await response.json() as DirectoryListing
    : null;
}

async function namesOf(ask: Ask, target = "/"): Promise<string[] | undefined> {
  return (await list(ask, target))?.entries.map(({ name }) => name).sort();
}

const ignore = Deno.build.os === "windows";

Deno.test({
  name: "staticFiles() lists just what it serves, by each policy on links",
  ignore,
  async fn() {
    using site = await makeSite();
    for (const symlinks of POLICIES) {
      const options: Partial<StaticFilesOptions> = {
        symlinks,
        listing: true,
        index: [],
      };
      const ask = site.serve(options);
      const listed = await namesOf(ask) ?? [];
      const served: string[] = [];
      for (const { name } of Deno.readDirSync(site.root)) {
        const response = await ask(`/${encodeURIComponent(name)}`);
        await response.bytes();
        if (response.status < 400) served.push(name);
      }
      assertEquals(listed, served.sort(), symlinks);
      assert(listed.length >= 4, symlinks);
    }
  },
});

Deno.test({
  name: "staticFiles() tells of a link what it leads to",
  ignore,
  async fn() {
    using site = await makeSite();
    site.touch("root/sub", 1_000_000_000_000);
    site.touch("root/a.txt", 1_100_000_000_000);
    const listing = await list(site.serve({ listing: true }));
    const byName = new Map(listing?.entries.map((one) => [one.name, one]));
    const time = (ms: number) => new Date(ms).toISOString().replace(".000", "");
    for (const name of ["a.txt", "in"]) {
      const { type, size, modified } = byName.get(name) ?? {};
      assertEquals([type, size, modified], [
        "file",
        2,
        time(1_100_000_000_000),
      ]);
    }
    for (const name of ["sub", "in-dir"]) {
      const { type, size, modified, url } = byName.get(name) ?? {};
      assertEquals([type, size, url], ["directory", null, `${name}/`]);
      assertEquals(modified, time(1_000_000_000_000));
    }
  },
});

Deno.test({
  name: "staticFiles() lists nothing that it may not read",
  ignore: Deno.build.os === "windows" || Deno.uid() === 0,
  async fn() {
    using site = new Site({ "a.txt": "a", "b.txt": "b", "sub/c.txt": "c" });
    Deno.chmodSync(site.path("root/a.txt"), 0);
    Deno.chmodSync(site.path("root/sub"), 0);
    const ask = site.serve({ listing: true });
    assertEquals(await namesOf(ask), ["b.txt"]);
    assertEquals(await namesOf(ask, "/sub/"), undefined);
    Deno.chmodSync(site.path("root/sub"), 0o755);
    assertEquals(await namesOf(ask), ["b.txt", "sub"]);
  },
});

Deno.test({
  name: "staticFiles() lists no directory outside of its root",
  ignore,
  async fn() {
    using site = await makeSite();
    const expected: [string, (string[] | undefined)[]][] = [
      ["/sub/", [["b.txt"], ["b.txt"], ["b.txt"]]],
      ["/in-dir/", [["b.txt"], ["b.txt"], undefined]],
      ["/out-dir/", [undefined, ["index.html", "secret.txt"], undefined]],
      ["/up/outside/", [undefined, ["index.html", "secret.txt"], undefined]],
      ["/a.txt/", [undefined, undefined, undefined]],
      ["/loop/", [undefined, undefined, undefined]],
      ["/pipe/", [undefined, undefined, undefined]],
      ["/none/", [[], [], []]],
    ];
    for (const [at, symlinks] of POLICIES.entries()) {
      const ask = site.serve({ symlinks, listing: true, index: [] });
      for (const [target, lists] of expected) {
        assertEquals(await namesOf(ask, target), lists[at], symlinks + target);
      }
    }
  },
});

Deno.test({
  name: "staticFiles() lists a root that is a link, by all policies",
  ignore,
  async fn() {
    using site = new Site({ "a.txt": "a", "sub/b.txt": "b" });
    site.link("root", "current");
    for (const symlinks of POLICIES) {
      const root = site.path("current");
      const ask = site.serve({ root, symlinks, listing: true });
      assertEquals(await namesOf(ask), ["a.txt", "sub"], symlinks);
      assertEquals(await namesOf(ask, "/sub/"), ["b.txt"], symlinks);
    }
  },
});

Deno.test({
  name: "DiskDirectory tells the same with and without /proc",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using site = await makeSite();
    site.link("root", "current");
    await loadFileSystem();
    for (const symlinks of POLICIES) {
      for (const root of [site.root, site.path("current")]) {
        const seen: [string, unknown][][] = [];
        for (const hasProcess of [true, false]) {
          const guard = new SymlinkGuard({ root, symlinks }, hasProcess);
          const directory = await DiskDirectory.open(root, guard);
          assert(directory !== null, `${symlinks} ${root} ${hasProcess}`);
          const facts: [string, unknown][] = [];
          for (const name of directory.names.toSorted()) {
            facts.push([name, await directory.describe(name)]);
          }
          directory.close();
          seen.push(facts);
        }
        assertEquals(seen[0], seen[1], `${symlinks} ${root}`);
      }
    }
  },
});

Deno.test({
  name: "staticFiles() leaves nothing open behind a listing",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using site = await makeSite();
    for (const symlinks of POLICIES) {
      const ask = site.serve({ symlinks, listing: true });
      for (const target of ["/", "/sub/", "/out-dir/", "/a.txt/", "/pipe/"]) {
        const response = await ask(target);
        await response.bytes();
        assertEquals(openDescriptors(site.base), 0, target);
      }
    }
  },
});

Deno.test({
  name: "staticFiles() shows a change of a directory at once",
  ignore,
  async fn() {
    using site = new Site({ "a.txt": "a" });
    const ask = site.serve({ listing: true });
    assertEquals(await namesOf(ask), ["a.txt"]);
    const tag = (await ask("/")).header("etag");
    site.write("root/b.txt", "b");
    assertEquals(await namesOf(ask), ["a.txt", "b.txt"]);
    const headers = { "if-none-match": tag ?? "" };
    assertEquals((await ask("/", { headers })).status, 200);
    Deno.removeSync(site.path("root/a.txt"));
    assertEquals(await namesOf(ask), ["b.txt"]);
  },
});

Deno.test({
  name: "staticFiles() does not fail for a name that is no UTF-8",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using site = new Site({ "a.txt": "a" });
    const script = 'printf x > "$(printf "bad\\377name")"';
    const { success } = await new Deno.Command("sh", {
      args: ["-c", script],
      cwd: site.root,
    }).output();
    assert(success);
    const ask = site.serve({ listing: true });
    assertEquals(await namesOf(ask), ["a.txt"]);
  },
});

async function mayReadProcess(): Promise<boolean> {
  return await Deno.readLink("/proc/self/exe").then(() => true, () => false);
}

function nextMessage(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    worker.onmessage = () => resolve();
  });
}

Deno.test({
  name:
    "staticFiles() lists no name of outside while a directory is swapped for a link",
  ignore: !await mayReadProcess(),
  async fn() {
    using site = new Site({ "d/inside": "in" });
    site.write("outside/secret", "out");
    site.link("../outside", "root/e");
    const url = new URL("../swapper.ts", import.meta.url);
    const worker = new Worker(url, { type: "module" });
    const stop = new SharedArrayBuffer(4);
    const started = nextMessage(worker);
    worker.postMessage([site.path("root/d"), site.path("root/e"), stop]);
    await started;
    const seen = { in: 0, out: 0, refused: 0 };
    const ask = site.serve({ listing: true });
    for (let left = 3_000; left > 0; left--) {
      const names = await namesOf(ask, "/d/");
      if (names === undefined) seen.refused++;
      else if (names.includes("secret")) seen.out++;
      else if (names.includes("inside")) seen.in++;
    }
    const stopped = nextMessage(worker);
    Atomics.store(new Int32Array(stop), 0, 1);
    await stopped;
    worker.terminate();
    assertEquals(seen.out, 0);
    assert(seen.in > 0 && seen.refused > 0, Deno.inspect(seen));
  },
});
