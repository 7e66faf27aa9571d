/** What `deno task start` serves works in a real browser. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { startServer } from "../support/program.ts";
import { Browser } from "./browser.ts";

Deno.test("Chromium shows the site with style, script, image and API data", async () => {
  await using server = await startServer("examples/start.ts", [], {
    env: { PORT: "0" },
  });
  const url = await server.url();
  await using browser = await Browser.start();

  await browser.open(`${url}/`);
  await browser.waitFor(
    `document.querySelectorAll("#users li").length > 0`,
  );
  assertEquals(
    await browser.evaluate(`document.querySelector("img").naturalWidth > 0`),
    true,
  );
  assertEquals(
    await browser.evaluate(`document.styleSheets[0].cssRules.length > 0`),
    true,
  );
  const png = await browser.screenshot("start");
  assertGreater(png.length, 5_000);

  // The form sends a POST and the list grows.
  const before = await browser.evaluate(
    `document.querySelectorAll("#users li").length`,
  );
  await browser.evaluate(
    `document.querySelector("#name").value = "Grace <b>"; ` +
      `document.querySelector("#add").requestSubmit()`,
  );
  await browser.waitFor(
    `document.querySelectorAll("#users li").length > ${before}`,
  );

  assertEquals(browser.problems, []);
  assert(browser.answers.length >= 6, JSON.stringify(browser.answers));
  for (const [address, status] of browser.answers) {
    assert(status < 400, `${address} was answered ${status}`);
  }
});
