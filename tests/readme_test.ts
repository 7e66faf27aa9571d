/** The README tells what the code does. Its pieces of code are run by
 * `deno test --doc`. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { exists } from "@std/fs/exists";
import { join } from "@std/path";
import { formatValue } from "../src/cli/units.ts";
import { OPTIONS } from "../src/server/option_table.ts";
import { ROOT } from "./support/program.ts";

const README = await Deno.readTextFile(join(ROOT, "README.md"));

/** The section below a heading. */
function section(heading: string): string {
  const [, text] = README.split(`\n## ${heading}\n`);
  assert(text !== undefined, `no heading ${heading}`);
  return text.split(/^## /m)[0];
}

/** The cells of the tables in a text, without their frames. */
function tableRows(text: string): string[][] {
  return text.split("\n").filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

Deno.test("the README's table of options is the one of the code", () => {
  const [head, , ...rows] = tableRows(section("Options"));
  assertEquals(head, ["option", "flag", "default", "what it is"]);
  assertEquals(
    rows,
    OPTIONS.map((spec) => [
      `\`${spec.name}\``,
      `\`--${spec.flag}\``,
      `\`${formatValue(spec.kind, spec.default)}\``,
      spec.help,
    ]),
  );
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
