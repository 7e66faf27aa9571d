/** The command line over TLS, as curl sees it. */
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { Program, ROOT } from "../support/program.ts";
import { runTool } from "./tools.ts";

Deno.test("--cert and --key serve a directory over TLS with the permissions of the README", async () => {
  const made = await Deno.makeTempDir({ prefix: "cli-tls-" });
  const directory = await Deno.realPath(made);
  try {
    const [cert, key] = ["cert.pem", "key.pem"].map((name) =>
      join(directory, name)
    );
    await runTool("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt"],
      ...["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
      ...["-subj", "/CN=localhost", "-keyout", key, "-out", cert],
      ...["-addext", "subjectAltName=IP:127.0.0.1"],
    ]);
    const site = join(ROOT, "examples/site");
    const flags = [
      "--allow-net=127.0.0.1:0",
      `--allow-read=${site},${cert},${key}`,
    ];
    await using program = await Program.start([
      ...["run", "--no-prompt", ...flags, join(ROOT, "src/cli/main.ts")],
      ...[site, "--port=0", `--cert=${cert}`, `--key=${key}`],
    ]);
    const [, url] = await program.find(
      "stdout",
      /^Listening on (https:\/\/127\.0\.0\.1:\d+\/)$/m,
    );
    const { stdout } = await runTool("curl", ["-s", "--cacert", cert, url]);
    assertMatch(stdout, /<html/);
    program.kill("SIGTERM");
    assertEquals((await program.ended()).code, 0);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
