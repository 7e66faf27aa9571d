import {
  assertEquals,
  assertFalse,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { Counter, Registry } from "prom-client";
import { HttpResponse, HttpServer } from "../../../../mod.ts";
import {
  Metrics,
  type MetricsOptions,
} from "../../../../src/middleware/metrics/mod.ts";
import {
  type ExpositionFormat,
  type Family,
  parseExposition,
  sampleValue,
} from "../../../support/exposition.ts";
import { fakeRequest } from "../fakes.ts";

const OPEN = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const TEXT = "text/plain; version=0.0.4; charset=utf-8";

function serve(metrics: Metrics): HttpServer {
  return new HttpServer({ log: () => {} }).use(metrics.middleware)
    .get("/metrics", metrics.handler)
    .get("/users/:id(\\d+)", () => new Response("user"));
}

async function scrape(
  server: HttpServer,
  accept = "*/*",
): Promise<{ type: string; text: string }> {
  const headers = { accept };
  const response = await server.inject({ path: "/metrics", headers });
  const type = response.header("content-type") ?? "";
  return { type, text: await response.text() };
}

async function families(
  server: HttpServer,
  format: ExpositionFormat = "text",
): Promise<Map<string, Family>> {
  const accept = format === "text" ? TEXT : OPEN;
  return parseExposition((await scrape(server, accept)).text, format);
}

Deno.test("Metrics counts requests by the pattern of their route", async () => {
  const server = serve(new Metrics({ process: false }));
  for (const path of ["/users/1", "/users/2", "/users/x", "/%2e/1", "/a?b"]) {
    await server.inject({ path });
  }
  await server.inject({ path: "/users/1", method: "DELETE" });
  await server.inject({ path: "/users/1", method: "PURGE" });
  await server.inject({ path: "/users/1", method: "HEAD" });
  const all = await families(server);
  const counts = all.get("http_server_requests_total")?.samples
    .map(({ labels, value }) =>
      `${labels.method} ${labels.route} ${labels.status} ${value}`
    ).sort();
  assertEquals(counts, [
    "DELETE none 405 1",
    "GET /users/:id(\\d+) 200 2",
    "GET none 404 3",
    "HEAD /users/:id(\\d+) 200 1",
    "OTHER none 405 1",
  ]);
});

Deno.test("Metrics puts nothing that a client made up into a label", async () => {
  const server = serve(new Metrics());
  for (const path of ["/secret-1", "/users/secret-2", "/?secret-3"]) {
    await server.inject({ path });
    await server.inject({ path, method: "SECRET-4" });
    await server.inject({ path, headers: { "user-agent": "secret-5" } });
  }
  const { text } = await scrape(server);
  assertEquals(/secret/i.exec(text), null);
});

Deno.test("Metrics measures durations in seconds", async () => {
  const metrics = new Metrics({ process: false, buckets: [0.02, 60] });
  const server = serve(metrics).get("/slow", async () => {
    const until = performance.now() + 30;
    while (performance.now() < until) await null;
    return new Response();
  });
  await server.inject({ path: "/slow" });
  const all = await families(server);
  const name = "http_server_request_duration_seconds";
  const labels = { route: "/slow" };
  assertEquals(
    all.get(name)?.samples.slice(0, 3).map((
      { labels, value },
    ) => [labels.le, value]),
    [["0.02", 0], ["60.0", 1], ["+Inf", 1]],
  );
  const sum = sampleValue(all, `${name}_sum`, labels) ?? 0;
  assertEquals(sum >= 0.03 && sum < 10, true, `${sum}`);
});

Deno.test("Metrics counts durations above the last bound too", async () => {
  const server = serve(new Metrics({ process: false, buckets: [1e-9] }));
  await server.inject({ path: "/users/1" });
  const all = await families(server);
  const name = "http_server_request_duration_seconds";
  const values = all.get(name)?.samples.map((
    { labels, value },
  ) => [labels.le, value]);
  assertEquals(values?.slice(0, 2), [["1e-9", 0], ["+Inf", 1]]);
});

Deno.test("Metrics shows both formats by Accept, and each again behind the other", async () => {
  const server = serve(new Metrics());
  const prometheus2 = "application/openmetrics-text;version=1.0.0," +
    "application/openmetrics-text;version=0.0.1;q=0.75," +
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
  const prometheus3 =
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4," +
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
  const table: [accept: string, type: string][] = [
    ["", TEXT],
    ["*/*", TEXT],
    [prometheus2, OPEN],
    ["text/plain", TEXT],
    [OPEN, OPEN],
    ["image/png", TEXT],
    [prometheus3, TEXT],
    ["text/html,application/xhtml+xml,*/*;q=0.8", TEXT],
  ];
  for (const [accept, expected] of table) {
    const { type, text } = await scrape(server, accept);
    assertEquals(type, expected, accept);
    const format = type === OPEN ? "openmetrics" : "text";
    const all = parseExposition(text, format);
    const name = format === "text" ? "_requests_total" : "_requests";
    assertEquals(all.has(`http_server${name}`), true, accept);
  }
});

Deno.test("Metrics shows each format whole to those who ask at once", async () => {
  const server = serve(new Metrics());
  const formats: ExpositionFormat[] = ["text", "openmetrics", "text"];
  const all = await Promise.all(
    Array.from({ length: 30 }, (_, n) => families(server, formats[n % 3])),
  );
  all.forEach((one, n) => {
    const name = n % 3 === 1 ? "_connections" : "_connections_total";
    assertEquals(one.get(`http_server${name}`)?.samples.length, 1, `${n}`);
  });
});

Deno.test("Metrics goes on when the collector of another metric has failed", async () => {
  const registry = new Registry();
  const server = serve(new Metrics({ registry }));
  let isBroken = true;
  new Counter({
    name: "broken_total",
    help: "fails once",
    registers: [registry],
    collect() {
      if (isBroken) throw new Error("database gone");
    },
  });
  const headers = { accept: OPEN };
  const response = await server.inject({ path: "/metrics", headers });
  assertEquals(response.status, 500);
  assertFalse((await response.text()).includes("database"));
  isBroken = false;
  const { type, text } = await scrape(server, "text/plain");
  assertEquals(type, TEXT);
  assertStringIncludes(text, "broken_total 0");
});

Deno.test("Metrics is not to be cached, and HEAD gets the head", async () => {
  const server = serve(new Metrics());
  for (const method of ["GET", "HEAD"]) {
    const response = await server.inject({ path: "/metrics", method });
    assertEquals(response.header("cache-control"), "no-store");
    assertEquals(response.header("vary"), "Accept");
    assertEquals(response.header("content-type"), TEXT);
    assertEquals((await response.text()).length > 0, method === "GET");
  }
});

Deno.test("Metrics adds to a registry of the application, under its prefix", async () => {
  const registry = new Registry();
  registry.setDefaultLabels({ app: "shop" });
  new Counter({ name: "orders_total", help: "orders", registers: [registry] })
    .inc(3);
  const metrics = new Metrics({ registry, prefix: "shop:", process: false });
  const server = serve(metrics);
  await server.inject({ path: "/users/1" });
  await scrape(server, OPEN);
  // The application goes on with it as before.
  assertEquals(registry.contentType, TEXT);
  const all = await families(server);
  assertEquals(sampleValue(all, "orders_total", { app: "shop" }), 3);
  const labels = { app: "shop", route: "/users/:id(\\d+)" };
  assertEquals(sampleValue(all, "shop:requests_total", labels), 1);
  assertEquals(
    [...all.keys()].every((name) => /^orders|^shop:/.test(name)),
    true,
  );
});

Deno.test("Metrics leaves out what is to be skipped", async () => {
  const skip = ({ method }: { method: string }) => method === "HEAD";
  const server = serve(new Metrics({ process: false, skip }));
  await server.inject({ path: "/users/1", method: "HEAD" });
  await server.inject({ path: "/users/1" });
  const all = await families(server);
  const samples = all.get("http_server_requests_total")?.samples;
  assertEquals(samples?.map(({ labels }) => labels.method), ["GET"]);
});

Deno.test("Metrics tells of the process", async () => {
  const all = await families(serve(new Metrics()));
  const names = [...all.keys()].filter((name) => name.startsWith("process_"));
  for (const name of names) {
    assertEquals(Number(sampleValue(all, name)) > 0, true, name);
  }
  assertEquals(names.slice(0, 6), [
    "process_cpu_seconds_total",
    "process_start_time_seconds",
    "process_resident_memory_bytes",
    "process_heap_bytes",
    "process_heap_used_bytes",
    "process_external_memory_bytes",
  ]);
  const started = sampleValue(all, "process_start_time_seconds") ?? 0;
  assertEquals(Math.abs(Date.now() / 1000 - started) < 3600, true);
});

Deno.test("Metrics throws when an option is wrong", () => {
  const taken = new Registry();
  new Metrics({ registry: taken });
  const table: [unknown, ErrorConstructor, string][] = [
    [{ prefixes: "" }, TypeError, '"prefixes"'],
    [{ prefix: "a-b" }, TypeError, '"a-b"'],
    [{ prefix: "1" }, TypeError, '"1"'],
    [{ prefix: 1 }, TypeError, "1"],
    [{ buckets: [] }, TypeError, "an empty array"],
    [{ buckets: 1 }, TypeError, "1"],
    [{ buckets: [1, 1] }, RangeError, "Cannot use 1 in"],
    [{ buckets: [0, 1] }, RangeError, "Cannot use 0 in"],
    [{ buckets: [NaN] }, RangeError, "Cannot use NaN in"],
    [{ buckets: [1, Infinity] }, RangeError, "Cannot use Infinity in"],
    [{ registry: {} }, TypeError, "registry"],
    [{ registry: null }, TypeError, "registry"],
    [{ skip: "/health" }, TypeError, '"/health"'],
    [{ registry: taken }, Error, "already been registered"],
  ];
  for (const [options, type, shown] of table) {
    assertThrows(() => new Metrics(options as MetricsOptions), type, shown);
  }
});

Deno.test("Metrics shows on one server what happens on others", async () => {
  const metrics = new Metrics({ process: false });
  const admin = new HttpServer().get("/metrics", metrics.handler);
  const overloads = async () =>
    sampleValue(await families(admin), "http_server_overloads_total");
  assertEquals(await overloads(), 0);
  const busy = (n: number) => fakeRequest({ stats: { overloads: n } });
  const next = () => new HttpResponse();
  await metrics.middleware(busy(3), next);
  await metrics.middleware(busy(4), next);
  assertEquals(await overloads(), 7);
});
