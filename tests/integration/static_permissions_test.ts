/** What `staticFiles` needs of the permissions, and what it does without. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { type Ended, ROOT, runProgram } from "../support/program.ts";

const APP = join(ROOT, "tests/support/static_app.ts");

function run(flags: string[], ...args: string[]): Promise<Ended> {
  return runProgram(["run", "--no-prompt", ...flags, APP, ...args]);
}

Deno.test("memorySource() needs no permission at all", async () => {
  const { stdout, stderr } = await run(
    [],
    "memory",
    "/",
    "/a.txt",
    "/none",
    "/d/?format=json",
  );
  assertEquals(stdout, "200 200 404 200,b.txt\n", stderr);
});

Deno.test({
  name: "staticFiles() needs to read its root, and no more",
  ignore: Deno.build.os === "windows",
  async fn() {
    const base = await Deno.realPath(await Deno.makeTempDir());
    const root = join(base, "root");
    await Deno.mkdir(join(root, "d"), { recursive: true });
    await Deno.writeTextFile(join(root, "a.txt"), "a");
    await Deno.writeTextFile(join(root, "d/index.html"), "d");
    await Deno.writeTextFile(join(base, "secret.txt"), "secret");
    await Deno.symlink("../secret.txt", join(root, "link"));
    await Deno.symlink("a.txt", join(root, "inner"));
    const paths = [
      "/a.txt",
      "/d/",
      "/d",
      "/inner",
      "/link",
      "/none",
      "/../x",
      "/?format=json",
    ];
    for (const flags of [[`--allow-read=${root}`], ["--allow-read"]]) {
      const { stdout, stderr } = await run(flags, root, ...paths);
      assertEquals(
        stdout,
        "200 200 301 200 404 404 404 200,d,a.txt,inner\n",
        stderr,
      );
    }
    await Deno.remove(base, { recursive: true });
  },
});

Deno.test("staticFiles() fails, rather than finds nothing, where it may not read", async () => {
  const { stdout, stderr } = await run([], ROOT, "/deno.json", "/none");
  assertEquals(stdout, "500 500\n");
  assertStringIncludes(stderr, "--allow-read");
});
