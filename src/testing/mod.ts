/**
 * Helpers for testing applications and servers: connections in memory, which run
 * the code of real ones, and a clock that a test moves. To test handlers through
 * the whole pipeline, `server.inject()` is enough.
 *
 * @example Time as a test wants it
 * ```ts
 * import { FakeClock } from "@x/httpserver/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new FakeClock();
 * const before = clock.now();
 * clock.advance(60_000);
 * assertEquals(clock.now() - before, 60_000);
 * ```
 *
 * @module
 */

export type { Clock } from "../server/clock.ts";
export { FakeClock } from "./fake_clock.ts";
export {
  connect,
  MemoryConnection,
  type MemoryConnectionOptions,
} from "./memory_connection.ts";
export { WireResponse } from "./wire_response.ts";
