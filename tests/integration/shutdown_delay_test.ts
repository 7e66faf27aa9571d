/** A shutdown with a delay loses no request on connections that are kept. */
import { assertEquals } from "@std/assert";
import { ok } from "@x/httpserver";
import type { RawResponse } from "../support/raw_response.ts";
import { post } from "../support/requests.ts";
import { Site, turn } from "../support/site.ts";

/** Asks on an idle connection half a second into a shutdown, with the process
 * busy while that connection would be closed; null if it came too late. */
async function askWhileBusy(): Promise<RawResponse | null> {
  await using site = await Site.start((server) => {
    server.post("/", async (request) => ok(await request.text()));
  }, { timeouts: { shutdownDelayMs: 600 } });
  using idle = await site.connect();
  await idle.ask(post("/", "first"));
  await turn();
  const started = performance.now();
  const ending = site.server.shutdown();
  while (performance.now() - started < 450) await turn();
  const sending = idle.send(post("/", "second"));
  const sentAt = performance.now() - started;
  while (performance.now() - started < 560);
  await sending;
  const answer = sentAt < 490 ? await idle.read() : null;
  await ending;
  return answer;
}

Deno.test("HttpServer answers what an idle connection asks early in timeouts.shutdownDelayMs, busy or not", async () => {
  const answers = [await askWhileBusy(), await askWhileBusy()];
  for (const answer of answers) {
    if (answer === null) continue;
    assertEquals(answer.text, "second");
    assertEquals(answer.header("connection"), "close");
  }
});
