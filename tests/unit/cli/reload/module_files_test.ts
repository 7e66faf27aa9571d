import { assertEquals } from "@std/assert";
import { toFileUrl } from "@std/path";
import {
  infoFlags,
  moduleFiles,
} from "../../../../src/cli/reload/module_files.ts";

Deno.test("infoFlags() keeps what says where imports lead", () => {
  const flags = ["-A", "--config", "a.json", "--no-lock", "--unstable-net"];
  assertEquals(infoFlags(flags), ["--config", "a.json", "--no-lock"]);
  assertEquals(infoFlags(["-c", "b.json", "--import-map=c.json"]), [
    "-c",
    "b.json",
    "--import-map=c.json",
  ]);
  assertEquals(infoFlags(["--no-prompt", "--allow-net=config"]), []);
});

Deno.test("moduleFiles() has all local files of a program, one that lacks too", async () => {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const write = (name: string, text: string) =>
    Deno.writeTextFile(`${directory}/${name}`, text);
  await write("a.js", 'import "./b.js"; import "./none.js";');
  await write("b.js", 'import data from "./c.json" with { type: "json" };');
  await write("c.json", "{}");
  const url = toFileUrl(`${directory}/a.js`).href;
  const files = await moduleFiles(url, ["--no-config"]);
  assertEquals(
    files.toSorted(),
    ["a.js", "b.js", "c.json", "none.js"].map((name) => `${directory}/${name}`),
  );
  // Of what is no program at least the file itself.
  await write("a.js", "not a program");
  assertEquals(await moduleFiles(url, ["--no-config"]), [`${directory}/a.js`]);
  await Deno.remove(directory, { recursive: true });
});
