import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { answerLayers } from "../../../../src/cli/serving/answer_layers.ts";
import { serveDirectory } from "../../../../src/cli/serving/serve_directory.ts";
import { Settings } from "../../../../src/cli/config/settings.ts";

Deno.test("serveDirectory() serves files and logs each request", async () => {
  const root = await Deno.makeTempDir({ prefix: "directory-" });
  try {
    await Deno.writeTextFile(join(root, "index.html"), "index");
    await Deno.mkdir(join(root, "a"));
    await Deno.writeTextFile(join(root, "a", "b.txt"), "b");
    const lines: string[] = [];
    const sink = (line: string) => void lines.push(line);
    const settings = new Settings();
    const layers = await answerLayers(settings, { isTerminal: false, sink });
    const server = serveDirectory(root, settings, layers);
    const cases: [path: string, status: number, body: string | null][] = [
      ["/", 200, "index"],
      ["/index.html", 200, "index"],
      ["/a/b.txt", 200, "b"],
      ["/a/none", 404, null],
      ["/../deno.json", 404, null],
    ];
    for (const [path, status, body] of cases) {
      const response = await server.inject({ path });
      assertEquals(response.status, status, path);
      const text = await response.text();
      if (body !== null) assertEquals(text, body);
    }
    assertEquals(
      lines.map((line) => JSON.parse(line)).map((each) => [
        each.path,
        each.status,
      ]),
      cases.map(([path, status]) => [path, status]),
    );
    const post = await server.inject({ method: "POST", path: "/" });
    assertEquals([post.status, post.header("allow")], [
      405,
      "GET, HEAD, OPTIONS",
    ]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
