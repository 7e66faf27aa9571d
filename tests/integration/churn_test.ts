/** Clients that come and go in every way, many at a time. */
import { assertEquals } from "@std/assert";
import { HttpResponse, type HttpServer, ok } from "@x/httpserver";
import { get, post, postHead } from "../support/requests.ts";
import { ResettingClient } from "../support/raw_client.ts";
import { Site, turn } from "../support/site.ts";

function define(server: HttpServer): void {
  server.get("/", () => ok("hello"));
  server.get("/later", async () => {
    await turn();
    return ok("later");
  });
  server.get("/large", () => ok(new Uint8Array(3_000_000)));
  server.get("/stream", () => {
    async function* body() {
      for (let n = 0; n < 30; n++) {
        await turn();
        yield new Uint8Array(50_000);
      }
    }
    return new HttpResponse({ body: body() });
  });
  server.get("/hints", async (request) => {
    await request.earlyHints(["</a.css>"]);
    await turn();
    await request.earlyHints(["</b.css>"]);
    return ok("hinted");
  });
  server.post(
    "/read",
    { bodyBytes: 1e6 },
    async (request) => ok((await request.text()).length),
  );
  server.post(
    "/echo",
    { bodyBytes: 1e6 },
    ({ body }) => new HttpResponse({ body }),
  );
  server.post("/unread", () => ok("unread"));
}

const BODY = "x".repeat(100_000);
const REQUESTS: readonly string[] = [
  "",
  "GET / HT",
  get("/"),
  get("/").repeat(50),
  get("/later").repeat(5),
  get("/large"),
  get("/") + get("/stream") + get("/"),
  get("/hints").repeat(3),
  post("/read", BODY),
  postHead("/read", "Content-Length: 100\r\n") + "part",
  postHead("/read", "Expect: 100-continue\r\nContent-Length: 100\r\n"),
  post("/echo", BODY) + get("/"),
  postHead("/echo", "Transfer-Encoding: chunked\r\n") + "5\r\nabc",
  post("/unread", BODY) + get("/"),
  postHead("/unread", "Content-Length: 999999\r\n") + BODY,
  "bad\r\n\r\n" + BODY,
];

type Leave = (site: Site, request: string, turns: number) => Promise<void>;

async function wait(turns: number): Promise<void> {
  for (let n = 0; n < turns; n++) await turn();
}

const LEAVES: Readonly<Record<string, Leave>> = {
  async "resets"(site, request, turns) {
    using client = await ResettingClient.send(site.port, request);
    await wait(turns);
    await client.reset();
  },
  async "closes"(site, request, turns) {
    using client = await site.connect();
    await client.send(request);
    await wait(turns);
  },
  async "ends its side and reads"(site, request) {
    using client = await site.connect();
    await client.send(request);
    await client.closeWrite();
    await client.takeAll();
  },
  async "ends its side and closes"(site, request, turns) {
    using client = await site.connect();
    await client.send(request);
    await client.closeWrite();
    await wait(turns);
  },
};

for (const [name, leave] of Object.entries(LEAVES)) {
  Deno.test(`HttpServer holds nothing of a client that ${name} at any time`, async () => {
    await using site = await Site.start(define);
    for (let turns = 0; turns < 12; turns++) {
      await Promise.all(
        REQUESTS.map((request) => leave(site, request, turns)),
      );
    }
    const ended = (async () => {
      while (site.server.stats().connections > 0) await turn();
    })();
    await site.advanceUntil(ended);
    assertEquals(site.server.stats().activeRequests, 0);
    assertEquals(errors(site), []);

    using client = await site.connect();
    assertEquals((await client.ask(get("/"))).text, "hello");
  });
}

// What the server blames on itself or the application: none of it is.
function errors(site: Site): string[] {
  const found = site.logs.filter(({ level }) =>
    level === "error" || level === "warn"
  ).map(({ method, target, message, error }) =>
    `${method} ${target}: ${message}: ${error}`
  );
  return [...new Set(found)];
}
