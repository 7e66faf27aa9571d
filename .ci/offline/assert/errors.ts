import { AssertionError, describe } from "./error.ts";

/** A class of errors, whatever its constructor takes. */
type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** Fails unless `fn` throws; returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Fails unless `fn` throws an instance of the class, with the text in its
 * message; returns it. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  classOrMsg?: ErrorClass<E> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  try {
    fn();
  } catch (error) {
    if (typeof classOrMsg !== "function") return error;
    return checked(error, classOrMsg, msgIncludes, msg);
  }
  const own = typeof classOrMsg === "string" ? classOrMsg : msg;
  throw new AssertionError(describe("Expected function to throw", own));
}

/** Fails unless the promise of `fn` rejects; resolves to the reason. */
export function assertRejects(
  fn: () => PromiseLike<unknown>,
  msg?: string,
): Promise<unknown>;
/** Fails unless the promise of `fn` rejects with an instance of the class,
 * with the text in its message; resolves to it. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: ErrorClass<E> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const own = typeof classOrMsg === "string" ? classOrMsg : msg;
  const promise = start(fn, own);
  try {
    await promise;
  } catch (error) {
    if (typeof classOrMsg !== "function") return error;
    return checked(error, classOrMsg, msgIncludes, msg);
  }
  throw new AssertionError(describe("Expected function to reject", own));
}

/** To throw before there is a promise is not to reject. */
function start(
  fn: () => PromiseLike<unknown>,
  msg?: string,
): PromiseLike<unknown> {
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (cause) {
    const sentence = "Function throws when expected to reject";
    throw new AssertionError(describe(sentence, msg), { cause });
  }
  if (typeof promise?.then === "function") return promise;
  throw new AssertionError(describe("Function returns no promise", msg));
}

function checked<E extends Error>(
  error: unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E {
  if (!(error instanceof ErrorClass)) {
    const sentence = `Expected error to be instance of "${ErrorClass.name}", ` +
      `but was ${Deno.inspect(error)}`;
    throw new AssertionError(describe(sentence, msg), { cause: error });
  }
  if (msgIncludes !== undefined && !error.message.includes(msgIncludes)) {
    const sentence = `Expected error message to include "${msgIncludes}", ` +
      `but got "${error.message}"`;
    throw new AssertionError(describe(sentence, msg), { cause: error });
  }
  return error;
}
