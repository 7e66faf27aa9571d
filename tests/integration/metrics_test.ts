/** Metrics of a server that is reached over sockets and by the web entry. */
import { assertEquals, assertGreater } from "@std/assert";
import { HttpResponse, HttpServer, ok } from "@x/httpserver";
import { staticFiles } from "@x/httpserver/handlers/static";
import { Metrics, type MetricsOptions } from "@x/httpserver/metrics";
import { Router } from "@x/httpserver/router";
import {
  type Family,
  parseExposition,
  sampleValue,
} from "../support/exposition.ts";
import { ResettingClient } from "../support/raw_client.ts";
import { get, post } from "../support/requests.ts";
import { gate, Site, turn } from "../support/site.ts";
import { connections } from "../support/timed_site.ts";

const ENCODER = new TextEncoder();

function start(
  define: (server: HttpServer) => unknown = () => {},
  options: MetricsOptions = {},
): Promise<Site> {
  return Site.start((server) => {
    const metrics = new Metrics(options);
    server.use(metrics.middleware).get("/metrics", metrics.handler);
    define(server);
  });
}

async function scrape(site: Site): Promise<Map<string, Family>> {
  using client = await site.connect();
  return parseExposition((await client.ask(get("/metrics"))).text);
}

function value(
  families: Map<string, Family>,
  name: string,
  labels: Record<string, string> = {},
): number {
  return sampleValue(families, `http_server_${name}`, labels) ?? 0;
}

/** Waits until all requests but the scrape itself have ended. */
async function settled(site: Site): Promise<Map<string, Family>> {
  for (let n = 0; n < 500; n++) {
    const families = await scrape(site);
    if (value(families, "active_requests") === 1) return families;
    await turn();
  }
  throw new Error("Some request never ended");
}

Deno.test("Metrics counts what passes over sockets, with mounted routes by their whole pattern", async () => {
  await using site = await start((server) => {
    const users = new Router().get("/:id", () => ok("user"));
    server.mount("/api/:version/users", users)
      .get("/fails", () => {
        throw new Error("broken");
      });
  });
  using client = await site.connect();
  for (const path of ["/api/1/users/7", "/api/2/users/8", "/none", "/fails"]) {
    await client.ask(get(path));
  }
  await client.ask(post("/api/1/users/7", "x"));
  await client.ask(get("/api/1/users/7").replace("GET", "HEAD"));
  const families = await settled(site);
  const table: [labels: Record<string, string>, count: number][] = [
    [{ method: "GET", route: "/api/:version/users/:id" }, 2],
    [{ method: "HEAD", route: "/api/:version/users/:id", status: "200" }, 1],
    [{ route: "none", status: "404" }, 1],
    [{ route: "none", status: "405", method: "POST" }, 1],
    [{ route: "/fails", status: "500" }, 1],
  ];
  for (const [labels, count] of table) {
    const name = "request_duration_seconds_count";
    assertEquals(value(families, "requests_total", labels), count);
    assertEquals(value(families, name, labels), count);
  }
});

Deno.test("Metrics tells connections, bytes and errors of the server", async () => {
  await using site = await start();
  for (const message of ["bad\r\n\r\n", get("/", "", "3.0"), get("/")]) {
    await site.exchange(message);
  }
  await connections(site, 0);
  const { bytesReceived, bytesSent } = site.server.stats();
  const families = await scrape(site);
  assertEquals(value(families, "open_connections"), 1);
  assertEquals(value(families, "connections_total"), 4);
  const received = bytesReceived + get("/metrics").length;
  assertEquals(value(families, "received_bytes_total"), received);
  assertEquals(value(families, "sent_bytes_total"), bytesSent);
  const errors = "protocol_errors_total";
  assertEquals(value(families, errors, { status: "400" }), 1);
  assertEquals(value(families, errors, { status: "505" }), 1);
  assertEquals(value(families, "timeouts_total", { phase: "body" }), 0);
});

Deno.test("Metrics counts a request until the last piece of its answer is sent", async () => {
  const goOn = gate();
  await using site = await start((server) => {
    server.get("/stream", () => {
      async function* pieces() {
        yield ENCODER.encode("a");
        await goOn.passed;
        yield ENCODER.encode("b");
      }
      return new HttpResponse({ body: pieces() });
    });
  });
  using client = await site.connect();
  await client.send(get("/stream"));
  await client.takeUntil("a\r\n");
  const before = await scrape(site);
  assertEquals(value(before, "active_requests"), 2);
  assertEquals(value(before, "requests_total", { route: "/stream" }), 0);
  goOn.open();
  await client.takeUntil("0\r\n\r\n");
  const after = await settled(site);
  assertEquals(value(after, "requests_total", { route: "/stream" }), 1);
  assertEquals(value(after, "cut_responses_total"), 0);
});

Deno.test("Metrics loses no request whose client leaves or whose content breaks", async () => {
  const started = gate();
  await using site = await start((server) => {
    server.get("/endless", () => {
      async function* pieces() {
        for (;;) {
          yield new Uint8Array(100_000);
          started.open();
        }
      }
      return new HttpResponse({ body: pieces() });
    });
    server.get("/breaks", () => {
      async function* pieces() {
        yield ENCODER.encode("a");
        await turn();
        throw new Error("broken");
      }
      return new HttpResponse({ body: pieces() });
    });
    server.get("/waits", (request) =>
      new Promise((resolve) => {
        const answer = () => resolve(ok("too late"));
        request.signal.addEventListener("abort", answer);
      }));
  });
  using leaving = await ResettingClient.send(site.port, get("/endless"));
  await started.passed;
  leaving.reset();
  using waiting = await ResettingClient.send(site.port, get("/waits"));
  while (site.server.stats().activeRequests < 1) await turn();
  waiting.reset();
  await site.exchange(get("/breaks"));
  const families = await settled(site);
  const count = (route: string) => value(families, "requests_total", { route });
  assertEquals([count("/endless"), count("/breaks"), count("/waits")], [
    1,
    1,
    1,
  ]);
  assertEquals(value(families, "cut_responses_total"), 3);
});

Deno.test("Metrics measures files and their ranges without reading them otherwise", async () => {
  const root = await Deno.makeTempDir();
  await Deno.writeFile(`${root}/large.bin`, new Uint8Array(1_000_000));
  try {
    await using site = await start((server) =>
      server.get("/files/*path", staticFiles({ root }))
    );
    using client = await site.connect();
    const whole = await client.ask(get("/files/large.bin"));
    const part = await client.ask(
      get("/files/large.bin", "Range: bytes=0-9\r\n"),
    );
    assertEquals([whole.body.length, part.body.length], [1_000_000, 10]);
    const families = await settled(site);
    const count = (status: string) =>
      value(families, "requests_total", { route: "/files/*path", status });
    assertEquals([count("200"), count("206")], [1, 1]);
    assertGreater(value(families, "sent_bytes_total"), 1_000_000);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("Metrics counts what comes through the web entry", async () => {
  const metrics = new Metrics({ process: false });
  await using server = new HttpServer().use(metrics.middleware)
    .get("/metrics", metrics.handler)
    .get("/stream", () => new Response(new Blob(["a", "b"]).stream()));
  const ask = (path: string, method = "GET") =>
    server.fetch(new Request(`http://localhost${path}`, { method }));
  await (await ask("/stream")).text();
  await (await ask("/stream", "HEAD")).text();
  await (await ask("/stream")).body?.cancel();
  await (await ask("/none")).text();
  const families = parseExposition(await (await ask("/metrics")).text());
  const count = (labels: Record<string, string>) =>
    value(families, "requests_total", labels);
  assertEquals(count({ route: "/stream", method: "GET" }), 2);
  assertEquals(count({ route: "/stream", method: "HEAD" }), 1);
  assertEquals(count({ route: "none" }), 1);
  assertEquals(value(families, "active_requests"), 1);
  assertEquals(value(families, "connections_total"), 0);
});
