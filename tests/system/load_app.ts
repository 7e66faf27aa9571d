/** A server for the tests of load, transports and proxies. Its argument is a
 * `Settings` of `load.ts` as JSON. */
import { HttpResponse, HttpServer, json, ok } from "@x/httpserver";
import { trustProxies } from "@x/httpserver/proxies";
import type { Settings } from "./load.ts";

const PIECE = new Uint8Array(64 * 1024);
const BIG = new Uint8Array(64 * 1024 * 1024);

const { options = {}, listen = {}, trusted }: Settings = JSON.parse(
  Deno.args[0] ?? "{}",
);
const server = new HttpServer({
  ...options,
  clientAddress: trusted === undefined ? undefined : trustProxies(trusted),
});

function after(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** `size` bytes in pieces. */
function* pieces(size: number): Generator<Uint8Array> {
  for (let left = size; left > 0; left -= PIECE.length) {
    yield PIECE.subarray(0, Math.min(left, PIECE.length));
  }
}

server.get("/", () => ok("hello"));
server.get("/stats", () => json(server.stats()));
server.get("/memory", () => json(Deno.memoryUsage()));
server.get("/big", () => ok(BIG));
server.get("/stream/:bytes", (request) => {
  async function* body() {
    yield* pieces(Number(request.params.bytes));
  }
  return new HttpResponse({ body: body() });
});
server.get("/slow/:ms", async (request) => {
  await after(Number(request.params.ms), request.signal);
  return ok("slow");
});
server.get("/drip/:ms", (request) => {
  async function* body() {
    const ms = Number(request.params.ms);
    for (let part = 0; part < 4; part++) {
      yield new TextEncoder().encode(`part ${part} `);
      await after(ms / 4, request.signal);
    }
  }
  return new HttpResponse({ body: body() });
});
server.get("/never", async () => {
  console.log("waiting");
  await new Promise(() => {});
  return ok("never");
});
server.get("/fail", () => {
  throw new Error("This handler fails");
});
server.get("/break", () => {
  async function* body() {
    yield* pieces(100_000);
    throw new Error("This answer breaks off");
  }
  return new HttpResponse({ body: body() });
});
server.post("/count", { bodyBytes: 2 ** 30 }, async (request) => {
  let bytes = 0;
  for await (const piece of request.body ?? []) bytes += piece.length;
  return json({ bytes });
});
server.post("/unread", () => ok("not read"));
server.get("/who", (request) =>
  json({
    ip: request.ip,
    peer: request.remoteAddress,
    protocol: request.url.protocol,
  }));

await server.run({
  port: listen.path === undefined ? 0 : undefined,
  ...listen,
  onListen: (address) => {
    const host = "port" in address ? address.port : address.transport;
    console.log(`Listening on http://127.0.0.1:${host}/`);
  },
});
console.log("drained");
