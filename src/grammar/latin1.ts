/**
 * Bytes to text, one char for each byte, as field values and targets are read
 * (RFC 9110 5.5).
 *
 * @module
 */

type Slice = (this: Uint8Array, start: number, end: number) => string;

interface BuiltinLoader {
  process?: {
    getBuiltinModule?(name: string): {
      Buffer: { prototype: { latin1Slice?: Slice } };
    };
  };
}

// 60 ns a head where the runtime has it, against 400 ns and more by TextDecoder,
// which would also read 0x80 to 0x9F as windows-1252.
const nativeSlice: Slice | undefined = (globalThis as BuiltinLoader).process
  ?.getBuiltinModule?.("node:buffer").Buffer.prototype.latin1Slice;

/** The fallback of {@linkcode latin1} where the runtime lacks the native call. */
export function latin1Fallback(
  bytes: Uint8Array,
  start: number,
  end: number,
): string {
  let text = "";
  for (let at = start; at < end; at += 4096) {
    const stop = Math.min(at + 4096, end);
    text += String.fromCharCode(...bytes.subarray(at, stop));
  }
  return text;
}

/** Reads `bytes` from `start` to before `end`, a char for each byte. */
export function latin1(
  bytes: Uint8Array,
  start: number,
  end: number,
): string {
  return nativeSlice === undefined
    ? latin1Fallback(bytes, start, end)
    : nativeSlice.call(bytes, start, end);
}
