/**
 * Helpers for testing applications: a clock that a test moves.
 *
 * @module
 */

export type { Clock } from "../server/clock.ts";
export { FakeClock } from "./fake_clock.ts";
