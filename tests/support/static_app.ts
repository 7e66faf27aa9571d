/** Asks a site for paths and prints the status of each: to be run with few
 * permissions. `memory` or the root first, then the paths. */
import { HttpServer } from "../../mod.ts";
import { memorySource, staticFiles } from "../../src/handlers/static/mod.ts";

const [root, ...paths] = Deno.args;
const options = root === "memory"
  ? { source: memorySource({ "index.html": "home", "a.txt": "a" }) }
  : { root };
const server = new HttpServer().get("/*path", staticFiles(options));
const statuses: number[] = [];
for (const path of paths) {
  statuses.push((await server.inject({ path })).status);
}
console.log(statuses.join(" "));
