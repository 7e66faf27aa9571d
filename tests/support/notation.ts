/** The notation of bytes in `tests/wire/*.md`, see the README there. */

const ESCAPES = new Map([
  ["r", 13],
  ["n", 10],
  ["t", 9],
  ["0", 0],
  ["\\", 92],
]);
const LETTERS = new Map([...ESCAPES].map(([letter, byte]) => [byte, letter]));
// Runs of one byte at least this long are written as a repetition.
const LONG_RUN = 17;
const PART = /\\x([0-9a-f]{2})|\\\{(\d+) ([^}]*)\}|\\(.?)|[\x20-\x7e]|(.)/gsy;

/** Reads the notation; ends of lines mean nothing. */
export function decodeBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const line of text.split("\n")) {
    if (/\s$/.test(line)) throw new SyntaxError(`"${line}" ends with a space`);
    for (const part of line.matchAll(PART)) appendPart(bytes, part);
  }
  return Uint8Array.from(bytes);
}

function appendPart(bytes: number[], part: RegExpMatchArray): void {
  const [all, hex, count, repeated, letter, other] = part;
  if (hex !== undefined) bytes.push(parseInt(hex, 16));
  else if (count !== undefined) {
    const unit = decodeBytes(repeated.replace(/^ $/, "\\x20"));
    for (let left = Number(count); left > 0; left--) bytes.push(...unit);
  } else if (letter !== undefined) {
    const byte = ESCAPES.get(letter);
    if (byte === undefined) throw new SyntaxError(`"${all}" is no escape`);
    bytes.push(byte);
  } else if (other !== undefined) {
    throw new SyntaxError(`${JSON.stringify(other)} must be escaped`);
  } else bytes.push(all.charCodeAt(0));
}

/** Writes bytes in the notation, in one line. */
export function encodeBytes(bytes: ArrayLike<number>): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    let end = at + 1;
    while (end < bytes.length && bytes[end] === bytes[at]) end++;
    const run = end - at;
    text += run < LONG_RUN
      ? encodeByte(bytes[at]).repeat(run)
      : `\\{${run} ${encodeRepeated(bytes[at])}}`;
    at = end;
  }
  return text;
}

function encodeByte(byte: number): string {
  const letter = LETTERS.get(byte);
  if (letter !== undefined) return `\\${letter}`;
  if (byte >= 32 && byte < 127) return String.fromCharCode(byte);
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

// A brace would end the repetition.
function encodeRepeated(byte: number): string {
  return byte === 125 ? "\\x7d" : encodeByte(byte);
}

/** Bytes of a text whose characters are all below 256. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
