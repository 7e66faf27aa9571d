/**
 * Steps that run at once where they can: a generator yields the promises that it
 * has to wait for, and whoever runs it waits only if there is one. Files out of
 * memory or the page cache are so answered without any promise.
 *
 * @module
 */

/** A piece of work that may have to wait. */
export type Steps<T> = Generator<Promise<unknown>, T, unknown>;

/** The value, waited for if it is a promise. */
export function* settled<T>(value: T | Promise<T>): Steps<T> {
  return value instanceof Promise ? (yield value) as T : value;
}

/** Runs steps to their end, at once if nothing has to be waited for. */
export function runSteps<T>(steps: Steps<T>): T | Promise<T> {
  const first = steps.next();
  return first.done ? first.value : runLater(steps, first.value);
}

async function runLater<T>(
  steps: Steps<T>,
  pending: Promise<unknown>,
): Promise<T> {
  for (let wanted = pending;;) {
    const step = await resume(steps, wanted);
    if (step.done) return step.value;
    wanted = step.value;
  }
}

// An error of what was waited for belongs where it was waited for, so that the
// steps can close what they hold.
async function resume<T>(
  steps: Steps<T>,
  wanted: Promise<unknown>,
): Promise<IteratorResult<Promise<unknown>, T>> {
  let value: unknown;
  try {
    value = await wanted;
  } catch (error) {
    return steps.throw(error);
  }
  return steps.next(value);
}
