/** Thousands of connections that are reset at their worst moment. */
import { assertEquals, assertLess } from "@std/assert";
import net from "node:net";
import {
  askFresh,
  descriptors,
  eventually,
  portOf,
  startLoadApp,
  times,
} from "../system/load.ts";

const RESETS = 2_000;
const AT_A_TIME = 200;

const HEAD = "HTTP/1.1\r\nHost: a\r\n";

/** What is sent before the reset, and whether the answer is to have begun. */
const MOMENTS: readonly [text: string, isAnswered: boolean][] = [
  ["GET / HT", false],
  [`POST /count ${HEAD}Content-Length: 1000\r\n\r\nabc`, false],
  [`POST /count ${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nab`, false],
  [`GET /never ${HEAD}\r\n`, false],
  [`GET /big ${HEAD}\r\n`, true],
  [`GET /stream/10000000 ${HEAD}\r\n`, true],
  [`GET /drip/1000 ${HEAD}\r\n`, true],
  [`GET / ${HEAD}\r\n`.repeat(100), true],
];

/** Connects, sends, and resets the connection. */
function visit(
  port: number,
  text: string,
  isAnswered: boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("error", reject);
    socket.once("close", () => resolve());
    const reset = () => void socket.resetAndDestroy();
    if (isAnswered) socket.once("data", reset);
    socket.write(text, () => {
      // The server has it by the next turn, or not: both are to be tried.
      if (!isAnswered) setTimeout(reset, 0);
    });
  });
}

Deno.test("HttpServer loses nothing to 2,000 connections reset within requests and answers", async () => {
  await using server = await startLoadApp();
  const port = await portOf(server);
  await askFresh(port);
  const before = await descriptors(server.pid);
  let next = 0;
  await times(AT_A_TIME, async () => {
    while (next < RESETS) {
      await visit(port, ...MOMENTS[next++ % MOMENTS.length]);
    }
  });
  assertLess(await askFresh(port), 1_000);
  const isFree = await eventually(
    async () => await descriptors(server.pid) <= before,
    3_000,
  );
  assertEquals(isFree, true, `${await descriptors(server.pid)} descriptors`);
  const response = await fetch(`http://127.0.0.1:${port}/stats`);
  const { activeRequests, connections } = await response.json();
  // The handlers of `/never` go on; their connections have ended.
  assertEquals([activeRequests, connections], [1, 1]);
  server.kill();
  const { code, stderr } = await server.ended();
  // A rejection that nobody handles would have ended it with code 1.
  assertEquals([code, stderr], [0, ""]);
});
