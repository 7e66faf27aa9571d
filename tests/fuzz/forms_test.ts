import { assert, assertEquals, assertThrows } from "@std/assert";
import { bytesOf, decodeBytes } from "../support/notation.ts";
import { checkSeen, expectedOf } from "./expected.ts";
import { exchange, type Plan, type Seen } from "./exchange.ts";
import { report } from "./finding.ts";
import { fuzzProtocol } from "./protocol.ts";
import { shrink } from "./shrink.ts";
import { FuzzedSite } from "./site.ts";
import { fuzzSockets } from "./sockets.ts";

const SECONDS = 0.5;

for (const form of [fuzzProtocol, fuzzSockets]) {
  Deno.test(`${form.name}() tries inputs and finds nothing`, async () => {
    const result = await form({ seed: 1, seconds: SECONDS });
    assertEquals(result.finding, null, report(form.name, result));
    assert(result.runs > 10, `${result.runs} runs`);
  });
}

Deno.test("shrink() leaves what an input fails by", async () => {
  const text = `${"a".repeat(500)}x${"b".repeat(300)}y${"c".repeat(100)}`;
  const fails = (bytes: Uint8Array) =>
    bytes.includes(120) && bytes.includes(121);
  assertEquals([...await shrink(bytesOf(text), fails)], [120, 121]);
});

Deno.test("report() writes a finding in the notation of the wire cases", () => {
  const bytes = bytesOf("GET /\0\r\n");
  const finding = { what: "a hang", bytes, how: "whole, wait" };
  const text = report("form", { runs: 10, seconds: 2, notes: "", finding });
  const [first, ...rest] = text.split("\n");
  assert(first.startsWith("form: 10 executions in 2.0 s, 5 a second"), first);
  assertEquals(rest, [
    "FOUND: a hang",
    "how: whole, wait",
    "bytes: GET /\\0\\r\\n",
  ]);
});

const OK = "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 0\r\n\r\n";
const ONE = "GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n";
const OLD = "GET / HTTP/1.0\\r\\n\\r\\n";
const BAD = "GET / HTTP/1.1\\r\\n\\r\\n";

/** What a server that answers with just these bytes is found to do. */
async function check(request: string, answers: string): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = async () => {
    using conn = await listener.accept();
    while (await conn.read(new Uint8Array(1024)) !== null);
    await conn.write(bytesOf(answers));
  };
  const bytes = decodeBytes(request);
  const plan: Plan = { pieces: [bytes], pauses: false, ending: "half-close" };
  const expected = expectedOf(bytes);
  const methods = expected.requests.map(({ method }) => method);
  const [seen] = await Promise.all([
    exchange(listener.addr.port, plan, methods),
    serve(),
  ]);
  checkSeen(expected, plan, seen);
}

const CLOSED = OK.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");

Deno.test("checkSeen() takes the answers that are due", async () => {
  await check(ONE, OK);
  await check(ONE + ONE, OK + OK);
  await check(ONE + ONE, CLOSED);
  await check(BAD, CLOSED.replace("200 OK", "400 Bad Request"));
  await check("", "");
});

const WRONG: readonly [string, string, string][] = [
  ["a 500", ONE, OK.replace("200 OK", "500 Internal Server Error")],
  ["a 503", ONE, OK.replace("200 OK", "503 Service Unavailable")],
  ["no answer", ONE, ""],
  ["one answer to two requests", ONE + ONE, OK],
  ["two answers to one request", ONE, OK + OK],
  ["an answer behind a close", ONE + ONE, CLOSED + OK],
  ["an answer that is cut", ONE, OK.replace(": 0", ": 5") + "four"],
  ["an answer without Date", ONE, OK.replace("Date: x\r\n", "")],
  ["another status than the refusal's", BAD, CLOSED],
  ["100 to one who has not asked", ONE, `HTTP/1.1 100 Continue\r\n\r\n${OK}`],
  ["103 to HTTP/1.0", OLD, `HTTP/1.1 103 Early Hints\r\n\r\n${CLOSED}`],
  ["bytes that are no answer", ONE, `${OK}junk`],
];

for (const [name, request, answers] of WRONG) {
  Deno.test(`checkSeen() or exchange() fails when there is ${name}`, async () => {
    const failure = await check(request, answers).catch((error) => error);
    assert(failure instanceof Error, "nothing was found");
  });
}

Deno.test("checkSeen() asks nothing of a connection that the client left", () => {
  const plan: Plan = { pieces: [], pauses: false, ending: "leave" };
  const expected = expectedOf(decodeBytes(ONE));
  const left: Seen = { answers: [], end: "left" };
  checkSeen(expected, plan, left);
  const reset: Seen = { answers: [], end: "reset" };
  assertThrows(() => checkSeen(expected, plan, reset), Error, "reset");
});

Deno.test("FuzzedSite.faultSince() tells of a rejection that nobody handled", async () => {
  await using site = await FuzzedSite.start();
  assertEquals(await site.faultSince(), null);
  Promise.reject(new Error("escaped"));
  await new Promise((resolve) => setTimeout(resolve, 0));
  const fault = await site.faultSince();
  assert(fault?.includes("escaped") && FuzzedSite.isGrave(fault), `${fault}`);
  assertEquals(await site.faultSince(), null);
});
