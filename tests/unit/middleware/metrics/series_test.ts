import { assertEquals } from "@std/assert";
import { SeriesTable } from "../../../../src/middleware/metrics/series.ts";

function labelsOf(table: SeriesTable): string[] {
  return [...table].map(({ labels: { method, route, status }, count }) =>
    `${method} ${route} ${status} ${count}`
  );
}

Deno.test("SeriesTable counts by method, route and status", () => {
  const table = new SeriesTable([1]);
  table.observe("GET", "/a", 200, 0);
  table.observe("GET", "/a", 200, 0);
  table.observe("GET", "/a", 404, 0);
  table.observe("POST", "/a", 200, 0);
  table.observe("GET", "/b", 200, 0);
  assertEquals(labelsOf(table), [
    "GET /a 200 2",
    "GET /a 404 1",
    "POST /a 200 1",
    "GET /b 200 1",
  ]);
});

Deno.test("SeriesTable takes methods that clients make up for one", () => {
  const table = new SeriesTable([1]);
  for (let n = 0; n < 100; n++) table.observe(`X${n}`, null, 404, 0);
  for (const method of ["get", "OTHER", "__proto__", "PURGE"]) {
    table.observe(method, null, 404, 0);
  }
  assertEquals(labelsOf(table), ["OTHER none 404 104"]);
});

Deno.test("SeriesTable knows the methods of HTTP", () => {
  const methods = "GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT QUERY";
  const table = new SeriesTable([1]);
  for (const method of methods.split(" ")) table.observe(method, "/", 200, 0);
  const seen = [...table].map(({ labels }) => labels.method);
  assertEquals(seen, methods.split(" "));
});

Deno.test("SeriesTable tells requests without a route and without an answer", () => {
  const table = new SeriesTable([1]);
  table.observe("GET", null, 404, 0);
  table.observe("GET", "/slow", null, 0);
  assertEquals(labelsOf(table), ["GET none 404 1", "GET /slow none 1"]);
});

Deno.test("SeriesTable puts a duration into the first bucket that holds it", () => {
  const table = new SeriesTable([0.1, 1, 10]);
  for (const seconds of [0, 0.1, 0.11, 1, 10, 10.01, 99]) {
    table.observe("GET", "/", 200, seconds);
  }
  const [{ buckets, count, seconds }] = [...table];
  assertEquals(buckets, [2, 2, 1]);
  assertEquals([count, Math.round(seconds * 100)], [7, 12_022]);
});
