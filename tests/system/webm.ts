/** WebM files of key frames, with an index by which a player seeks
 * (RFC 8794 and RFC 9559). */

const ASCII = new TextEncoder();

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A number in as many bytes as its element has; eight, so that no size depends
 * on a value. */
function uint(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

function float(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return bytes;
}

/** An element: its id, its length in eight bytes, its content. */
function element(
  id: number,
  ...content: Uint8Array[]
): Uint8Array<ArrayBuffer> {
  const hex = id.toString(16);
  const body = join(content);
  const length = uint(body.length);
  length[0] = 0x01;
  return join([Uint8Array.fromHex(hex), length, body]);
}

const HEADER = element(
  0x1a45dfa3,
  element(0x4286, uint(1)), // EBMLVersion
  element(0x42f7, uint(1)), // EBMLReadVersion
  element(0x42f2, uint(4)), // EBMLMaxIDLength
  element(0x42f3, uint(8)), // EBMLMaxSizeLength
  element(0x4282, ASCII.encode("webm")), // DocType
  element(0x4287, uint(4)), // DocTypeVersion
  element(0x4285, uint(2)), // DocTypeReadVersion
);

function info(durationMs: number): Uint8Array {
  return element(
    0x1549a966,
    element(0x2ad7b1, uint(1_000_000)), // TimestampScale: milliseconds
    element(0x4489, float(durationMs)), // Duration
    element(0x4d80, ASCII.encode("test")), // MuxingApp
    element(0x5741, ASCII.encode("test")), // WritingApp
  );
}

function tracks(width: number, height: number): Uint8Array {
  return element(
    0x1654ae6b,
    element(
      0xae, // TrackEntry
      element(0xd7, uint(1)), // TrackNumber
      element(0x73c5, uint(1)), // TrackUID
      element(0x83, uint(1)), // TrackType: video
      element(0x86, ASCII.encode("V_VP8")), // CodecID
      element(
        0xe0, // Video
        element(0xb0, uint(width)), // PixelWidth
        element(0xba, uint(height)), // PixelHeight
      ),
    ),
  );
}

/** A cluster of one key frame. */
function cluster(timeMs: number, frame: Uint8Array): Uint8Array {
  // Track 1, no time beyond that of the cluster, key frame.
  const head = new Uint8Array([0x81, 0, 0, 0x80]);
  return element(
    0x1f43b675,
    element(0xe7, uint(timeMs)), // Timestamp
    element(0xa3, head, frame), // SimpleBlock
  );
}

function cue(timeMs: number, position: number): Uint8Array {
  return element(
    0xbb, // CuePoint
    element(0xb3, uint(timeMs)), // CueTime
    element(
      0xb7, // CueTrackPositions
      element(0xf7, uint(1)), // CueTrack
      element(0xf1, uint(position)), // CueClusterPosition
    ),
  );
}

/** A video of VP8 key frames, each shown for as long. */
export function webm(
  frames: readonly Uint8Array[],
  frameMs: number,
  [width, height]: readonly [number, number],
): Uint8Array<ArrayBuffer> {
  const clusters = frames.map((frame, at) => cluster(at * frameMs, frame));
  const front = join([
    info(frames.length * frameMs),
    tracks(width, height),
  ]);
  const cueBytes = frames.length * cue(0, 0).length;
  // The head of the element: four bytes of an id and eight of a length.
  let position = front.length + 12 + cueBytes;
  const cues = clusters.map((one, at) => {
    const made = cue(at * frameMs, position);
    position += one.length;
    return made;
  });
  const index = element(0x1c53bb6b, ...cues);
  return join([HEADER, element(0x18538067, front, index, ...clusters)]);
}
