import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  appendChunk,
  appendLastChunk,
  ByteBuffer,
  ChunkedDecoder,
  DEFAULT_LIMITS,
} from "../../src/protocol/mod.ts";
import { join } from "../support/raw_response.ts";
import { always, bytes } from "./arbitraries.ts";

/** Decodes what arrives cut at the places; the last number is the fault or 0. */
function decode(
  coded: Uint8Array,
  places: readonly number[],
): { data: Uint8Array; used: number; fault: number } {
  const decoder = new ChunkedDecoder(DEFAULT_LIMITS);
  decoder.reset();
  const found: Uint8Array[] = [];
  const ends = places.map((place) => place % (coded.length + 1)).sort((a, b) =>
    a - b
  );
  let at = 0;
  for (const end of [...ends, coded.length]) {
    while (!decoder.done) {
      const next = decoder.decode(coded, at, end);
      if (next < 0) return { data: join(found), used: at, fault: next };
      found.push(coded.slice(decoder.dataStart, decoder.dataEnd));
      if (next === at) break;
      at = next;
    }
  }
  return { data: join(found), used: at, fault: 0 };
}

const places = fc.array(fc.nat(), { maxLength: 6 });

Deno.test("ChunkedDecoder decodes what appendChunk() wrote, however it is cut", () => {
  always(
    fc.array(bytes, { maxLength: 6 }),
    bytes,
    places,
    (pieces, behind, cuts) => {
      const out = new ByteBuffer(16);
      for (const piece of pieces) appendChunk(out, piece);
      appendLastChunk(out, null);
      const coded = join([out.bytes.subarray(0, out.length), behind]);
      const { data, used, fault } = decode(coded, cuts);
      assertEquals(fault, 0);
      assertEquals(data, join(pieces));
      assertEquals(used, out.length, "bytes behind the end are left alone");
    },
  );
});

Deno.test("ChunkedDecoder gives the same for any bytes, however they are cut", () => {
  const morsels = ["0", "1", "5", "\r\n", "\r\n", ";", "a", "=", '"', "\n"];
  const coded = fc.array(fc.constantFrom(...morsels), { maxLength: 14 })
    .map((parts) => new TextEncoder().encode(parts.join("")));
  let faults = 0;
  always(coded, places, (text, cuts) => {
    const whole = decode(text, []);
    const cut = decode(text, cuts);
    assertEquals(cut.fault, whole.fault);
    assertEquals(cut.data, whole.data);
    if (whole.fault < 0) faults++;
  });
  assert(faults > 50, `${faults} faults`);
});
