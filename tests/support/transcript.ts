/** Turns bytes into a log of what was read, as a connection would read them. */
import { assert } from "@std/assert";
import {
  CHUNKED_BODY,
  DEFAULT_LIMITS,
  FIELD_STRIDE,
  LENGTH_BODY,
  ProtocolError,
  type ProtocolLimits,
  RequestReader,
} from "../../src/protocol/mod.ts";
import { latin1 } from "../../src/grammar/latin1.ts";
import { encodeBytes } from "./notation.ts";

// Around the bytes given lie bytes that would change the result if read.
const HOSTILE_BYTES = [10, 13, 32, 48, 58];

/**
 * Reads the requests of one connection. Bytes that were not used are kept and
 * given again with more; at each call they lie in another buffer, at another
 * offset.
 */
export class Transcript {
  /** What was read so far, in the notation of `tests/wire`. */
  readonly lines: string[] = [];

  readonly #reader: RequestReader;
  #buffer: Uint8Array = new Uint8Array(0);
  #from = 0;
  #to = 0;
  #calls = 0;
  #data: number[] = [];
  #state: "head" | "body" | "over" = "head";

  constructor(limits: Partial<ProtocolLimits> = {}) {
    this.#reader = new RequestReader({ ...DEFAULT_LIMITS, ...limits });
  }

  /** Takes more bytes. */
  push(bytes: Uint8Array): void {
    if (this.#state === "over") return;
    this.#move(bytes);
    let goesOn = true;
    while (goesOn) {
      goesOn = this.#state === "head" ? this.#readHead() : this.#readBody();
    }
  }

  /** Ends the log, with `need more` if bytes of a message are missing. */
  end(): readonly string[] {
    this.#flush();
    const { head } = this.#reader;
    const isOpen = this.#state === "body" ||
      (this.#state === "head" && head.begun);
    if (isOpen) this.lines.push("need more");
    return this.lines;
  }

  #move(bytes: Uint8Array): void {
    const kept = this.#buffer.subarray(this.#from, this.#to);
    const offset = (this.#calls * 7) % 13;
    const length = kept.length + bytes.length;
    const buffer = new Uint8Array(offset + length + 9);
    buffer.fill(HOSTILE_BYTES[this.#calls++ % HOSTILE_BYTES.length]);
    buffer.set(kept, offset);
    buffer.set(bytes, offset + kept.length);
    this.#buffer = buffer;
    this.#from = offset;
    this.#to = offset + length;
  }

  // Returns whether there may be more to read.
  #readHead(): boolean {
    const end = this.#reader.parseHead(this.#buffer, this.#from, this.#to);
    if (end < 0) return this.#refuse(end);
    if (end === 0) return false;
    assert(end > this.#from && end <= this.#to, `head ends at ${end}`);
    this.#logHead();
    this.#from = end;
    this.#state = "body";
    return true;
  }

  #logHead(): void {
    const { head, framing } = this.#reader;
    const method = this.#reader.method(this.#buffer, this.#from);
    const target = this.#text(head.targetStart, head.targetEnd);
    this.#log(`request ${method} ${target} HTTP/1.${head.minorVersion}`);
    const { offsets, count } = head.fields;
    const base = head.fieldsStart;
    for (let slot = 0; slot < count * FIELD_STRIDE; slot += FIELD_STRIDE) {
      const name = this.#text(base + offsets[slot], base + offsets[slot + 1]);
      const value = this.#text(
        base + offsets[slot + 2],
        base + offsets[slot + 3],
      );
      this.#log(`field ${name}: ${value}`);
    }
    if (framing.absolute) {
      const host = this.#text(framing.authorityStart, framing.authorityEnd);
      this.#log(`absolute ${host}`);
    }
    if (framing.expectContinue) this.#log("expect-continue");
    this.#logBody();
  }

  #logBody(): void {
    const { body, contentLength } = this.#reader.framing;
    if (body === LENGTH_BODY) this.#log(`body length ${contentLength}`);
    else this.#log(body === CHUNKED_BODY ? "body chunked" : "body none");
  }

  #readBody(): boolean {
    const { body, framing } = this.#reader;
    if (!body.done) {
      const end = body.decode(this.#buffer, this.#from, this.#to);
      if (end < 0) return this.#refuse(end);
      assert(end >= this.#from && end <= this.#to, `body read up to ${end}`);
      this.#takeData(end);
      const moved = end > this.#from;
      this.#from = end;
      if (!body.done) return moved;
    }
    for (const line of body.trailers.split("\r\n")) {
      if (line !== "") this.#log(`trailer ${escapeText(line)}`);
    }
    this.#log(framing.keepAlive ? "end, keep-alive" : "end, close");
    // Nothing behind a close is answered (RFC 9112 9.6).
    this.#state = framing.keepAlive ? "head" : "over";
    this.#reader.next();
    return framing.keepAlive;
  }

  #takeData(end: number): void {
    const { dataStart, dataEnd } = this.#reader.body;
    if (dataStart === dataEnd) return;
    assert(this.#from <= dataStart && dataStart < dataEnd && dataEnd <= end);
    for (let at = dataStart; at < dataEnd; at++) {
      this.#data.push(this.#buffer[at]);
    }
  }

  #refuse(fault: number): boolean {
    const { status, code } = ProtocolError.of(fault);
    this.#log(`refused ${status} ${code}`);
    this.#state = "over";
    return false;
  }

  // Offsets count from the first byte of the head.
  #text(start: number, end: number): string {
    const from = this.#from;
    return escapeText(latin1(this.#buffer, from + start, from + end));
  }

  #log(line: string): void {
    this.#flush();
    this.lines.push(line.trimEnd());
  }

  // Cuts divide data at other places, so one run of data is one line.
  #flush(): void {
    if (this.#data.length === 0) return;
    this.lines.push(`data "${encodeBytes(this.#data)}"`);
    this.#data = [];
  }
}

function escapeText(text: string): string {
  return encodeBytes(Array.from(text, (char) => char.charCodeAt(0)));
}

/** The log of a connection on which the pieces arrive one after the other. */
export function transcribe(
  pieces: Iterable<Uint8Array>,
  limits: Partial<ProtocolLimits> = {},
): readonly string[] {
  const transcript = new Transcript(limits);
  for (const piece of pieces) transcript.push(piece);
  return transcript.end();
}
