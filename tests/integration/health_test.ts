/** Health checks as probes see them: over sockets, and through the web entry. */
import { assertEquals } from "@std/assert";
import { HttpServer } from "@x/httpserver";
import { HealthCheck } from "@x/httpserver/handlers/health";
import { get } from "../support/requests.ts";
import { Site, turn } from "../support/site.ts";

function addProbes(server: HttpServer, health: HealthCheck): HttpServer {
  return server.get("/health", health.handle)
    .get("/live", health.liveness)
    .get("/ready", health.readiness)
    .get("/startup", health.startup);
}

const PATHS = ["/health", "/live", "/ready", "/startup"];

Deno.test("HealthCheck answers HEAD with the head of GET over a socket", async () => {
  const health = new HealthCheck({ now: () => 0 })
    .addCheck("a", () => ({ healthy: false }));
  await using site = await Site.start((server) => addProbes(server, health));
  using client = await site.connect();
  for (const path of PATHS) {
    const whole = await client.ask(get(path));
    const length = `${whole.body.length}`;
    assertEquals(whole.status, path === "/live" ? 200 : 503, path);
    assertEquals(whole.header("content-type"), "application/health+json");
    assertEquals(whole.header("cache-control"), "no-store");
    const head = await client.ask(get(path).replace("GET", "HEAD"));
    assertEquals([head.status, head.body.length], [whole.status, 0], path);
    assertEquals(head.header("content-length"), length, path);
  }
});

Deno.test("HealthCheck runs a check once for probes on many connections", async () => {
  const { promise, resolve } = Promise.withResolvers<{ healthy: true }>();
  let runs = 0;
  let asked = 0;
  const health = new HealthCheck().addCheck("a", () => {
    runs++;
    return promise;
  });
  await using site = await Site.start((server) => {
    server.use((_request, next) => {
      const answer = next();
      if (++asked === 20) resolve({ healthy: true });
      return answer;
    });
    addProbes(server, health);
  });
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async () => {
      using client = await site.connect();
      return (await client.ask(get("/ready"))).status;
    }),
  );
  assertEquals([new Set(statuses), runs], [new Set([200]), 1]);
});

Deno.test("HealthCheck is not ready, but alive, while the server drains", async () => {
  const health = new HealthCheck();
  await using site = await Site.start(
    (server) => addProbes(server, health),
    { timeouts: { shutdownDelayMs: 400 } },
  );
  const ended = site.server.shutdown();
  for (let n = 0; n < 10; n++) await turn();
  const statuses = [];
  for (const path of PATHS) {
    using client = await site.connect();
    statuses.push((await client.ask(get(path))).status);
  }
  assertEquals(statuses, [200, 200, 503, 200]);
  assertEquals((await ended).forced, false);
});

Deno.test("HealthCheck answers through the web entry", async () => {
  const health = new HealthCheck();
  await using server = addProbes(new HttpServer(), health);
  const url = "http://localhost/ready";
  const ready = await server.fetch(new Request(url));
  assertEquals([ready.status, await ready.json()], [200, {
    status: "healthy",
    checks: {},
  }]);
  const head = await server.fetch(new Request(url, { method: "HEAD" }));
  assertEquals([head.status, await head.text()], [200, ""]);
  await server.shutdown();
  const draining = await server.fetch(new Request(url));
  assertEquals([draining.status, (await draining.json()).status], [
    503,
    "unhealthy",
  ]);
});
