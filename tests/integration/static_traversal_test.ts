/** Whatever a path says, nothing comes out of a root that is not meant to: over
 * a socket, byte for byte as sent. */
import { assert, assertEquals, assertFalse } from "@std/assert";
import { join } from "@std/path";
import {
  staticFiles,
  type StaticFilesOptions,
} from "@x/httpserver/handlers/static";
import type { RawClient } from "../support/raw_client.ts";
import type { RawResponse } from "../support/raw_response.ts";
import { Site } from "../support/site.ts";

const SECRET = "SECRET-CONTENT";
const PUBLIC = "public content";

/** A root with what may be seen, and beside and in it what may not. */
class Tree implements Disposable {
  readonly base: string = Deno.realPathSync(Deno.makeTempDirSync());
  readonly root: string = join(this.base, "root");

  constructor() {
    const files: Record<string, string> = {
      "root/index.html": PUBLIC,
      "root/a.txt": PUBLIC,
      "root/sub/b.txt": PUBLIC,
      "root/.well-known/security.txt": PUBLIC,
      "root/.env": SECRET,
      "root/.git/config": SECRET,
      "root/sub/.htpasswd": SECRET,
      "root/.well-known/.hidden": SECRET,
      "root/...": SECRET,
      "root/.env.br": SECRET,
      "secret.txt": SECRET,
      "secret.html": SECRET,
      "secret.txt.br": SECRET,
      "index.html": SECRET,
      "root-twin/secret.txt": SECRET,
      "rootsecret.txt": SECRET,
    };
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.base, name);
      Deno.mkdirSync(join(path, ".."), { recursive: true });
      Deno.writeTextFileSync(path, content);
    }
    const links: [string, string][] = [
      ["../secret.txt", "link.txt"],
      [join(this.base, "secret.txt"), "absolute.txt"],
      ["link.txt", "twice.txt"],
      ["..", "up"],
      ["../root-twin", "twin"],
      ["/", "slash"],
      ["/etc", "etc"],
      ["/proc/self", "self"],
      ["/dev/zero", "zero"],
      ["../secret.txt", "a.txt.br"],
      ["../secret.html", "page.html"],
      ["loop", "loop"],
    ];
    for (const [to, name] of links) {
      Deno.symlinkSync(to, join(this.root, name));
    }
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.base, { recursive: true });
  }
}

/** Targets that must not be found. */
const REFUSED = [
  // dot segments
  "/../secret.txt",
  "/..",
  "/../",
  "/./../secret.txt",
  "/sub/../../secret.txt",
  "/sub/../a.txt",
  "/./a.txt",
  "/../root/a.txt",
  "/../root-twin/secret.txt",
  "/../rootsecret.txt",
  "/..secret.txt",
  "/...",
  "/.../secret.txt",
  "/....//secret.txt",
  "/..../secret.txt",
  "/../../../../../../../../../../etc/passwd",
  `/${"../".repeat(500)}etc/passwd`,
  // encoded once, in all cases and places
  "/%2e%2e/secret.txt",
  "/%2E%2E/secret.txt",
  "/.%2e/secret.txt",
  "/%2e./secret.txt",
  "/%2e%2e%2fsecret.txt",
  "/..%2fsecret.txt",
  "/..%2Fsecret.txt",
  "/sub%2f..%2f..%2fsecret.txt",
  "/%2fetc%2fpasswd",
  "/sub%2fb.txt",
  "/%2e/a.txt",
  // encoded twice and more
  "/%252e%252e/secret.txt",
  "/%252e%252e%252fsecret.txt",
  "/%25252e%25252e%25252fsecret.txt",
  "/..%252fsecret.txt",
  "/%252eenv",
  // backslashes
  "/..%5csecret.txt",
  "/..%5Csecret.txt",
  "/%2e%2e%5csecret.txt",
  "/sub%5c..%5c..%5csecret.txt",
  "/%5c..%5csecret.txt",
  "/sub%5cb.txt",
  "/..%255csecret.txt",
  "/%5c%5chost%5cshare",
  // empty segments
  "//a.txt",
  "//etc/passwd",
  "///../secret.txt",
  "/sub//b.txt",
  "/sub//../../secret.txt",
  "/a.txt//",
  // slashes and dots of other alphabets
  "/%E2%80%A5/secret.txt",
  "/%EF%BC%8E%EF%BC%8E/secret.txt",
  "/%EF%BC%8E%EF%BC%8E%EF%BC%8Fsecret.txt",
  "/..%E2%88%95secret.txt",
  "/..%EF%BC%BCsecret.txt",
  "/%E2%80%AE/secret.txt",
  // what a name may carry behind it
  "/a.txt/",
  "/a.txt/.",
  "/a.txt/..",
  "/a.txt/../../secret.txt",
  "/a.txt.",
  "/a.txt%20",
  "/a.txt%2f",
  "/a.txt::$DATA",
  "/a.txt:.html",
  "/A.TXT",
  "/sub/B.TXT",
  "/a.txt%0a",
  "/a.txt%0d%0aSet-Cookie:%20x=1",
  "/a.txt%01",
  "/a.txt%7f",
  "/a.txt~",
  "/a.txt;.html",
  "/..;/secret.txt",
  "/..;x=1/secret.txt",
  "/C:/secret.txt",
  "/c%7c/secret.txt",
  "/file:///etc/passwd",
  "/~root/.bashrc",
  "/*",
  "/root/a.txt",
  "/proc/self/environ",
  "/dev/zero",
  // dotfiles
  "/.env",
  "/%2eenv",
  "/%2Eenv",
  "/.env/",
  "/.env.br",
  "/.git",
  "/.git/",
  "/.git/config",
  "/%2egit/config",
  "/.git%2fconfig",
  "/sub/.htpasswd",
  "/.well-known/.hidden",
  "/.well-known/../.env",
  "/.well-known/%2e%2e/.env",
  "/sub/.well-known/security.txt",
  // links out of the root, a device, a loop
  "/link.txt",
  "/absolute.txt",
  "/twice.txt",
  "/up/",
  "/up/secret.txt",
  "/up/root-twin/secret.txt",
  "/twin",
  "/twin/secret.txt",
  "/slash",
  "/slash/etc/passwd",
  "/etc/passwd",
  "/self/environ",
  "/self/cwd/deno.json",
  "/self/fd/0",
  "/zero",
  "/loop",
  "/page",
  "/page.html",
  // too long for any file system
  `/${"a".repeat(300)}`,
  `/${"a/".repeat(3000)}b`,
];

/** Targets that no path can be read from: refused before any file is looked for. */
const MALFORMED = [
  "/%00",
  "/a.txt%00",
  "/a.txt%00.html",
  "/..%00/secret.txt",
  "/%",
  "/%2",
  "/%zz",
  "/%u002e%u002e/secret.txt",
  "/%c0%ae%c0%ae/secret.txt",
  "/%c0%af..%c0%afsecret.txt",
  "/%e0%80%ae%e0%80%ae/secret.txt",
  "/%f0%80%80%ae/secret.txt",
  "/%f8%80%80%80%ae/secret.txt",
  "/..%c1%9csecret.txt",
  "/%ed%a0%80",
  "/%ff",
  "/a b",
  "/..\\secret.txt",
  "/a.txt\0",
  "/a.txt\x7f",
  "/../secret.txt\0.html",
  "../secret.txt",
  "a.txt",
  "",
];

// All that widens what is looked for, so that each way is tried.
const OPTIONS: Partial<StaticFilesOptions>[] = [
  {},
  { cache: false },
  { symlinks: "deny" },
  {
    cleanUrls: true,
    precompressed: true,
    index: ["index.html", "secret.txt"],
    notFound: "index.html",
    spa: true,
    etag: "strong",
  },
  { cleanUrls: "redirect", precompressed: true, cache: { checkMs: 1000 } },
  { listing: true, index: [] },
];

function check(
  target: string,
  response: RawResponse,
  statuses: number[],
): void {
  const what = `${target} gave ${response.status}`;
  assert(statuses.includes(response.status), what);
  assertFalse(response.text.includes(SECRET), what);
  assertFalse(/root:.*:0:0/.test(response.text), what);
  assertEquals(response.header("set-cookie"), null, what);
  const location = response.header("location");
  assert(location === null || /^\/(?![/\\])/.test(location), what);
}

async function ask(
  client: RawClient,
  target: string,
  more = "",
): Promise<RawResponse> {
  return await client.ask(
    `GET ${target} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br, gzip\r\n${more}\r\n`,
  );
}

async function start(options: StaticFilesOptions): Promise<Site> {
  return await Site.start((server) => {
    server.get("/*path", staticFiles(options));
    server.get("/static/*path", staticFiles(options));
  });
}

const ignore = Deno.build.os === "windows";

Deno.test({
  name: "staticFiles() gives nothing away to any of 120 ways to ask",
  ignore,
  async fn() {
    assert(REFUSED.length + MALFORMED.length >= 120);
    using tree = new Tree();
    for (const options of OPTIONS) {
      await using site = await start({ root: tree.root, ...options });
      using client = await site.connect();
      for (const prefix of ["", "/static"]) {
        for (const target of REFUSED) {
          check(target, await ask(client, prefix + target), [404]);
        }
      }
    }
  },
});

Deno.test({
  name: "staticFiles() gives nothing away to targets that are no paths",
  ignore,
  async fn() {
    using tree = new Tree();
    await using site = await start({ root: tree.root });
    for (const target of MALFORMED) {
      using client = await site.connect();
      check(target, await ask(client, target), [400, 404]);
    }
  },
});

Deno.test({
  name: "staticFiles() holds targets in absolute form to the same rules",
  ignore,
  async fn() {
    using tree = new Tree();
    await using site = await start({ root: tree.root });
    for (const target of REFUSED.filter((one) => !one.startsWith("//"))) {
      using client = await site.connect();
      check(target, await ask(client, `http://a${target}`), [400, 404]);
    }
    using client = await site.connect();
    const found = await ask(client, "http://a/a.txt");
    assertEquals(found.text, PUBLIC);
  },
});

Deno.test({
  name: "staticFiles() serves what it may, over the same connections",
  ignore,
  async fn() {
    using tree = new Tree();
    for (const options of OPTIONS.slice(0, 3)) {
      await using site = await start({ root: tree.root, ...options });
      using client = await site.connect();
      const targets = [
        "/",
        "/index.html",
        "/a.txt",
        "/%61.txt",
        "/sub/b.txt",
        "/.well-known/security.txt",
        "/static/a.txt",
      ];
      for (const target of targets) {
        const response = await ask(client, target);
        assertEquals(response.status, 200, target);
        assertEquals(response.text, PUBLIC, target);
      }
    }
  },
});

Deno.test({
  name: "staticFiles() tells nobody which of what it refuses there is",
  ignore,
  async fn() {
    using tree = new Tree();
    await using site = await start({ root: tree.root });
    using client = await site.connect();
    const absent = await ask(client, "/no-such-file");
    const targets = ["/.env", "/.git/", "/link.txt", "/up/", "/zero", "/twin"];
    for (const target of targets) {
      const response = await ask(
        client,
        target,
        'Range: bytes=99999-\r\nIf-Match: "x"\r\n',
      );
      assertEquals(response.line, absent.line, target);
      assertEquals(response.text, absent.text, target);
      assertEquals(response.fields, absent.fields, target);
    }
  },
});
