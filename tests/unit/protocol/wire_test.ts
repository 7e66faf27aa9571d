import { assert, assertEquals, assertThrows } from "@std/assert";
import { decodeBytes, encodeBytes } from "../../support/notation.ts";
import { transcribe, Transcript } from "../../support/transcript.ts";
import { type WireCase, wireCases } from "../../support/wire_cases.ts";
import { Prng } from "../grammar/prng.ts";

// Up to this length a case is cut at every byte.
const CUT_EVERYWHERE = 2048;
const SEEDED_CUTS = 64;

const CASES = wireCases();

/** The bytes in pieces that end at the places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places, bytes.length];
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

function assertCase(wireCase: WireCase, places: number[]): void {
  const { bytes, limits, events, name } = wireCase;
  const log = transcribe(cut(bytes, places), limits);
  // Made only if needed: a message costs more than the comparison.
  if (log.join("\n") === events.join("\n")) return;
  assertEquals(log, events, `${name}, cut at ${places}`);
}

Deno.test("wire cases are named once and numerous", () => {
  assert(CASES.length > 600, `${CASES.length} cases`);
  assertEquals(new Set(CASES.map(({ name }) => name)).size, CASES.length);
});

for (const topic of new Set(CASES.map(({ topic }) => topic))) {
  const cases = CASES.filter((wireCase) => wireCase.topic === topic);

  Deno.test(`RequestReader reads the cases of ${topic}`, () => {
    for (const wireCase of cases) assertCase(wireCase, []);
  });

  Deno.test(`RequestReader reads the cases of ${topic} when cut anywhere`, () => {
    const random = new Prng(1);
    for (const wireCase of cases) {
      for (const at of cuts(wireCase, random)) assertCase(wireCase, [at]);
    }
  });

  Deno.test(`RequestReader reads the cases of ${topic} when in many pieces`, () => {
    const random = new Prng(2);
    for (const wireCase of cases) {
      for (let run = 0; run < 8; run++) {
        assertCase(wireCase, randomPlaces(wireCase, random));
      }
      assertCase(wireCase, everyPlace(wireCase));
    }
  });
}

function cuts({ bytes }: WireCase, random: Prng): number[] {
  const last = bytes.length - 1;
  return bytes.length <= CUT_EVERYWHERE
    ? Array.from({ length: Math.max(last, 0) }, (_, at) => at + 1)
    : Array.from({ length: SEEDED_CUTS }, () => random.integer(1, last));
}

function randomPlaces({ bytes }: WireCase, random: Prng): number[] {
  const length = random.integer(2, 12);
  return Array.from({ length }, () => random.integer(0, bytes.length))
    .sort((a, b) => a - b);
}

// Byte by byte; of a long run in the middle most comes as one piece.
function everyPlace({ bytes: { length } }: WireCase): number[] {
  return Array.from({ length }, (_, at) => at)
    .filter((at) => at <= CUT_EVERYWHERE || at >= length - 64);
}

Deno.test("Transcript ignores what comes behind a fault", () => {
  const transcript = new Transcript();
  transcript.push(decodeBytes("\\0"));
  transcript.push(decodeBytes("GET / HTTP/1.0\\r\\n\\r\\n"));
  assertEquals(transcript.end(), ["refused 400 bad-method"]);
});

Deno.test("decodeBytes() reads the notation of the wire cases", () => {
  const cases: [string, number[]][] = [
    ["", []],
    ["a b", [97, 32, 98]],
    ["a\nb", [97, 98]],
    ["\\r\\n\\t\\0\\\\", [13, 10, 9, 0, 92]],
    ["\\x00\\xff", [0, 255]],
    ["\\{3 a}b", [97, 97, 97, 98]],
    ["\\{2 \\x7d\\n}", [125, 10, 125, 10]],
    ["\\{0 a}{}", [123, 125]],
  ];
  for (const [text, bytes] of cases) {
    assertEquals([...decodeBytes(text)], bytes, text);
  }
});

Deno.test("decodeBytes() throws when a byte is not visible", () => {
  for (const text of ["a ", "a\tb", "\u00e9", "\\q", "\\x0", "a\r", "\\"]) {
    assertThrows(() => decodeBytes(text), SyntaxError, undefined, text);
  }
});

Deno.test("encodeBytes() is undone by decodeBytes()", () => {
  const random = new Prng(3);
  const every = Array.from({ length: 256 }, (_, byte) => byte);
  assertEquals([...decodeBytes(encodeBytes(every))], every);
  for (let run = 0; run < 200; run++) {
    const bytes: number[] = [];
    for (let runs = random.integer(0, 9); runs > 0; runs--) {
      const byte = random.integer(0, 255);
      const length = random.pick([1, 2, 16, 17, 18, 300]);
      bytes.push(...Array(length).fill(byte));
    }
    // A space at the end would be cut off by an editor.
    bytes.push(46);
    assertEquals([...decodeBytes(encodeBytes(bytes))], bytes);
  }
});
