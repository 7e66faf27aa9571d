/** Asks a limit in Deno KV many times, and prints how many were
 * admitted. Its arguments: the database's file, how many times, the algorithm. */
import { HttpServer, ok } from "@x/httpserver";
import {
  rateLimit,
  type RateLimitOptions,
} from "@x/httpserver/middleware/rate-limit";
import { denoKvStore } from "@x/httpserver/middleware/rate-limit/deno-kv";

const [path, times, algorithm] = Deno.args;
const kv = await Deno.openKv(path);
const window = algorithm === "token-bucket"
  ? { requestsPerSecond: 50 / 600, burstSize: 50 }
  : { algorithm, limit: 50, windowMs: 600_000 };
const server = new HttpServer()
  .use(rateLimit({
    ...window as RateLimitOptions,
    store: denoKvStore(kv),
    onStoreError: "closed",
    storeTimeoutMs: 20_000,
  }))
  .get("/", () => ok());
// The other process starts meanwhile.
console.log("ready");
await Deno.stdin.read(new Uint8Array(1));
const counts: Record<number, number> = {};
const AT_ONCE = 5;
for (let asked = 0; asked < Number(times); asked += AT_ONCE) {
  const answers = await Promise.all(
    Array.from({ length: AT_ONCE }, () => server.inject({ path: "/" })),
  );
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
}
console.log(JSON.stringify(counts));
kv.close();
