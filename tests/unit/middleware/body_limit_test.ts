import { assertEquals, assertThrows } from "@std/assert";
import { HttpServer, ok, Router } from "@x/httpserver";
import { bodyLimit } from "../../../src/middleware/body_limit.ts";

/** Reads whatever comes; each path has limits of its own. */
function site(): HttpServer {
  const server = new HttpServer({ limits: { bodyBytes: 20 } });
  const inner = new Router();
  const read = async (request: { text(): Promise<string> }) =>
    ok((await request.text()).length);
  inner.use(bodyLimit(5)).post("/", read);
  inner.post("/route", { bodyBytes: 50 }, read);
  inner.post("/own", bodyLimit(40), read);
  server.use("/more", bodyLimit(100));
  server.use("/in", bodyLimit(10));
  server.use("/zero", bodyLimit(0));
  server.post("/", read).post("/more", read).post("/zero", read);
  server.post("/less", { bodyBytes: 3 }, read);
  return server.mount("/in", inner);
}

// Of the two only the first tells its length.
function bodies(length: number): BodyInit[] {
  const text = "a".repeat(length);
  return [text, new Blob([text]).stream()];
}

Deno.test("bodyLimit() raises and lowers the limit, the innermost counts", async () => {
  const table: [path: string, limit: number][] = [
    ["/", 20],
    ["/more", 100],
    ["/less", 3],
    ["/in", 5],
    ["/in/own", 40],
    ["/in/route", 50],
    ["/zero", 0],
  ];
  const server = site();
  for (const [path, limit] of table) {
    for (const body of bodies(limit)) {
      const response = await server.inject({ method: "POST", path, body });
      assertEquals(
        [response.status, await response.json()],
        [200, limit],
        path,
      );
    }
    for (const body of bodies(limit + 1)) {
      const response = await server.inject({ method: "POST", path, body });
      assertEquals(response.status, 413, path);
    }
  }
});

Deno.test("bodyLimit() does not hold content in memory or touch it", async () => {
  let read = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(new Uint8Array(10));
      if (++read === 5) controller.close();
    },
  }, { highWaterMark: 0 });
  const server = new HttpServer();
  server.use(bodyLimit(1000)).post("/", async (request) => {
    assertEquals(read, 0);
    const lengths: number[] = [];
    for await (const piece of request.body ?? []) lengths.push(piece.length);
    return ok(lengths);
  });
  const response = await server.inject({ method: "POST", body: stream });
  assertEquals(await response.json(), [10, 10, 10, 10, 10]);
});

Deno.test("bodyLimit() lets requests without content through", async () => {
  const server = new HttpServer();
  server.use(bodyLimit(0)).get("/", () => ok());
  assertEquals((await server.inject({})).status, 200);
});

Deno.test("bodyLimit() throws for a limit that is no size", () => {
  for (const bytes of [-1, 1.5, NaN, Infinity, "1MiB", undefined, {}]) {
    assertThrows(
      () => bodyLimit(bytes as number),
      typeof bytes === "number" ? RangeError : TypeError,
      "take a whole number of bytes from 0",
    );
  }
});
