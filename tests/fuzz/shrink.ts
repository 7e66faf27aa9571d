/** Makes an input that fails shorter, as long as it fails. */

function without(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const shorter = new Uint8Array(bytes.length - (to - from));
  shorter.set(bytes.subarray(0, from));
  shorter.set(bytes.subarray(to), from);
  return shorter;
}

/**
 * Leaves out runs of bytes, long ones first, that `fails` does not need; it is
 * asked at most `tries` times.
 */
export async function shrink(
  bytes: Uint8Array,
  fails: (bytes: Uint8Array) => boolean | Promise<boolean>,
  tries = 2000,
): Promise<Uint8Array> {
  let best = bytes;
  let left = tries;
  for (let size = best.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < best.length && left-- > 0;) {
      const shorter = without(best, at, Math.min(best.length, at + size));
      if (await fails(shorter)) best = shorter;
      else at += size;
    }
  }
  return best;
}
