import { assertEquals, assertFalse } from "@std/assert";
import {
  BAD_CHUNK_SIZE,
  BodyDecoder,
  CHUNKED_BODY,
  ChunkedDecoder,
  DEFAULT_LIMITS,
  LENGTH_BODY,
  NO_BODY,
} from "../../../src/protocol/mod.ts";
import { bytesOf } from "../../support/notation.ts";

type Decoder = ChunkedDecoder | BodyDecoder;

/** Where each call stopped, and the data that it found. */
function steps(decoder: Decoder, bytes: Uint8Array, from = 0): unknown[] {
  const found: unknown[] = [];
  while (!decoder.done) {
    const end = decoder.decode(bytes, from, bytes.length);
    const { dataStart, dataEnd } = decoder;
    const data = bytes.subarray(dataStart, dataEnd);
    found.push([end, String.fromCharCode(...data)]);
    if (end <= from) break;
    from = end;
  }
  return found;
}

Deno.test("ChunkedDecoder gives one run of data a call", () => {
  const decoder = new ChunkedDecoder(DEFAULT_LIMITS);
  const bytes = bytesOf("3\r\nabc\r\n2;d\r\nef\r\n0\r\n\r\nrest");
  assertEquals(steps(decoder, bytes), [[6, "abc"], [15, "ef"], [22, ""]]);
  assertEquals([decoder.done, decoder.trailers], [true, "\r\n"]);
});

Deno.test("ChunkedDecoder uses nothing behind the end", () => {
  const decoder = new ChunkedDecoder(DEFAULT_LIMITS);
  const bytes = bytesOf("xx0\r\n\r\n0\r\n\r\n");
  assertEquals(decoder.decode(bytes, 2, bytes.length), 7);
  assertEquals(decoder.decode(bytes, 7, bytes.length), 7);
  assertEquals([decoder.dataStart, decoder.dataEnd], [7, 7]);
});

Deno.test("ChunkedDecoder gives the trailer section once it is complete", () => {
  const decoder = new ChunkedDecoder(DEFAULT_LIMITS);
  const bytes = bytesOf("0\r\nA: b\r\nC: d\r\n\r\nrest");
  for (let to = 3; to < 17; to++) {
    // Bytes of an incomplete section are given again.
    assertEquals(decoder.decode(bytes, to === 3 ? 0 : 3, to), 3);
    assertEquals([decoder.done, decoder.trailers], [false, ""]);
  }
  assertEquals(decoder.decode(bytes, 3, bytes.length), 17);
  assertEquals(decoder.trailers, "A: b\r\nC: d\r\n\r\n");
});

Deno.test("ChunkedDecoder.reset() forgets body, trailers and counts", () => {
  const limits = { ...DEFAULT_LIMITS, chunkExtensionBytes: 4 };
  const decoder = new ChunkedDecoder(limits);
  const bytes = bytesOf("1;abc\r\nx\r\n0\r\nA: b\r\n\r\n");
  for (let run = 0; run < 3; run++) {
    decoder.reset();
    assertFalse(decoder.done);
    assertEquals(decoder.trailers, "");
    assertEquals(steps(decoder, bytes).length, 2);
    assertEquals(decoder.trailers, "A: b\r\n\r\n");
  }
  decoder.reset();
  decoder.decode(bytes, 0, 8);
  decoder.reset();
  assertEquals(steps(decoder, bytes).length, 2);
});

Deno.test("ChunkedDecoder decodes nothing of no bytes", () => {
  const decoder = new ChunkedDecoder(DEFAULT_LIMITS);
  assertEquals(decoder.decode(new Uint8Array(4), 2, 2), 2);
  assertFalse(decoder.done);
});

Deno.test("BodyDecoder is done without a body", () => {
  const decoder = new BodyDecoder(DEFAULT_LIMITS);
  assertEquals(decoder.done, true);
  decoder.begin(NO_BODY, 0);
  assertEquals(decoder.done, true);
  assertEquals(decoder.decode(bytesOf("GET"), 1, 3), 1);
  assertEquals([decoder.dataStart, decoder.dataEnd], [1, 1]);
});

Deno.test("BodyDecoder takes as many bytes as declared", () => {
  const decoder = new BodyDecoder(DEFAULT_LIMITS);
  const bytes = bytesOf("xabcdefGET");
  decoder.begin(LENGTH_BODY, 6);
  assertEquals([decoder.done, decoder.chunked, decoder.left], [
    false,
    false,
    6,
  ]);
  assertEquals(decoder.decode(bytes, 1, 5), 5);
  assertEquals([decoder.dataStart, decoder.dataEnd], [1, 5]);
  assertEquals([decoder.done, decoder.left], [false, 2]);
  assertEquals(decoder.decode(bytes, 5, 5), 5);
  assertEquals(decoder.decode(bytes, 5, 10), 7);
  assertEquals([decoder.dataStart, decoder.dataEnd], [5, 7]);
  assertEquals([decoder.done, decoder.left, decoder.trailers], [true, 0, ""]);
});

Deno.test("BodyDecoder decodes framings in any order", () => {
  const decoder = new BodyDecoder(DEFAULT_LIMITS);
  const chunks = bytesOf("2\r\nhi\r\n0\r\nA: b\r\n\r\n");
  for (let run = 0; run < 2; run++) {
    decoder.begin(CHUNKED_BODY, 0);
    assertEquals([decoder.done, decoder.chunked, decoder.left], [
      false,
      true,
      0,
    ]);
    assertEquals(steps(decoder, chunks), [[5, "hi"], [18, ""]]);
    assertEquals(decoder.trailers, "A: b\r\n\r\n");
    decoder.begin(LENGTH_BODY, 2);
    assertEquals(decoder.trailers, "");
    assertEquals(steps(decoder, bytesOf("hi")), [[2, "hi"]]);
    decoder.begin(NO_BODY, 0);
    assertEquals(decoder.trailers, "");
  }
});

Deno.test("BodyDecoder returns the faults of chunks", () => {
  const decoder = new BodyDecoder(DEFAULT_LIMITS);
  decoder.begin(CHUNKED_BODY, 0);
  assertEquals(decoder.decode(bytesOf("x"), 0, 1), BAD_CHUNK_SIZE);
  assertFalse(decoder.done);
});
