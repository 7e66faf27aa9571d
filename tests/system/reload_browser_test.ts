/** `--reload` of a directory in a real browser. */
import { assertEquals } from "@std/assert";
import { startServer } from "../support/program.ts";
import { within } from "../support/within.ts";
import { Browser } from "./browser.ts";

const PAGE = (text: string) =>
  `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css"><h1>${text}</h1>`;
const PATIENCE_MS = 60_000;

/** Asks again and again; a page that is just left cannot answer. */
async function becomesTrue(
  browser: Browser,
  expression: string,
): Promise<void> {
  for (;;) {
    const value = await browser.evaluate(expression).catch(() => null);
    if (value === true) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test("Chromium loads a page again when it changes, and a style sheet alone when only that does", async () => {
  const root = await Deno.makeTempDir({ prefix: "reload-" });
  const write = (name: string, text: string) =>
    Deno.writeTextFile(`${root}/${name}`, text);
  try {
    await write("index.html", PAGE("one"));
    await write("style.css", "h1 { color: rgb(1, 2, 3) }");
    const args = [root, "--port=0", "--reload", "--compress", "--workers=2"];
    await using server = await startServer("src/cli/main.ts", args);
    await using browser = await Browser.start();
    const seen = (expression: string) =>
      within(expression, becomesTrue(browser, expression), PATIENCE_MS);
    const color = `getComputedStyle(document.querySelector("h1")).color`;
    await browser.open(`${await server.url()}/`);
    await seen(`${color} === "rgb(1, 2, 3)"`);

    await browser.evaluate(`globalThis.mark = 1`);
    await write("style.css", "h1 { color: rgb(4, 5, 6) }");
    await seen(`${color} === "rgb(4, 5, 6)"`);
    assertEquals(await browser.evaluate(`globalThis.mark`), 1);
    await seen(`document.querySelectorAll("link[href*=style]").length === 1`);

    const heading = `document.querySelector("h1")?.textContent`;
    await write("index.html", PAGE("two"));
    await seen(`${heading} === "two"`);
    assertEquals(await browser.evaluate(`typeof globalThis.mark`), "undefined");
    await seen(`${color} === "rgb(4, 5, 6)"`);

    // New workers know nothing of what was before: the page is loaded again.
    await browser.evaluate(`globalThis.mark = 2`);
    server.kill("SIGHUP");
    await seen(`typeof globalThis.mark === "undefined"`);
    await write("index.html", PAGE("three"));
    await seen(`${heading} === "three"`);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("Chromium loads the page of a listing again when a file comes to be", async () => {
  const root = await Deno.makeTempDir({ prefix: "reload-" });
  try {
    await Deno.writeTextFile(`${root}/one.txt`, "1");
    const args = [root, "--port=0", "--reload", "--listing"];
    await using server = await startServer("src/cli/main.ts", args);
    await using browser = await Browser.start();
    const seen = (expression: string) =>
      within(expression, becomesTrue(browser, expression), PATIENCE_MS);
    const has = (name: string) =>
      `document.querySelector('a[href="${name}"]') !== null`;
    await browser.open(`${await server.url()}/`);
    await seen(has("one.txt"));
    await Deno.writeTextFile(`${root}/two.txt`, "2");
    await seen(has("two.txt"));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
