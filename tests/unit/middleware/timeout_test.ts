import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertThrows,
} from "@std/assert";
import { HttpResponse, HttpServer, type LogRecord, ok } from "@x/httpserver";
import {
  timeout,
  type TimeoutOptions,
} from "../../../src/middleware/timeout.ts";
import { gate, turn } from "../../support/site.ts";

Deno.test("timeout() answers for a handler that takes too long and aborts its signal", async () => {
  for (const status of [undefined, 503, 504] as const) {
    const logs: LogRecord[] = [];
    const reasons: unknown[] = [];
    const server = new HttpServer({ log: (record) => void logs.push(record) });
    server.use(timeout(5, { status })).get("/", (request) => {
      request.signal.onabort = () => reasons.push(request.signal.reason);
      return new Promise(() => {});
    });
    const response = await server.inject({});
    assertEquals(response.status, status ?? 503);
    const { detail } = await response.json<{ detail?: string }>();
    assertEquals(detail, undefined);
    assertEquals(
      `${logs[0].error}`,
      "HttpError: The handler took more than 5 ms",
    );
    const [reason] = reasons;
    assertInstanceOf(reason, DOMException);
    assertEquals(reason.name, "TimeoutError");
  }
});

Deno.test("timeout() answers itself though the handler fails by its signal", async () => {
  const server = new HttpServer({ log: () => {} });
  server.use(timeout(5)).get("/", (request) => {
    const { promise, reject } = Promise.withResolvers<never>();
    request.signal.onabort = () => reject(request.signal.reason);
    return promise;
  });
  assertEquals((await server.inject({})).status, 503);
});

Deno.test("timeout() drops a late answer and cancels its content", async () => {
  const late = gate();
  const cancelled = Promise.withResolvers<void>();
  const server = new HttpServer({ log: () => {} });
  server.use(timeout(5)).get("/", async () => {
    await late.passed;
    const body = new ReadableStream<Uint8Array>({
      cancel: () => cancelled.resolve(),
    });
    return new HttpResponse({ body });
  });
  assertEquals((await server.inject({})).status, 503);
  late.open();
  await cancelled.promise;
});

Deno.test("timeout() leaves what is answered in time alone, without a timer left", async () => {
  const server = new HttpServer();
  let aborted = false;
  server.use(timeout(60_000))
    .get("/sync", () => ok("sync"))
    .get("/async", async (request) => {
      request.signal.onabort = () => aborted = true;
      await turn();
      return ok("async");
    })
    .get("/fails", async () => {
      await turn();
      throw new TypeError("a bug");
    });
  for (const path of ["/sync", "/async"]) {
    const response = await server.inject({ path });
    assertEquals(await response.text(), path.slice(1));
  }
  assert(!aborted);
  const quiet = new HttpServer({ log: () => {} });
  quiet.use(timeout(60_000)).get("/", async () => {
    await turn();
    throw new TypeError("a bug");
  });
  assertEquals((await quiet.inject({})).status, 500);
});

Deno.test("timeout() does not bound how long the content takes", async () => {
  const server = new HttpServer();
  server.use(timeout(5)).get("/", async () => {
    await Promise.resolve();
    async function* pieces() {
      for (let n = 0; n < 3; n++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        yield new TextEncoder().encode("a");
      }
    }
    return new HttpResponse({ body: pieces() });
  });
  assertEquals(await (await server.inject({})).text(), "aaa");
});

Deno.test("timeout() of a route goes before a longer one around it", async () => {
  const server = new HttpServer({ log: () => {} });
  server.use(timeout(60_000)).get(
    "/",
    timeout(5, { status: 504 }),
    () => new Promise<HttpResponse>(() => {}),
  );
  assertEquals((await server.inject({})).status, 504);
});

Deno.test("timeout() throws for options that are none", () => {
  for (const ms of [0, -1, NaN, Infinity, 2 ** 31]) {
    assertThrows(() => timeout(ms), RangeError, "the time of timeout");
  }
  const text: unknown = "5s";
  assertThrows(() => timeout(text as number), TypeError, '"5s"');
  assertThrows(() => timeout(5, { status: 500 as 503 }), RangeError, "500");
  assertThrows(
    () => timeout(5, { code: 503 } as TimeoutOptions),
    TypeError,
    '"code"',
  );
});
