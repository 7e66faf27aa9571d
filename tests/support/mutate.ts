/** Seeded mutations of messages, for property tests and the fuzzer. */
import type { Prng } from "../unit/grammar/prng.ts";
import { bytesOf } from "./notation.ts";

// What parsers stumble over: ends of lines, signs, framing, borders of numbers.
const MORSELS = [
  "\r\n",
  "\r\n\r\n",
  "\r",
  "\n",
  "\r\n ",
  "\0",
  " ",
  "\t",
  ":",
  ",",
  ";",
  '"',
  "\\",
  "=",
  "%",
  "[",
  "]",
  "::",
  "\x7f",
  "\x80",
  "\xff",
  "0",
  "-1",
  "+1",
  "0x",
  "9007199254740991",
  "18446744073709551616",
  "ffffffffffffffff",
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET http://b/ HTTP/1.1\r\n",
  "CONNECT b:80 HTTP/1.1\r\n",
  "OPTIONS * HTTP/1.0\r\n",
  "HTTP/2.0",
  "Host: b\r\n",
  "Content-Length: 5\r\n",
  "Content-Length: 0\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Transfer-Encoding: gzip, chunked\r\n",
  "Connection: close\r\n",
  "Connection: keep-alive, upgrade\r\n",
  "Upgrade: x\r\n",
  "Expect: 100-continue\r\n",
  "5\r\nhello\r\n",
  "0\r\n\r\n",
  ';a="b"',
].map(bytesOf);

function splice(
  bytes: Uint8Array,
  from: number,
  to: number,
  inserted: Uint8Array,
): Uint8Array {
  const result = new Uint8Array(bytes.length - (to - from) + inserted.length);
  result.set(bytes.subarray(0, from));
  result.set(inserted, from);
  result.set(bytes.subarray(to), from + inserted.length);
  return result;
}

function mutateOnce(
  bytes: Uint8Array,
  random: Prng,
  others: readonly Uint8Array[],
): Uint8Array {
  const from = random.integer(0, bytes.length);
  const to = Math.min(bytes.length, from + random.integer(1, 8));
  const other = random.pick(others);
  const cut = random.integer(0, other.length);
  switch (random.integer(0, 7)) {
    case 0:
      return splice(bytes, from, Math.min(from + 1, to), randomByte(random));
    case 1:
      return splice(bytes, from, from, random.pick(MORSELS));
    case 2:
      return splice(bytes, from, to, random.pick(MORSELS));
    case 3:
      return splice(bytes, from, to, new Uint8Array(0));
    case 4:
      return splice(bytes, from, from, bytes.subarray(from, to));
    case 5:
      return splice(bytes, from, bytes.length, other.subarray(cut));
    case 6:
      return splice(bytes, from, from, other.subarray(cut, cut + 40));
    default:
      return bytes.subarray(0, from);
  }
}

function randomByte(random: Prng): Uint8Array {
  return Uint8Array.of(random.integer(0, 255));
}

/** The bytes with a few random changes; parts of `others` get in. */
export function mutate(
  bytes: Uint8Array,
  random: Prng,
  others: readonly Uint8Array[],
): Uint8Array {
  let result = bytes;
  for (let left = random.integer(1, 4); left > 0; left--) {
    result = mutateOnce(result, random, others);
  }
  return result;
}

/** The bytes in up to `count` pieces, some of them empty. */
export function randomPieces(
  bytes: Uint8Array,
  random: Prng,
  count: number,
): Uint8Array[] {
  const ends = Array.from(
    { length: random.integer(0, count - 1) },
    () => random.integer(0, bytes.length),
  ).sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) =>
    bytes.subarray(ends[index - 1] ?? 0, end)
  );
}
