/** A bound on waiting, so that a test fails where it would hang. */

const PATIENCE_MS = 5_000;

/** Waits for something that is bound to come. */
export async function within<T>(
  what: string,
  event: Promise<T>,
  ms: number = PATIENCE_MS,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const error = new Error(`Waited ${ms} ms for ${what}`);
  const timer = setTimeout(() => late.reject(error), ms);
  try {
    return await Promise.race([event, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
