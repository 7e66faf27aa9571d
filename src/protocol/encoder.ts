/**
 * {@linkcode ResponseEncoder}: the heads of answers as bytes (RFC 9112 4, 5).
 *
 * @module
 */

import { formatHttpDate } from "../grammar/dates.ts";
import { ByteBuffer } from "./byte_buffer.ts";
import {
  appendAnswerFields,
  appendContentLength,
  type EncodableFields,
  endHead,
} from "./message_parts.ts";

interface Template {
  readonly status: number;
  /** Status line, Date and fields. */
  readonly start: Uint8Array;
  /** These, the length of the content, and the end. */
  readonly head: ByteBuffer;
  /** Where its Date is refreshed; -1 if the fields bring their own. */
  readonly dateAt: number;
  second: number;
  /** The length that its end tells. */
  contentLength: number;
}

const DATE = "Date: ";
const DATE_LENGTH = 29;
const LINE_END = "\r\n";
// Room for "Content-Length: " with any number, and the empty line.
const END_BYTES = 40;

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/**
 * Writes the heads of answers into a {@linkcode ByteBuffer}.
 *
 * @example Usage
 * ```ts
 * import { ByteBuffer, ResponseEncoder } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const encoder = new ResponseEncoder((status) => status === 200 ? "OK" : "");
 * encoder.setTime(Date.UTC(1994, 10, 6, 8, 49, 37));
 * const out = new ByteBuffer(256);
 * const fields = {
 *   names: ["Content-Type"],
 *   keys: ["content-type"],
 *   values: ["text/plain"],
 *   constant: false,
 * };
 * encoder.appendHead(out, 200, fields, 5);
 * out.appendUtf8("hello");
 * assertEquals(new TextDecoder().decode(out.appended).split("\r\n"), [
 *   "HTTP/1.1 200 OK",
 *   "Date: Sun, 06 Nov 1994 08:49:37 GMT",
 *   "Content-Type: text/plain",
 *   "Content-Length: 5",
 *   "",
 *   "hello",
 * ]);
 * ```
 */
export class ResponseEncoder {
  readonly #reasonPhrase: (status: number) => string;
  readonly #statusLines = new Map<number, Uint8Array>();
  readonly #templates = new WeakMap<EncodableFields, Template[]>();
  readonly #dateLine = ascii(`${DATE}${" ".repeat(DATE_LENGTH)}${LINE_END}`);
  readonly #date = this.#dateLine.subarray(DATE.length, -LINE_END.length);
  #second = -1;
  #lastFields: EncodableFields | null = null;
  #last: Template | null = null;

  /** Takes the phrase behind each status code from `reasonPhrase`. */
  constructor(reasonPhrase: (status: number) => string) {
    this.#reasonPhrase = reasonPhrase;
  }

  /** Sets the time that the Date field tells, in ms; call at least each second (RFC 9110 6.6.1). */
  setTime(now: number): void {
    const second = Math.floor(now / 1000);
    if (second === this.#second) return;
    this.#second = second;
    this.#date.set(ascii(formatHttpDate(second * 1000)));
  }

  /**
   * Appends the status line, a Date field unless there is one, and the fields,
   * but none of those that frame the message: append these next, and end
   * with {@linkcode endHead}.
   *
   * @throws {TypeError} If a field would split the message; then nothing is
   * appended.
   */
  beginHead(out: ByteBuffer, status: number, fields: EncodableFields): void {
    if (!fields.constant) return this.#appendHead(out, status, fields);
    out.append(this.#template(status, fields).start);
  }

  /**
   * Appends the whole head of an answer whose content has a length, on a
   * connection that stays.
   *
   * @throws {TypeError} If a field would split the message; then nothing is
   * appended.
   */
  appendHead(
    out: ByteBuffer,
    status: number,
    fields: EncodableFields,
    contentLength: number,
  ): void {
    if (!fields.constant) {
      this.#appendHead(out, status, fields);
      appendContentLength(out, contentLength);
      return endHead(out);
    }
    const template = this.#template(status, fields);
    const { head } = template;
    if (template.contentLength !== contentLength) {
      template.contentLength = contentLength;
      head.truncate(template.start.length);
      appendContentLength(head, contentLength);
      endHead(head);
    }
    // All in one copy: 20 ns instead of 60.
    out.append(head.appended);
  }

  #appendHead(out: ByteBuffer, status: number, fields: EncodableFields): void {
    const start = out.length;
    out.append(this.#statusLine(status));
    if (!fields.keys.includes("date")) out.append(this.#dateLine);
    appendAnswerFields(start, out, status, fields);
  }

  #statusLine(status: number): Uint8Array {
    let line = this.#statusLines.get(status);
    if (line === undefined) {
      line = ascii(
        `HTTP/1.1 ${status} ${this.#reasonPhrase(status)}${LINE_END}`,
      );
      this.#statusLines.set(status, line);
    }
    return line;
  }

  #template(status: number, fields: EncodableFields): Template {
    let template = this.#last;
    if (
      template === null || template.status !== status ||
      this.#lastFields !== fields
    ) {
      template = this.#findTemplate(status, fields);
      this.#last = template;
      this.#lastFields = fields;
    }
    if (template.second !== this.#second) this.#refresh(template);
    return template;
  }

  #refresh(template: Template): void {
    template.second = this.#second;
    const { start, dateAt } = template;
    if (dateAt > 0) start.set(this.#date, dateAt);
  }

  #findTemplate(status: number, fields: EncodableFields): Template {
    const known = this.#templates.get(fields) ?? [];
    let template = known.find((one) => one.status === status);
    if (template === undefined) {
      template = this.#makeTemplate(status, fields);
      this.#templates.set(fields, [...known, template]);
    }
    return template;
  }

  #makeTemplate(status: number, fields: EncodableFields): Template {
    const head = new ByteBuffer(256);
    this.#appendHead(head, status, fields);
    head.reserve(END_BYTES);
    const dateAt = fields.keys.includes("date")
      ? -1
      : this.#statusLine(status).length + DATE.length;
    return {
      status,
      start: head.appended,
      head,
      dateAt,
      second: this.#second,
      contentLength: -1,
    };
  }
}
