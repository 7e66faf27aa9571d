// The page of a listing: what is in it, whatever the names.
import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
} from "@std/assert";
import { memorySource } from "../../../../../src/handlers/static/mod.ts";
import { type Ask, askOf } from "../site.ts";

const NASTY = [
  `"><img src=x onerror=alert(1)>`,
  "'><script>alert(1)<|script>",
  "javascript:alert(1)",
  "&lt;b&gt;",
  "%2e%2e",
  "%00",
  "a?b#c",
  "\u202Egnp.exe",
  "line\nbreak",
  "data:text,x",
];

function serve(names: readonly string[], prefix = ""): Ask {
  const files = names.map((name) => [prefix + name, "x"] as const);
  return askOf({ source: memorySource(files), listing: true });
}

async function page(ask: Ask, target = "/", route?: string): Promise<string> {
  const response = await ask(target, { route });
  assertEquals(response.header("content-type"), "text/html; charset=utf-8");
  return await response.text();
}

function hrefs(html: string): string[] {
  return [...html.matchAll(/href="([^"]*)"/g)]
    .map(([, href]) => href.replaceAll("&#39;", "'").replaceAll("&amp;", "&"))
    .filter((href) => !href.startsWith("#"));
}

Deno.test("listingPage() lets no name out of its place", async () => {
  const html = await page(serve(NASTY));
  assertFalse(/<script|<img|javascript:alert\(1\)"/.test(html));
  assertFalse(/\u202E|line\nbreak/.test(html));
  const links = hrefs(html).filter((href) => !href.startsWith("./?"));
  assertEquals(links.length, NASTY.length);
  const names = links.map((href) => {
    const url = new URL(href, "http://host/dir/");
    assertEquals(url.origin + "/dir/", new URL("./", url).href, href);
    return decodeURIComponent(url.pathname.slice("/dir/".length));
  });
  assertEquals(names.toSorted(), NASTY.toSorted());
});

Deno.test("listingPage() leads to files that are served", async () => {
  const ask = serve(NASTY, "d & d/");
  const html = await page(ask, "/d%20%26%20d/");
  const links = hrefs(html).filter((href) => !/^\.\.?\//.test(href));
  assertEquals(links.length, NASTY.length);
  for (const href of links) {
    const { pathname } = new URL(href, "http://host/d%20%26%20d/");
    assertEquals((await ask(pathname)).status, 200, href);
  }
});

Deno.test("listingPage() escapes the path and the search", async () => {
  const ask = askOf({
    source: memorySource({ "<i>/x<b>.txt": "x" }),
    listing: true,
  });
  const html = await page(ask, "/%3Ci%3E/?q=%3Cb%3E%22");
  assertFalse(/<i>|<b>/.test(html));
  assertStringIncludes(html, `value="&lt;b&gt;&quot;"`);
  assertStringIncludes(html, "<title>/&lt;i&gt;/</title>");
});

Deno.test("listingPage() leads up to the root of the mount and no further", async () => {
  const ask = serve(["x.txt"], "a/b/");
  const route = "/files/*path";
  const up = (html: string) => hrefs(html).filter((href) => /^\.\./.test(href));
  assertEquals(up(await page(ask, "/files/", route)), []);
  assertEquals(up(await page(ask, "/files/a/", route)), ["../", "../"]);
  const deep = await page(ask, "/files/a/b/", route);
  assertEquals(up(deep), ["../../", "../", "../"]);
  assertStringIncludes(deep, "<bdi>files</bdi></a>");
  assertStringIncludes(await page(ask, "/"), "<h1><bdi>Home</bdi></h1>");
});

Deno.test("listingPage() marks the sorted column and keeps the order on the way", async () => {
  const ask = serve(["d/x.txt", "y.txt"], "a/");
  const html = await page(ask, "/a/?sort=size&order=desc");
  assertStringIncludes(html, `class="size" aria-sort="descending"`);
  assertEquals(html.match(/aria-sort="/g)?.length, 1);
  const links = hrefs(html);
  const query = "?sort=size&order=desc";
  for (const href of [`../${query}`, `d/${query}`, "y.txt"]) {
    assert(links.includes(href), `${href} of ${links}`);
  }
  assert(links.includes("./?sort=size&order=asc"));
  assert(links.includes("./?sort=name&order=asc"));
  assert(links.includes("./?sort=date&order=desc"));
  assert(links.includes(`./${query}&format=json`));
});

Deno.test("listingPage() tells sizes and times in full", async () => {
  const source = memorySource({ "a.bin": new Uint8Array(1_234_567) }, {
    modified: new Date("2024-02-29T12:34:56Z"),
  });
  const html = await page(askOf({ source, listing: true }));
  assertStringIncludes(
    html,
    `<data value="1234567" title="1,234,567 bytes">1.2 MiB</data>`,
  );
  assertStringIncludes(
    html,
    `<time datetime="2024-02-29T12:34:56Z" title="2024-02-29 12:34:56 UTC">2024-02-29 12:34</time>`,
  );
  assertStringIncludes(html, "1 file, 1.2 MiB");
});

Deno.test("listingPage() says that a directory is empty", async () => {
  const source = {
    open: () => "directory" as const,
    openDirectory: () => ({ names: [], describe: () => null, close() {} }),
  };
  const html = await page(askOf({ source, listing: true }));
  assertStringIncludes(html, "This directory is empty.");
});

Deno.test("the page of a listing allows its own style and nothing else", async () => {
  const response = await serve(["a"])("/");
  const policy = response.header("content-security-policy") ?? "";
  const [, style] = /<style>([^]*?)<\/style>/.exec(await response.text()) ?? [];
  const hash = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(style),
  );
  assertEquals(
    policy,
    "default-src 'none'; img-src 'self'; " +
      `style-src 'sha256-${new Uint8Array(hash).toBase64()}'; ` +
      "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  );
  assertEquals(response.header("x-content-type-options"), "nosniff");
});
