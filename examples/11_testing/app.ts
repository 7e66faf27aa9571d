/**
 * An application that is easy to test: `makeApp()` gives a new server each time,
 * and takes what a test has to have in its hands.
 *
 *   deno task deno run -A examples/11_testing/app.ts
 *   deno task deno test examples/11_testing
 */
import {
  created,
  HttpError,
  HttpServer,
  type HttpServerOptions,
  ok,
} from "@x/httpserver";
import { rateLimit } from "@x/httpserver/middleware";
import { printUrl } from "../print_url.ts";

/** One entry of the guest book. */
export interface Entry {
  readonly name: string;
  readonly text: string;
}

/** Makes the application; the options are those of its server. */
export function makeApp(options: HttpServerOptions = {}) {
  const entries: Entry[] = [];
  const server = new HttpServer({
    ...options,
    timeouts: { headersMs: 5_000, keepAliveMs: 60_000, ...options.timeouts },
  });
  const { clock } = options;
  // By the same clock as the server's time-outs.
  const now = clock && (() => clock.now());
  server.use(
    "/entries",
    rateLimit({ requestsPerSecond: 5, burstSize: 5, now }),
  );
  server.get("/entries", () => ok(entries));
  server.get("/entries/:at(\\d+)", (request) => {
    const entry = entries[Number(request.params.at)];
    if (entry === undefined) throw new HttpError(404, "no such entry");
    return ok(entry);
  });
  server.post("/entries", { bodyBytes: 1_000 }, async (request) => {
    const { name, text } = await request.json<Partial<Entry>>();
    if (typeof name !== "string" || typeof text !== "string") {
      throw new HttpError(400, "name and text are needed");
    }
    entries.push({ name, text });
    const location = `/entries/${entries.length - 1}`;
    return created({ name, text }, { location });
  });
  return server;
}

if (import.meta.main) {
  await makeApp().run({
    port: Number(Deno.env.get("PORT") ?? 8080),
    onListen: printUrl,
  });
}
