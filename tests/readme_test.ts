/** The README tells what the code does. Its pieces of code are run by
 * `deno test --doc`. */
import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { exists } from "@std/fs/exists";
import { join } from "@std/path";
import { withOptionTables } from "./support/option_tables.ts";
import { ROOT } from "./support/program.ts";

const README = await Deno.readTextFile(join(ROOT, "README.md"));

Deno.test("the README's tables of options are those of the code", () => {
  // To mend: deno task deno run -A tests/support/option_tables.ts
  assertEquals(README, withOptionTables(README));
});

Deno.test("the README's links lead to files", async () => {
  const links = [...README.matchAll(/\]\((\.\/[^)]+)\)/g)];
  assertGreater(links.length, 5);
  for (const [, path] of links) assert(await exists(join(ROOT, path)), path);
});

Deno.test("the README names tasks that exist", async () => {
  const { tasks } = JSON.parse(
    await Deno.readTextFile(join(ROOT, "deno.json")),
  );
  const named = [...README.matchAll(/deno(?:@[\d.]+)? task (\w+)/g)];
  assertGreater(named.length, 3);
  for (const [, task] of named) assert(Object.hasOwn(tasks, task), task);
});

Deno.test("every entry of the package has module documentation with an example", async () => {
  const { exports } = JSON.parse(
    await Deno.readTextFile(join(ROOT, "deno.json")),
  );
  const files = Object.values<string>(exports);
  assertGreater(files.length, 30);
  for (const file of files) {
    const [doc] = (await Deno.readTextFile(join(ROOT, file))).split("*/", 1);
    assertMatch(doc, /^\/\*\*\n[^]* \* @example .+\n[^]* \* @module\n $/, file);
  }
});
