import { assertEquals } from "@std/assert";
import { VERSION } from "../../../src/cli/version.ts";

Deno.test("VERSION is the one of deno.json", async () => {
  const file = new URL("../../../deno.json", import.meta.url);
  assertEquals(VERSION, JSON.parse(await Deno.readTextFile(file)).version);
});
