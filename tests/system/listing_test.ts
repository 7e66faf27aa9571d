/** The page of a listing, in a real browser: how it looks, sorts, searches and is
 * read out. `SCREENSHOT_DIR=...` keeps what it looked like. */
import {
  assert,
  assertArrayIncludes,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { HttpServer } from "@x/httpserver";
import { staticFiles } from "@x/httpserver/handlers/static";
import { Browser } from "./browser.ts";

const LONG =
  "aVeryLongNameWithoutAnySpacesWhateverThatGoesOnAndOnAndNeverEndsUntilItDoes.bin";
const FILES: Record<string, number> = {
  "100% done #1?.txt": 5,
  "<script>document.title = 1<&lt;>.html": 20,
  "README.md": 1_340,
  "annual report (reviewed by everybody, with its appendix).pdf": 5_300_000,
  "backup.tar.gz": 22_300_000,
  "budget.xlsx": 88_211,
  "data.json": 0,
  "evil\u202Etxt.exe": 66,
  "intro.mp4": 123_400_000,
  "logo.svg": 2_210,
  "notes 10.txt": 1_023,
  "notes 2.txt": 17,
  "theme.mp3": 3_411_221,
  "文档.pdf": 20_000,
  [LONG]: 4_096,
};
const DIRECTORIES = ["archive", "photos 10", "photos 9", "מסמכים"];
const CHANGED_MS = Date.UTC(2026, 1, 28, 12, 30);
const PATH = "/files/reports/2026/";

/** A server of a directory that shows all that a listing can have. */
class Site implements AsyncDisposable {
  readonly root: string;
  readonly url: string;
  readonly #server: HttpServer;

  private constructor(root: string, server: HttpServer, port: number) {
    this.root = root;
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<Site> {
    const root = await Deno.makeTempDir({ prefix: "listing_" });
    await fill(root);
    const server = new HttpServer();
    server.get("/favicon.ico", () => new Response(null, { status: 204 }));
    server.get("/files/*path", staticFiles({ root, listing: true }));
    server.get(
      "/cut/*path",
      staticFiles({ root, listing: { maxEntries: 10 } }),
    );
    const { port } = await server.listen({ port: 0 }) as Deno.NetAddr;
    return new Site(root, server, port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown({ graceMs: 0 });
    await Deno.remove(this.root, { recursive: true });
  }
}

async function fill(root: string): Promise<void> {
  const folder = join(root, "reports", "2026");
  await Deno.mkdir(join(root, "reports", "empty"), { recursive: true });
  let changedMs = CHANGED_MS;
  for (const name of DIRECTORIES) {
    await Deno.mkdir(join(folder, name), { recursive: true });
  }
  for (const [name, size] of Object.entries(FILES)) {
    const path = join(folder, name);
    await Deno.create(path).then((file) => file.close());
    await Deno.truncate(path, size);
    await Deno.utime(path, new Date(changedMs), new Date(changedMs));
    changedMs -= 86_400_000;
  }
}

/** The names in the order of the page, without what is not seen. */
async function names(browser: Browser): Promise<string[]> {
  const found = await browser.evaluate(
    `[...document.querySelectorAll("tbody th")].map((one) => one.innerText)`,
  );
  return found as string[];
}

/** The lowest contrast of a text with what is behind it, and which text it is. */
const LOWEST_CONTRAST = `(() => {
  const read = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((one) => {
      const part = one / 255;
      return part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4;
    });
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = read(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  let lowest = [21, ""];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].filter((one) => one.nodeType === 3)
      .map((one) => one.data.trim()).join("");
    if (text === "" || element.closest("svg") !== null) continue;
    const pair = [read(getComputedStyle(element).color), behind(element)];
    const [low, high] = pair.map(light).sort((a, b) => a - b);
    const ratio = (high + .05) / (low + .05);
    if (ratio < lowest[0]) lowest = [ratio, text];
  }
  return lowest;
})()`;

Deno.test("a listing fits 360 and 1280 px, in light and dark, and can be read", async () => {
  await using site = await Site.start();
  await using browser = await Browser.start();
  const pages: Record<string, string> = {
    full: `/cut${PATH.slice("/files".length)}`,
    search: `${PATH}?q=notes&sort=size&order=desc`,
    empty: "/files/reports/empty/",
  };
  for (const isDark of [false, true]) {
    for (const width of [360, 1280]) {
      for (const [name, path] of Object.entries(pages)) {
        await browser.show(width, 900, isDark);
        await browser.open(site.url + path);
        const what = `${name} at ${width}, dark: ${isDark}`;
        assertEquals(
          await browser.evaluate(
            `document.documentElement.scrollWidth <= ` +
              `document.documentElement.clientWidth`,
          ),
          true,
          `${what}: no scrolling sideways`,
        );
        const [ratio, text] = await browser.evaluate(LOWEST_CONTRAST) as [
          number,
          string,
        ];
        assertGreaterOrEqual(ratio, 4.5, `${what}: ${text}`);
        const look = `listing_${name}_${width}_${isDark ? "dark" : "light"}`;
        assertGreater((await browser.screenshot(look)).length, 5_000);
      }
    }
  }
  const dark = await browser.evaluate(
    `getComputedStyle(document.body).backgroundColor`,
  );
  await browser.show(1280, 900, false);
  assert(
    dark !== await browser.evaluate(
      `getComputedStyle(document.body).backgroundColor`,
    ),
  );
  assertEquals(browser.problems, []);
});

Deno.test("a listing sorts by its links, searches by its form and leads on", async () => {
  await using site = await Site.start();
  await using browser = await Browser.start();
  await browser.open(site.url + PATH);
  assertEquals(await browser.evaluate(`document.scripts.length`), 0);
  const click = (selector: string) =>
    browser.leave(
      `document.querySelector(${JSON.stringify(selector)}).click()`,
    );

  const byName = await names(browser);
  assertEquals(byName.slice(0, 5), [
    "Parent directory",
    "archive/",
    "photos 9/",
    "photos 10/",
    "מסמכים/",
  ]);
  assertEquals(
    byName.length,
    DIRECTORIES.length + Object.keys(FILES).length + 1,
  );
  assertArrayIncludes(byName, [
    "evil\u200bU+202E\u200btxt.exe".replaceAll("\u200b", ""),
  ]);

  await click("thead .size a");
  assertEquals((await names(browser)).slice(5, 7), [
    "intro.mp4",
    "backup.tar.gz",
  ]);
  await click("thead .size a");
  assertEquals((await names(browser))[5], "data.json");
  await click("thead .date a");
  assertEquals((await names(browser))[5], "100% done #1?.txt");

  // The order goes along to the parent and back.
  await click("tbody a[href^='../']");
  assertStringIncludes(
    String(await browser.evaluate("location.href")),
    "/files/reports/?sort=date&order=desc",
  );
  await click("tbody a[href^='2026/']");
  assertEquals(await browser.evaluate("location.pathname"), PATH);

  await browser.leave(
    `document.querySelector("[name=q]").value = "NOTES"; ` +
      `document.querySelector("form button").click()`,
  );
  assertEquals((await names(browser)).slice(1), [
    "notes 10.txt",
    "notes 2.txt",
  ]);
  await click(".sum a");
  assertEquals((await names(browser)).length, byName.length);

  await click("nav li:first-child a");
  assertEquals(await browser.evaluate("location.pathname"), "/files/");
  assertEquals(await names(browser), ["reports/"]);
  assertEquals(browser.problems, []);
});

Deno.test("a listing is a table to those who hear it, also on a narrow screen", async () => {
  await using site = await Site.start();
  await using browser = await Browser.start();
  for (const width of [360, 1280]) {
    await browser.show(width, 900, false);
    await browser.open(`${site.url}${PATH}?sort=size`);
    const tree = await browser.accessibility();
    assertArrayIncludes(tree, [
      "navigation: Breadcrumb",
      "heading: 2026",
      `table: What is in ${PATH}, sorted by size, ascending`,
      "columnheader: Name",
      "columnheader: Size",
      "columnheader: Changed (UTC)",
      "rowheader: notes 10.txt",
      "link: notes 10.txt",
      "searchbox: Search names in this directory",
      "button: Search",
    ]);
    const count = (role: string) =>
      tree.filter((one) => one.startsWith(`${role}:`)).length;
    const rows = DIRECTORIES.length + Object.keys(FILES).length + 2;
    assertEquals(count("row"), rows, `${width}`);
    assertEquals(count("rowheader"), rows - 1, `${width}`);
  }
  assertEquals(await browser.evaluate("document.documentElement.lang"), "en");
});

Deno.test("a listing shows which link the keyboard is at", async () => {
  await using site = await Site.start();
  await using browser = await Browser.start();
  await browser.show(1280, 900, false);
  await browser.open(site.url + PATH);
  const seen: string[] = [];
  for (let at = 0; at < 8; at++) {
    await browser.press("Tab");
    const [tag, style, width] = await browser.evaluate(`(() => {
      const { activeElement } = document;
      const { outlineStyle, outlineWidth } = getComputedStyle(activeElement);
      return [activeElement.localName, outlineStyle, outlineWidth];
    })()`) as string[];
    seen.push(tag);
    assertEquals([style, width], ["solid", "2px"], tag);
  }
  await browser.screenshot("listing_focus");
  assertEquals(seen, ["a", "a", "input", "button", "a", "a", "a", "a"]);
});
