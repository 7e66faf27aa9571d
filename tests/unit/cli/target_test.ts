import { assertEquals, assertRejects } from "@std/assert";
import { join, toFileUrl } from "@std/path";
import { CliError } from "../../../src/cli/errors.ts";
import { resolveTarget } from "../../../src/cli/target.ts";

Deno.test("resolveTarget() tells directories from modules", async () => {
  const path = await Deno.makeTempDir({ prefix: "target-" });
  try {
    for (const name of ["app.ts", "APP.MJS", "page.html", "a #?% b.js"]) {
      await Deno.writeTextFile(join(path, name), "");
    }
    assertEquals(await resolveTarget(path), { kind: "directory", path });
    assertEquals(await resolveTarget("."), {
      kind: "directory",
      path: Deno.cwd(),
    });
    for (const name of ["app.ts", "APP.MJS", "a #?% b.js"]) {
      const url = toFileUrl(join(path, name)).href;
      const expected = { kind: "module", url } as const;
      assertEquals(await resolveTarget(join(path, name)), expected);
      assertEquals(await resolveTarget(url), expected);
    }
    const page = join(path, "page.html");
    const missing = join(path, "none");
    const below = join(page, "below");
    const cases: [string, string][] = [
      [page, "it is neither a directory nor a module"],
      [missing, `no such file or directory: ${JSON.stringify(missing)}`],
      [below, `no such file or directory: ${JSON.stringify(below)}`],
    ];
    for (const [text, message] of cases) {
      await assertRejects(() => resolveTarget(text), CliError, message);
    }
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});

Deno.test("resolveTarget() takes the URLs of remote modules as they are", async () => {
  for (const url of ["https://example.com/app", "jsr:@a/b", "npm:c"]) {
    assertEquals(await resolveTarget(url), { kind: "module", url });
  }
});
