/** The README tells what the code does. Its pieces of code are run by
 * `deno test --doc`. */
import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { exists } from "@std/fs/exists";
import { walk } from "@std/fs/walk";
import { join, relative } from "@std/path";
import { CLI_OPTIONS } from "../src/cli/config/option_table.ts";
import { OPTIONS } from "../src/server/option_table.ts";
import { withOptionTables } from "./support/option_tables.ts";
import { ROOT, runProgram } from "./support/program.ts";

const README = await Deno.readTextFile(join(ROOT, "README.md"));

/** A section of the README, up to the next of its level. */
function section(title: string): string {
  const [, rest] = README.split(`\n## ${title}\n`);
  return rest.split("\n## ", 1)[0];
}

Deno.test("the README's tables of options are those of the code", () => {
  // To mend: deno task deno run -A tests/support/option_tables.ts
  assertEquals(README, withOptionTables(README));
});

Deno.test("the README's links lead to files and headings", async () => {
  const links = [...README.matchAll(/\]\((\.\/[^)]+)\)/g)];
  assertGreater(links.length, 5);
  for (const [, path] of links) assert(await exists(join(ROOT, path)), path);
  const headings = [...README.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading.toLowerCase().replaceAll(/[^\w -]/g, "").replaceAll(" ", "-")
  );
  const anchors = [...README.matchAll(/\]\(#([^)]+)\)/g)];
  assertGreater(anchors.length, 15);
  for (const [, anchor] of anchors) {
    assertEquals(headings.includes(anchor), true, anchor);
  }
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

Deno.test("the README lists every example with what it shows", async () => {
  // What is no example: a helper, and the pages that two of them serve.
  const others = new Set(["print_url.ts", "site"]);
  for await (const { name } of Deno.readDir(join(ROOT, "examples"))) {
    if (others.has(name)) continue;
    const row = `^\\| \\[${
      name.replaceAll(".", "\\.")
    }\\]\\(.+\\) +\\| \\w.{10,} \\|$`;
    assertMatch(README, new RegExp(row, "m"), name);
  }
});

const GUIDE = join(ROOT, "examples/13_command_line.md");

Deno.test("the guide to the command line names flags that exist", async () => {
  const known = new Set(
    [...OPTIONS, ...CLI_OPTIONS]
      .flatMap(({ flag, others }) => [flag, ...Object.keys(others ?? {})]),
  );
  // Those of deno; its permissions are left out below.
  for (const flag of ["help", "unstable-net"]) known.add(flag);
  for (
    const text of [await Deno.readTextFile(GUIDE), section("Command line")]
  ) {
    const commands = text.replaceAll(/^deno .*$/gm, "");
    const flags = [
      ...commands.matchAll(/(?<![\w-])--(?!allow-|deny-)([a-z][\w-]+)/g),
    ];
    assertGreater(flags.length, 5);
    for (const [, flag] of flags) assert(known.has(flag), flag);
  }
});

Deno.test("the configuration in the guide to the command line is accepted", async () => {
  const guide = await Deno.readTextFile(GUIDE);
  const [, config] = /```jsonc\n([^]+?)```/.exec(guide) ?? [];
  const file = await Deno.makeTempFile({ suffix: ".jsonc" });
  try {
    await Deno.writeTextFile(file, config);
    const cli = join(ROOT, "src/cli/main.ts");
    const args = ["run", "-A", cli, "check-config", `--config=${file}`];
    const { code, stdout, stderr } = await runProgram(args);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^limits\.bodyBytes +2MiB +.*:3$/m);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("the task that runs the tests finds the pieces of the guides", async () => {
  const { tasks } = JSON.parse(
    await Deno.readTextFile(join(ROOT, "deno.json")),
  );
  // The folder: with a file of a folder that it does not search, `deno test`
  // heeds none of --ignore.
  assertMatch(tasks.test.command, / --ignore=tests\/system,.* examples$/);
});

Deno.test("the architecture in CONTRIBUTING.md names rooms and files that exist", async () => {
  const text = await Deno.readTextFile(join(ROOT, "CONTRIBUTING.md"));
  const [, architecture] = text.split("## Architecture\n");
  for await (const { name } of Deno.readDir(join(ROOT, "src"))) {
    assertMatch(architecture, new RegExp(`^src/${name}/ `, "m"), name);
  }
  const files = new Set<string>();
  for await (const { name, path } of walk(join(ROOT, "src"))) {
    files.add(name).add(relative(join(ROOT, "src/server"), path));
  }
  const names = [...architecture.matchAll(/`([\w/]+\.ts)`/g)]
    .filter(([, name]) => !/\b(?:NAME|NN_)/.test(name));
  assertGreater(names.length, 20);
  for (const [, name] of names) {
    assert(files.has(name) || await exists(join(ROOT, name)), name);
  }
});
