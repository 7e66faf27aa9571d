import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
} from "@std/assert";
import fc from "fast-check";
import zlib from "node:zlib";
import { openPieces } from "../../../../src/http/pieces.ts";
import { EncodedBody } from "../../../../src/middleware/coding/encoded_body.ts";
import { makeCoder } from "../../../../src/middleware/coding/encoder.ts";
import type { ContentCoding } from "../../../../src/middleware/coding/zlib.ts";
import { turn } from "../../../support/site.ts";
import { join } from "../../../support/raw_response.ts";
import { within } from "../../../support/within.ts";
import {
  CODINGS,
  cut,
  decode,
  jsonText,
  noise,
} from "../../../support/contents.ts";

const ENCODER = new TextEncoder();
const LEVELS = { zstd: 3, br: 4, gzip: 6, deflate: 6 };

function coded(
  coding: ContentCoding,
  body: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
  isLive = false,
): EncodedBody {
  const coder = makeCoder(zlib, coding, LEVELS);
  return new EncodedBody(() => openPieces(body), coder, isLive);
}

async function readAll(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return join(await Array.fromAsync(body));
}

async function* later(
  pieces: Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    await null;
    yield piece;
  }
}

/** Decodes what has come so far of a content that goes on. */
function decodePart(coding: ContentCoding, bytes: Uint8Array): string {
  const { constants } = zlib;
  const decoded = coding === "zstd"
    ? zlib.zstdDecompressSync(bytes, { finishFlush: constants.ZSTD_e_flush })
    : coding === "br"
    ? zlib.brotliDecompressSync(bytes, {
      finishFlush: constants.BROTLI_OPERATION_FLUSH,
    })
    : zlib.unzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  return new TextDecoder().decode(decoded);
}

Deno.test("EncodedBody gives back any content, however it comes", async () => {
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 3000 }),
    fc.nat(400_000).map((bytes) => ENCODER.encode(jsonText(bytes))),
    fc.nat(200_000).map((bytes) => noise(bytes, bytes + 1)),
  );
  const lengths = fc.array(fc.integer({ min: 1, max: 150_000 }), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...CODINGS),
      content,
      lengths,
      fc.boolean(),
      async (coding, bytes, lengths, isLive) => {
        const pieces = cut(new Uint8Array(bytes), lengths.map((n) => n + 500));
        const out = await readAll(coded(coding, later(pieces), isLive));
        assertEquals(decode(coding, out), new Uint8Array(bytes));
      },
    ),
    { numRuns: 60, seed: 20_260 },
  );
});

Deno.test("EncodedBody gives what a source has held back once it pauses", async () => {
  for (const coding of CODINGS) {
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    const body = coded(
      coding,
      (async function* () {
        yield ENCODER.encode("first ");
        yield ENCODER.encode("second");
        yield await promise;
      })(),
    );
    const pieces: Uint8Array[] = [];
    while (
      pieces.length === 0 || decodePart(coding, join(pieces)) !== "first second"
    ) {
      const { value } = await within("a flush", body.next());
      pieces.push(value);
    }
    resolve(ENCODER.encode(" third"));
    pieces.push(await readAll(body));
    const whole = decode(coding, join(pieces));
    assertEquals(new TextDecoder().decode(whole), "first second third");
  }
});

Deno.test("EncodedBody makes each piece of a live content decodable at once", async () => {
  for (const coding of CODINGS) {
    const events = ["data: 1\n\n", "data: 2\n\n", "data: 3\n\n"];
    const body = coded(
      coding,
      later(events.map((one) => ENCODER.encode(one))),
      true,
    );
    const pieces: Uint8Array[] = [];
    for (let count = 1; count <= events.length; count++) {
      const { value } = await body.next();
      pieces.push(value);
      const sofar = events.slice(0, count).join("");
      assertEquals(decodePart(coding, join(pieces)), sofar, coding);
    }
    await body.return();
  }
});

Deno.test("EncodedBody reads no further than it is asked", async () => {
  for (const coding of CODINGS) {
    let made = 0;
    const body = coded(
      coding,
      (async function* () {
        for (; made < 1000; made++) yield noise(64 * 1024, made);
      })(),
    );
    const { done } = await body.next();
    assertEquals(done, false);
    await turn();
    assertLess(made, 40, coding);
    await body.return();
    await turn();
    assertLess(made, 40, coding);
  }
});

Deno.test("EncodedBody cancels its source, also before the first piece", async () => {
  for (const isStarted of [false, true]) {
    let reason: unknown = undefined;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(noise(100_000)),
      cancel: (why) => void (reason = why),
    });
    const body = coded("gzip", stream);
    if (isStarted) await body.next();
    await body.return("gone");
    assertEquals(reason, "gone");
    assertEquals(await body.next(), { done: true, value: undefined });
  }
});

Deno.test("EncodedBody ends a read that waits for its source when it is given up", async () => {
  let isCancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(ENCODER.encode("x")),
    cancel: () => void (isCancelled = true),
  });
  const body = coded("br", stream);
  assertGreater((await body.next()).value.length, 0);
  const waiting = body.next();
  await turn();
  await body.return();
  assert(isCancelled);
  assertEquals((await within("the end", waiting)).done, true);
});

Deno.test("EncodedBody fails with what its source fails with, and frees it", async () => {
  for (const coding of CODINGS) {
    let isFreed = false;
    const body = coded(
      coding,
      (async function* () {
        try {
          yield noise(200_000);
          throw new RangeError("the disk is full");
        } finally {
          isFreed = true;
        }
      })(),
    );
    await assertRejects(() => readAll(body), RangeError, "the disk is full");
    assert(isFreed);
    assertEquals((await body.next()).done, true);
  }
});

Deno.test("EncodedBody reports a source that fails while what came before is sent", async () => {
  const failing = Promise.withResolvers<Uint8Array>();
  const body = coded(
    "gzip",
    (async function* () {
      yield ENCODER.encode("x");
      yield await failing.promise;
    })(),
  );
  const pieces: Uint8Array[] = [];
  // Once that has come, the source was asked for more.
  while (pieces.length === 0 || decodePart("gzip", join(pieces)) !== "x") {
    pieces.push((await body.next()).value);
  }
  failing.reject(new TypeError("late"));
  await turn();
  await assertRejects(() => readAll(body), TypeError, "late");
});
