/** Runs the tests, states the line coverage of `src/` and fails below the goal.
 *
 * Used as `deno task coverage`. */
const GOAL_PERCENT = 90;

/** Lines of one file. */
interface FileCoverage {
  readonly name: string;
  readonly covered: number;
  readonly total: number;
}

const root = new URL("../", import.meta.url);
const profiles = await Deno.makeTempDir({ prefix: "coverage-" });
try {
  Deno.exitCode = await main();
} finally {
  await Deno.remove(profiles, { recursive: true });
}

async function main(): Promise<number> {
  // The variable reaches the programs that tests start, the flag does not.
  const env = { DENO_COVERAGE_DIR: profiles };
  const tests = await start(["task", "test"], { env }).status;
  if (!tests.success) return tests.code;
  const include = `--include=^${new URL("src/", root).href}`;
  const lcov = start(["coverage", "--lcov", include, profiles], {
    stdout: "piped",
  });
  const text = await new Response(lcov.stdout).text();
  const { success, code } = await lcov.status;
  return success ? report(parse(text)) : code;
}

function start(
  args: string[],
  options: Deno.CommandOptions,
): Deno.ChildProcess {
  const command = { args, cwd: root, ...options };
  return new Deno.Command(Deno.execPath(), command).spawn();
}

function parse(report: string): FileCoverage[] {
  const files: FileCoverage[] = [];
  const base = decodeURIComponent(root.pathname);
  for (const record of report.split("end_of_record")) {
    const name = /^SF:(.+)$/m.exec(record)?.[1];
    if (name === undefined) continue;
    const counts = [...record.matchAll(/^DA:\d+,(\d+)/gm)];
    const covered = counts.filter(([, count]) => count !== "0").length;
    files.push({
      name: name.replaceAll("\\", "/").replace(base, ""),
      covered,
      total: counts.length,
    });
  }
  return files;
}

/** Prints the table and returns the exit code. */
function report(files: FileCoverage[]): number {
  const sum = { name: "src/", covered: 0, total: 0 };
  for (const file of files) {
    sum.covered += file.covered;
    sum.total += file.total;
  }
  if (sum.total === 0) throw new Error("No file of src/ was covered");
  console.log();
  for (const file of files.toSorted((a, b) => percent(a) - percent(b))) {
    console.log(line(file));
  }
  console.log(line(sum));
  if (percent(sum) >= GOAL_PERCENT) return 0;
  console.error(`Line coverage is below ${GOAL_PERCENT} %`);
  return 1;
}

function line(file: FileCoverage): string {
  const share = percent(file).toFixed(1).padStart(5);
  return `${share} %  ${file.name} (${file.covered} of ${file.total} lines)`;
}

function percent({ covered, total }: FileCoverage): number {
  return total === 0 ? 100 : 100 * covered / total;
}
