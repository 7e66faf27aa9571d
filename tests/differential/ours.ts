/** The parser of this package, as a {@linkcode Peer}. */
import { latin1 } from "../../src/grammar/latin1.ts";
import {
  FIELD_STRIDE,
  ProtocolError,
  RequestReader,
} from "../../src/protocol/mod.ts";
import { Collector, type Reading } from "./reading.ts";

/** Reads the bytes as a connection does, all at once. */
export function readOurs(bytes: Uint8Array): Reading {
  const reader = new RequestReader();
  const collector = new Collector();
  for (let at = 0;;) {
    const bodyAt = reader.parseHead(bytes, at, bytes.length);
    if (bodyAt < 0) return refused(collector, bodyAt);
    if (bodyAt === 0) return ended(collector, false);
    collectHead(reader, bytes, at, collector);
    const end = collectBody(reader, bytes, bodyAt, collector);
    if (end < 0) return refused(collector, end);
    if (!reader.body.done) return ended(collector, false);
    collector.complete();
    if (!reader.framing.keepAlive) return ended(collector, true);
    reader.next();
    at = end;
  }
}

function ended({ messages }: Collector, isLast: boolean): Reading {
  return { messages, fault: null, isLast, isSwitched: false };
}

function refused(collector: Collector, fault: number): Reading {
  const { code } = ProtocolError.of(fault);
  return { ...ended(collector, false), fault: code };
}

function collectHead(
  reader: RequestReader,
  bytes: Uint8Array,
  at: number,
  collector: Collector,
): void {
  const { head } = reader;
  collector.begin();
  collector.target(latin1(bytes, at + head.targetStart, at + head.targetEnd));
  const { offsets, count } = head.fields;
  const base = at + head.fieldsStart;
  for (let slot = 0; slot < count * FIELD_STRIDE; slot += FIELD_STRIDE) {
    collector.field(
      latin1(bytes, base + offsets[slot], base + offsets[slot + 1]),
      latin1(bytes, base + offsets[slot + 2], base + offsets[slot + 3]),
    );
  }
  collector.headers(reader.method(bytes, at));
}

// The index behind the body, or a fault.
function collectBody(
  { body }: RequestReader,
  bytes: Uint8Array,
  bodyAt: number,
  collector: Collector,
): number {
  let at = bodyAt;
  while (!body.done) {
    const next = body.decode(bytes, at, bytes.length);
    if (next < 0) return next;
    collector.body(latin1(bytes, body.dataStart, body.dataEnd));
    if (next === at && !body.done) break;
    at = next;
  }
  for (const line of body.trailers.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) collector.field(line.slice(0, colon), line.slice(colon + 1));
  }
  return at;
}
