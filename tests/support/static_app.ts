/** Asks a site for paths and prints the status of each, and the names of a listing:
 * to be run with few permissions. `memory` or the root first, then the paths. */
import { HttpServer } from "../../mod.ts";
import {
  type DirectoryListing,
  memorySource,
  staticFiles,
} from "../../src/handlers/static/mod.ts";

const [root, ...paths] = Deno.args;
const options = root === "memory"
  ? {
    source: memorySource({
      "index.html": "home",
      "a.txt": "a",
      "d/b.txt": "b",
    }),
  }
  : { root };
const server = new HttpServer().get(
  "/*path",
  staticFiles({ ...options, listing: true }),
);
const answers: string[] = [];
for (const path of paths) {
  const response = await server.inject({ path });
  const { entries } = path.endsWith("?format=json")
    ? await response.json() as DirectoryListing
    : { entries: [] };
  const names = entries.map(({ name }) => name);
  answers.push([response.status, ...names].join(","));
}
console.log(answers.join(" "));
