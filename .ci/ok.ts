/** Runs every check of the project and stops at the first that fails.
 *
 * Used as `deno task ok`. */
import { commandLine } from "./offline/standins.ts";

const root = new URL("../", import.meta.url);
const { exports } = JSON.parse(
  await Deno.readTextFile(new URL("deno.json", root)),
);
const entries = Object.values<string>(exports);

const steps: string[][] = [
  ["fmt", "--check"],
  ["lint"],
  ["check", "."],
  ["doc", "--lint", ...entries],
  ["publish", "--dry-run", "--allow-dirty"],
  ["task", "test"],
];

for (const step of steps) {
  console.log(`\n> deno ${step.join(" ")}`);
  const code = await run(step);
  if (code === 0) continue;
  console.error(`\nnot ok: deno ${step[0]} ended with code ${code}`);
  Deno.exit(code);
}
console.log("\nok");

async function run(args: string[]): Promise<number> {
  const { dispose, ...line } = await commandLine(args);
  const command = new Deno.Command(Deno.execPath(), { ...line, cwd: root });
  const { code } = await command.spawn().status;
  await dispose();
  return code;
}
