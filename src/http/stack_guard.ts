/**
 * Stacks of errors in a process that is out of file descriptors.
 *
 * @module
 */

// An error may be its own cause, and a thousand may be chained.
const MOST_ERRORS = 100;

interface Runtime {
  process?: { memoryUsage?(): { rss: number } };
}

// Resident memory is read from a file on Linux, 0 if it can't be opened: a way
// to learn of it that needs no permission, in 10 us.
function cannotOpenFiles(): boolean {
  return (globalThis as Runtime).process?.memoryUsage?.().rss === 0;
}

// Elsewhere it may always be 0.
const IS_KNOWN = !cannotOpenFiles();

/** Tells whether the stack of an error must not be shown now. */
export function cannotShowStacks(): boolean {
  return IS_KNOWN && cannotOpenFiles();
}

/**
 * Makes it safe to show an error. To show the stack of one, the runtime reads files,
 * and where no descriptor is left for that (EMFILE) it ends the process. Only
 * then the stacks of the error, its causes and its parts are replaced by name
 * and message.
 */
export function guardStacks(error: unknown): void {
  if (!(error instanceof Error) || !cannotShowStacks()) return;
  const errors = new Set<Error>([error]);
  for (const one of errors) {
    Reflect.defineProperty(one, "stack", {
      value: `${one.name}: ${one.message}`,
      configurable: true,
      writable: true,
    });
    const parts = one instanceof AggregateError ? one.errors : [];
    for (const part of [one.cause, ...parts]) {
      if (part instanceof Error && errors.size < MOST_ERRORS) errors.add(part);
    }
  }
}
