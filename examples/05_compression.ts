/**
 * Compressed answers and uploads, tags and lifetimes for caches.
 *
 *   deno task deno run -A examples/05_compression.ts
 *   curl -i --compressed http://127.0.0.1:8080/report -o /dev/null -D -
 *   curl -N --compressed http://127.0.0.1:8080/ticks
 *   echo hello | gzip | curl -H "Content-Encoding: gzip" --data-binary @- http://127.0.0.1:8080/lines
 */
import { HttpResponse, HttpServer, json, ok } from "@x/httpserver";
import {
  cacheControl,
  compression,
  decompression,
  etag,
} from "@x/httpserver/middleware";
import { printUrl } from "./print_url.ts";

const server = new HttpServer();

// The order counts. What is further inside sees the content first: the tag is
// made of the content as it is, then the content is compressed.
server.use(
  compression({
    // A page that shows a secret beside what a link may put in must not be
    // compressed: its length would tell how much of the secret was guessed.
    filter: (request) => !request.path.startsWith("/account"),
  }),
  cacheControl({ public: true, maxAge: 60, statuses: { 404: { maxAge: 5 } } }),
  etag(),
);

const rows = Array.from(
  { length: 2000 },
  (_, id) => ({ id, name: `row ${id}` }),
);
server.get("/report", () => json(rows));

// An event stream is compressed too, and each event is sent at once.
server.get("/ticks", () => {
  const encoder = new TextEncoder();
  async function* ticks(): AsyncGenerator<Uint8Array> {
    for (let n = 1; n <= 3; n++) {
      yield encoder.encode(`data: tick ${n}\n\n`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return new HttpResponse({
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
    },
    body: ticks(),
  });
});

// Uploads may come compressed. At most 1 MB of them when they are unpacked:
// a bomb of a few KiB is answered 413.
server.post("/lines", decompression({ limit: 1_000_000 }), async (request) => {
  const text = await request.text();
  return ok({ lines: text.split("\n").length - 1 });
});

await server.run({
  port: Number(Deno.env.get("PORT") ?? 8080),
  onListen: printUrl,
});
