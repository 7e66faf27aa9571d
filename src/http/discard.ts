/**
 * The end of a content that is not sent: nobody gets to see it, or a middleware
 * has put another in its place.
 *
 * @module
 */

import { FileBody } from "./file_body.ts";
import type { ResponseBody } from "./response.ts";

/** Ends a content that nobody gets to see: HEAD, 204, 304, a client gone. */
export function discardBody(body: ResponseBody): void | Promise<void> {
  if (isAtHand(body)) return;
  if (body instanceof FileBody || body instanceof GuardedBody) {
    return body.close();
  }
  if (body instanceof ReadableStream) return body.cancel().catch(() => {});
  if (Symbol.asyncIterator in body) {
    return endIterator(body[Symbol.asyncIterator]());
  }
}

/** Gives up the rest of an iteration; what fails in that is nobody's concern. */
export async function endIterator(
  iterator: AsyncIterator<Uint8Array>,
): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // Nobody is left to tell.
  }
}

/** Tells whether a content holds nothing that would have to be freed. */
export function isAtHand(
  body: ResponseBody,
): body is null | string | Uint8Array {
  return body === null || typeof body !== "object" ||
    body instanceof Uint8Array;
}

// Whoever has begun to read a content sees to its end. A generator holds
// nothing before its first step, and after that it is being read.
function isLeft(body: ResponseBody): boolean {
  if (body instanceof FileBody || body instanceof GuardedBody) {
    return !body.used;
  }
  if (body instanceof ReadableStream) return !body.locked;
  return Object.prototype.toString.call(body) !== "[object AsyncGenerator]";
}

function discardLeft(body: ResponseBody): void {
  if (!isAtHand(body) && isLeft(body)) discardBody(body);
}

/** A content that was replaced, or will have been once it is known. */
export type Replaced = ResponseBody | Promise<readonly ResponseBody[]>;

function isPromise(
  replaced: Replaced,
): replaced is Promise<readonly ResponseBody[]> {
  return replaced instanceof Promise;
}

function endReplaced(
  replaced: readonly Replaced[],
  sent: ResponseBody,
): void {
  for (const one of replaced) {
    if (!isPromise(one)) discardLeft(one);
    else {
      one.then((bodies) =>
        bodies.filter((body) => body !== sent).forEach(discardLeft)
      );
    }
  }
}

/**
 * Ends contents in whose place `body` is sent, but none that somebody reads.
 *
 * @returns What to send: `body`, or, if that may yet come to read what it
 * replaces, the same content with their end at its own.
 */
export function replaceBodies(
  body: ResponseBody,
  replaced: readonly Replaced[],
): ResponseBody {
  const left = replaced.filter((one) =>
    one !== body && (isPromise(one) || (!isAtHand(one) && isLeft(one)))
  );
  if (left.length === 0) return body;
  const free = () => endReplaced(left, body);
  if (body instanceof FileBody) return guardFile(body, free);
  if (!isAtHand(body)) return new GuardedBody(body, free);
  free();
  return body;
}

function guardFile(body: FileBody, free: () => void): FileBody {
  const file = {
    read: (into: Uint8Array): Promise<number | null> => body.read(into),
    close: () => {
      body.close();
      free();
    },
  };
  return new FileBody(file, body.length);
}

/** A content at whose end something is freed. */
class GuardedBody implements AsyncIterable<Uint8Array> {
  readonly #body: AsyncIterable<Uint8Array>;
  readonly #free: () => void;
  #used = false;

  constructor(body: AsyncIterable<Uint8Array>, free: () => void) {
    this.#body = body;
    this.#free = free;
  }

  get used(): boolean {
    return this.#used;
  }

  async close(): Promise<void> {
    this.#used = true;
    await discardBody(this.#body);
    this.#free();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    this.#used = true;
    const iterator = this.#body[Symbol.asyncIterator]();
    return {
      next: () => this.#next(iterator),
      return: async () => {
        await endIterator(iterator);
        this.#free();
        return { done: true, value: undefined };
      },
    };
  }

  async #next(
    iterator: AsyncIterator<Uint8Array>,
  ): Promise<IteratorResult<Uint8Array>> {
    try {
      const result = await iterator.next();
      if (!result.done) return result;
    } catch (error) {
      this.#free();
      throw error;
    }
    this.#free();
    return { done: true, value: undefined };
  }
}
