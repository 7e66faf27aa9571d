/** Counts by a million random keys, and prints what that took. Each key is a
 * part of a long text, as one out of a header section is. */
import {
  memoryStore,
  type RateLimitPolicy,
} from "@x/httpserver/middleware/rate-limit";

const KEYS = 1_000_000;
const PADDING = "x".repeat(1_000);
const POLICY: RateLimitPolicy = {
  name: "test",
  algorithm: "sliding-window",
  capacity: 100,
  periodMs: 3_600_000,
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

declare function gc(): void;

const store = memoryStore();
let most = 0;

function ask(times: number): void {
  for (let n = 0; n < times; n++) {
    // Flat, as it comes from a socket.
    const bytes = encoder.encode(PADDING + crypto.randomUUID());
    const section = decoder.decode(bytes);
    store.consume(section.slice(PADDING.length), 1, POLICY);
    most = Math.max(most, store.size);
  }
}

ask(20_000);
store.reset();
gc();
const before = Deno.memoryUsage();
ask(KEYS);
const { rss } = Deno.memoryUsage();
gc();
const { heapUsed } = Deno.memoryUsage();
console.log(JSON.stringify({
  most,
  resident: rss - before.rss,
  heap: heapUsed - before.heapUsed,
}));
