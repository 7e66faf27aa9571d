/**
 * What a log line tells of an error.
 *
 * @module
 */

import { guardStacks } from "../../http/stack_guard.ts";

/** An error in a log line. */
export interface LoggedError {
  /** The name of its class. */
  name: string;
  /** Its message. */
  message: string;
  /**
   * Where it was thrown, then the stacks of its causes; only with a status
   * from 500.
   */
  stack?: string;
}

// An error may be its own cause, and a thousand may be chained.
const MAX_ERRORS = 10;

// Thrown things may be of any kind, with a toString or a getter that throws.
function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return typeof error.stack === "string" && error.stack !== ""
    ? error.stack
    : `${error.name}: ${error.message}`;
}

function behind(error: unknown): unknown[] {
  if (!(error instanceof Error)) return [];
  const errors = error instanceof AggregateError ? error.errors : [];
  return error.cause === undefined ? [...errors] : [error.cause, ...errors];
}

function allStacks(error: unknown): string {
  attempt(() => guardStacks(error), undefined);
  const found = [error];
  for (let at = 0; at < found.length && found.length < MAX_ERRORS; at++) {
    for (const one of attempt(() => behind(found[at]), [])) {
      if (!found.includes(one) && found.length < MAX_ERRORS) found.push(one);
    }
  }
  return found.map((one) => attempt(() => stackOf(one), "unreadable error"))
    .join("\nCaused by: ");
}

/** Describes anything that was thrown. Never throws. */
export function loggedError(error: unknown, withStack: boolean): LoggedError {
  const isError = error instanceof Error;
  const name = attempt(() => isError ? `${error.name}` : typeof error, "Error");
  const message = attempt(
    () => isError ? `${error.message}` : String(error),
    "unreadable error",
  );
  return withStack
    ? { name, message, stack: allStacks(error) }
    : { name, message };
}
