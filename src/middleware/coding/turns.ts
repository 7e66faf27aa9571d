/**
 * {@linkcode cpuTurn}: large contents are coded in slices, and others are served
 * in between.
 *
 * @module
 */

/** The most bytes to code in one go: well under a millisecond at usual levels. */
export const SLICE_BYTES: number = 64 * 1024;

// What others may have to wait for.
const BUDGET_MS = 4;

const waiting: (() => void)[] = [];
let isPumping = false;
let spentMs = 0;

// Of the ways to wait only a timer has the runtime look at its sockets at once;
// after `setImmediate` it does so every 61st time.
function pollSockets(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 0));
}

/** Until the one that was let on has done its slice. */
function sliceDone(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

async function pump(): Promise<void> {
  isPumping = true;
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    if (spentMs > BUDGET_MS) {
      await pollSockets();
      spentMs = 0;
    }
    const begun = performance.now();
    next();
    await sliceDone();
    spentMs += performance.now() - begun;
  }
  isPumping = false;
}

/**
 * Waits for a turn to code a slice: one content at a time, and after some
 * milliseconds of it everybody else. The runtime codes on the thread of the event
 * loop, its asynchronous functions too: without this one large content, or many
 * at a time, would keep every other connection waiting.
 */
export function cpuTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (!isPumping) pump();
  });
}
