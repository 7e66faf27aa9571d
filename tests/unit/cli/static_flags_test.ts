/** Each flag about files does what the help says. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { dirname, join } from "@std/path";
import { ROOT } from "../../support/program.ts";
import { serverOf } from "../../support/command_line.ts";

const FILES: Readonly<Record<string, string>> = {
  "index.html": "index",
  "main.html": "main",
  "about.html": "about",
  "404.html": "no such page",
  "app.0123abcd.js": "hashed",
  "page.md": "# page",
  "page.js": "plain",
  "page.js.br": "as br",
  "page.js.gz": "as gzip",
  ".env": "dotfile",
  "sub/main.html": "sub",
};

/** A request, and what is looked at in its answer. */
interface Expected {
  readonly args: readonly string[];
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly status: number;
  readonly body?: string;
  readonly fields?: Readonly<Record<string, string | null>>;
}

async function withSite(body: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "flags-" });
  const outside = await Deno.makeTempFile({ prefix: "flags-" });
  try {
    for (const [name, content] of Object.entries(FILES)) {
      await Deno.mkdir(join(root, dirname(name)), { recursive: true });
      await Deno.writeTextFile(join(root, name), content);
    }
    await Deno.writeTextFile(outside, "outside");
    if (Deno.build.os !== "windows") {
      await Deno.symlink("index.html", join(root, "inner"));
      await Deno.symlink(outside, join(root, "outer"));
    }
    await body(root);
  } finally {
    await Deno.remove(root, { recursive: true });
    await Deno.remove(outside);
  }
}

const PAGE = { accept: "text/html", "sec-fetch-mode": "navigate" };

const CASES: readonly Expected[] = [
  { args: [], path: "/", status: 200, body: "index" },
  { args: ["--index=main.html"], path: "/sub/", status: 200, body: "sub" },
  {
    args: ["--index", "none.html,main.html"],
    path: "/",
    status: 200,
    body: "main",
  },
  { args: ["--no-index"], path: "/", status: 404 },
  { args: [], path: "/sub/", status: 404 },
  { args: ["--no-listing"], path: "/sub/", status: 404 },
  {
    args: ["--listing"],
    path: "/sub/",
    status: 200,
    fields: { "content-type": "text/html; charset=utf-8" },
  },
  { args: ["--listing"], path: "/", status: 200, body: "index" },
  { args: [], path: "/deep/link", headers: PAGE, status: 404 },
  {
    args: ["--spa"],
    path: "/deep/link",
    headers: PAGE,
    status: 200,
    body: "index",
  },
  {
    args: ["--spa=main.html"],
    path: "/deep/link",
    headers: PAGE,
    status: 200,
    body: "main",
  },
  { args: [], path: "/about", status: 404 },
  { args: ["--clean-urls"], path: "/about", status: 200, body: "about" },
  { args: ["--clean-urls"], path: "/about.html", status: 200, body: "about" },
  {
    args: ["--clean-urls=redirect"],
    path: "/about.html",
    status: 301,
    fields: { location: "/about" },
  },
  {
    args: ["--not-found=404.html"],
    path: "/none",
    headers: PAGE,
    status: 404,
    body: "no such page",
  },
  { args: [], path: "/.env", status: 404 },
  { args: ["--dotfiles"], path: "/.env", status: 200, body: "dotfile" },
  { args: ["--dotfiles=allow"], path: "/.env", status: 200, body: "dotfile" },
  { args: ["--dotfiles=ignore"], path: "/.env", status: 404 },
  {
    args: [],
    path: "/about.html",
    status: 200,
    fields: { "cache-control": null },
  },
  {
    args: ["--max-age=1h"],
    path: "/about.html",
    status: 200,
    fields: { "cache-control": "public, max-age=3600" },
  },
  {
    args: ["--immutable"],
    path: "/app.0123abcd.js",
    status: 200,
    fields: { "cache-control": "public, immutable, max-age=31536000" },
  },
  {
    args: ["--no-etag"],
    path: "/about.html",
    status: 200,
    fields: { etag: null },
  },
  {
    args: ["--etag=off"],
    path: "/about.html",
    status: 200,
    fields: { etag: null },
  },
  {
    args: [],
    path: "/page.js",
    headers: { "accept-encoding": "br, gzip" },
    status: 200,
    body: "plain",
    fields: { "content-encoding": null },
  },
  {
    args: ["--precompressed"],
    path: "/page.js",
    headers: { "accept-encoding": "br, gzip" },
    status: 200,
    body: "as br",
    fields: { "content-encoding": "br" },
  },
  {
    args: ["--precompressed=gzip"],
    path: "/page.js",
    headers: { "accept-encoding": "br, gzip" },
    status: 200,
    body: "as gzip",
    fields: { "content-encoding": "gzip" },
  },
  {
    args: ["--mime=md=text/x-page,js=text/plain"],
    path: "/page.md",
    status: 200,
    fields: { "content-type": "text/x-page; charset=utf-8" },
  },
  {
    args: ["--base=/docs"],
    path: "/docs/about.html",
    status: 200,
    body: "about",
  },
  { args: ["--base=/docs/"], path: "/docs/", status: 200, body: "index" },
  { args: ["--base=/docs"], path: "/about.html", status: 404 },
];

const LINKS: readonly Expected[] = [
  { args: [], path: "/inner", status: 200, body: "index" },
  { args: [], path: "/outer", status: 404 },
  { args: ["--symlinks=within-root"], path: "/outer", status: 404 },
  { args: ["--symlinks=follow"], path: "/outer", status: 200, body: "outside" },
  { args: ["--symlinks=deny"], path: "/inner", status: 404 },
];

Deno.test("each flag about files does what it says", async () => {
  await withSite(async (root) => {
    const links = Deno.build.os === "windows" ? [] : LINKS;
    for (const expected of [...CASES, ...links]) {
      const { args, path, headers, status, body, fields } = expected;
      const { server } = await serverOf([root, "--log=off", ...args]);
      const response = await server.inject({ path, headers });
      const about = `${args.join(" ")} ${path}`;
      assertEquals(response.status, status, about);
      const text = await response.text();
      if (body !== undefined) assertEquals(text, body, about);
      for (const [name, value] of Object.entries(fields ?? {})) {
        assertEquals(response.header(name), value, `${about} ${name}`);
      }
    }
  });
});

Deno.test("--etag says what entity tags are made of", async () => {
  // A file that has just changed never has a strong one.
  const root = join(ROOT, "examples/site");
  const tag = async (...args: string[]) => {
    const { server } = await serverOf([root, "--log=off", ...args]);
    const response = await server.inject({ path: "/style.css" });
    await response.text();
    return response.header("etag") ?? "";
  };
  assertMatch(await tag(), /^W\/"/);
  assertMatch(await tag("--etag=weak"), /^W\/"/);
  assertMatch(await tag("--etag=strong"), /^"/);
});

Deno.test("--listing lists that many names at most", async () => {
  await withSite(async (root) => {
    const count = async (flag: string) => {
      const { server } = await serverOf([
        root,
        "--log=off",
        "--no-index",
        flag,
      ]);
      const headers = { accept: "application/json" };
      const response = await server.inject({ path: "/", headers });
      const { entries } = await response.json<{ entries: unknown[] }>();
      return entries.length;
    };
    assertEquals(await count("--listing=2"), 2);
    assert(await count("--listing") > 5);
  });
});
