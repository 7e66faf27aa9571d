/** Uploads that are not read, or sent back as they come. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { HttpResponse, ok } from "@x/httpserver";
import { get, post, postChunks, postHead } from "../support/requests.ts";
import type { RawClient } from "../support/raw_client.ts";
import { Site, turn } from "../support/site.ts";
import { within } from "../support/within.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

function unread(path: string, length: number, chunked: boolean): string {
  const body = "x".repeat(length);
  return chunked ? postChunks(path, body) : post(path, body);
}

for (const isLate of [false, true]) {
  for (const chunked of [false, true]) {
    const how = `${chunked ? "chunked" : "declared"}, ${
      isLate ? "late" : "at once"
    }`;
    for (
      const [length, stays] of [[60 * KIB, true], [80 * KIB, false]] as const
    ) {
      const fate = stays ? "keeps" : "closes";
      Deno.test(`HttpServer ${fate} the connection when ${length} bytes are left unread, ${how}`, async () => {
        await using site = await Site.start((server) => {
          const limits = { bodyBytes: MIB };
          if (!isLate) server.post("/", limits, () => ok("answer"));
          else {
            server.post("/", limits, async () => {
              await turn();
              return ok("answer");
            });
          }
          server.get("/end", () => ok("end"));
        });
        using client = await site.connect();
        await client.send(unread("/", length, chunked) + get("/end"));
        assertEquals((await client.read()).text, "answer");
        if (stays) assertEquals((await client.read()).text, "end");
        await client.closeWrite();
        assertEquals(await client.ends(), true);
        const requests = site.server.stats().totalRequests;
        assertEquals(requests, stays ? 2 : 1);
      });
    }
  }
}

// Sends `bytes`; a connection that is closed meanwhile ends it.
async function sendAll(client: RawClient, bytes: Uint8Array): Promise<boolean> {
  try {
    await client.send(bytes);
    return true;
  } catch {
    return false;
  }
}

for (const isLate of [false, true]) {
  for (const readsFirst of [true, false]) {
    const when = `${isLate ? "late" : "at once"}, to a client that reads ${
      readsFirst ? "meanwhile" : "when all is sent"
    }`;
    // Up to the linger limit all is taken; beyond it the client must look.
    const length = readsFirst ? 10 * MIB : 6 * MIB;
    Deno.test(`HttpServer lets the client see its answer to an upload, ${when}`, async () => {
      const answer = "answer ".repeat(20_000);
      await using site = await Site.start((server) => {
        const limits = { bodyBytes: 20 * MIB };
        if (!isLate) server.post("/", limits, () => ok(answer));
        else {
          server.post("/", limits, async () => {
            await turn();
            return ok(answer);
          });
        }
      });
      using client = await site.connect();
      await client.send(postHead("/", `Content-Length: ${length}\r\n`));
      const sent = sendAll(client, new Uint8Array(length));
      if (!readsFirst) assertEquals(await within("the upload", sent), true);
      const response = await client.read();
      assertEquals([response.status, response.complete], [200, true]);
      assertEquals(response.text, answer);
      assertEquals(response.header("connection"), "close");
      assertEquals(await client.ends(), true);
      await sent;
    });
  }
}

Deno.test("HttpServer stops taking an upload when the linger limit is reached", async () => {
  await using site = await Site.start((server) => {
    server.post("/", { bodyBytes: 1e9 }, () => ok("enough"));
  }, { limits: { lingerBytes: MIB } });
  using client = await site.connect();
  await client.send(postHead("/", "Content-Length: 100000000\r\n"));
  const sent = sendAll(client, new Uint8Array(100_000_000));
  assertEquals((await client.read()).text, "enough");
  assertEquals(await within("the end of the upload", sent), false);
});

Deno.test("HttpServer sends a body of 50 MiB back as it comes", async () => {
  const total = 50 * MIB;
  await using site = await Site.start((server) => {
    server.post(
      "/",
      { bodyBytes: total },
      ({ body }) => new HttpResponse({ body }),
    );
  });
  using client = await site.connect();
  const piece = new Uint8Array(MIB).map((_, at) => at % 251);
  await client.send(postHead("/", `Content-Length: ${total}\r\n`));
  const sent = (async () => {
    for (let at = 0; at < total; at += MIB) await client.send(piece);
  })();
  const head = await client.takeUntil("\r\n\r\n");
  assert(head?.includes("chunked"));
  let received = 0;
  for (;;) {
    const size = parseInt(await client.takeUntil("\r\n") ?? "", 16);
    const bytes = await client.take(size + 2);
    for (let at = 0; at < size; at += 997) {
      assertEquals(bytes[at], (received + at) % MIB % 251);
    }
    received += size;
    if (size === 0) break;
  }
  await sent;
  assertEquals(received, total);
});

Deno.test("HttpServer takes no more of a body than the client reads of the echo", async () => {
  const total = 200 * MIB;
  await using site = await Site.start((server) => {
    server.post(
      "/",
      { bodyBytes: total },
      ({ body }) => new HttpResponse({ body }),
    );
  });
  using client = await site.connect();
  await client.send(postHead("/", `Content-Length: ${total}\r\n`));
  const piece = new Uint8Array(64 * KIB);
  let written = 0;
  let pending: Promise<void> | null = null;
  // Ends once a write has been stuck for a while.
  for (let quiet = 0; quiet < 300 && written < total; quiet++) {
    pending ??= client.write(piece).then((count) => {
      written += count;
      pending = null;
      quiet = 0;
    });
    await turn();
  }
  assertLess(written, 40 * MIB);
  const stuck = pending;
  await client.take(MIB);
  client.close();
  await stuck?.catch(() => {});
});
