/** Watches a directory and tells what it hears, until it is ended. */
import { watchChanges } from "../../src/cli/reload/file_changes.ts";

watchChanges({
  directories: [Deno.args[0]],
  recursive: true,
  changed: (paths) => paths.forEach((path) => console.log("changed", path)),
  failed: (error) => console.log("failed", `${error}`),
});
console.log("watching");
