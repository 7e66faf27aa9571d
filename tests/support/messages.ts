/** Checks of what errors tell an application author. */
import { assert, assertRejects } from "@std/assert";
import * as core from "@x/httpserver";
import * as handlers from "@x/httpserver/handlers";
import * as middleware from "@x/httpserver/middleware";

/** Something of the API, without its types: as JavaScript sees it. */
export type Loose = {
  new (...args: unknown[]): Loose;
  (...args: unknown[]): Loose;
  readonly [name: string]: Loose;
};

/** The API without its types. */
export const API = {
  ...core,
  ...handlers,
  ...middleware,
} as unknown as Readonly<Record<string, Loose>>;

/** A mistake, the class of its error, and how the message begins. */
export type Mistake = readonly [
  make: () => unknown,
  type: new (message: string) => Error,
  message: string,
];

/**
 * Makes each mistake, and checks that its message says what came, and how to
 * mend it.
 */
export async function checkMistakes(mistakes: readonly Mistake[]) {
  for (const [make, type, message] of mistakes) {
    const error = await assertRejects(async () => void await make(), type);
    const told = error.message;
    assert(told.startsWith(message), `${message}\n  was\n${told}`);
    assert(/^Cannot .+: \S/s.test(told), `not how to mend it: ${told}`);
  }
}
