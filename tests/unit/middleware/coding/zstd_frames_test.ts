import { assert, assertEquals, assertFalse } from "@std/assert";
import zlib from "node:zlib";
import { ZstdFrames } from "../../../../src/middleware/coding/zstd_frames.ts";
import { join } from "../../../support/raw_response.ts";
import { jsonText, noise } from "../../../support/contents.ts";

const ENCODER = new TextEncoder();
const { constants } = zlib;

/** Frames of every shape: sizes told and not, checksums, stored and RLE blocks. */
function frames(): [string, Uint8Array][] {
  const made: [string, Uint8Array][] = [];
  const contents: [string, Uint8Array][] = [
    ["nothing", new Uint8Array(0)],
    ["a byte", new Uint8Array(1)],
    ["zeros", new Uint8Array(300_000)],
    ["noise", noise(200_000)],
    ["text", ENCODER.encode(jsonText(5000))],
  ];
  for (const [name, content] of contents) {
    for (const checksum of [0, 1]) {
      for (const told of [0, 1]) {
        const params = {
          [constants.ZSTD_c_checksumFlag]: checksum,
          [constants.ZSTD_c_contentSizeFlag]: told,
        };
        // In one piece: else the runtime appends an empty frame.
        const options = { params, chunkSize: 400_000 };
        const frame = zlib.zstdCompressSync(content, options);
        made.push([`${name}, ${checksum} ${told}`, frame]);
      }
    }
  }
  return made;
}

Deno.test("ZstdFrames finds the end of a frame, and nothing before it", () => {
  for (const [name, frame] of frames()) {
    const seen = new ZstdFrames();
    assertFalse(seen.isComplete);
    for (let at = 0; at < frame.length; at++) {
      assertFalse(seen.isComplete, `${name} after ${at}`);
      assertEquals(seen.scan(frame.subarray(at, at + 1), 0), 1);
    }
    assert(seen.isComplete, name);
    const whole = new ZstdFrames();
    const two = join([frame, frame]);
    assertEquals(whole.scan(two, 0), frame.length, name);
    assertEquals(whole.scan(two, frame.length), two.length, name);
    assert(whole.isComplete);
  }
});

Deno.test("ZstdFrames refuses what is no frame", () => {
  const [, [, frame]] = frames();
  const bad: [string, Uint8Array][] = [
    ["another magic number", Uint8Array.from([0x1f, 0x8b, 8, 0, 0])],
    ["a reserved bit", Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x28, 0])],
    [
      "a reserved block",
      Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 7, 0, 0]),
    ],
  ];
  for (const [name, bytes] of bad) {
    assertEquals(new ZstdFrames().scan(bytes, 0), -1, name);
  }
  const tailed = new ZstdFrames();
  tailed.scan(frame, 0);
  assertEquals(tailed.scan(new Uint8Array(4), 0), -1);
});
