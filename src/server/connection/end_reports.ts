/**
 * {@linkcode EndReports}: tells who wants to know how the requests of a
 * connection ended, once the last bytes of their answers have left.
 *
 * @module
 */

import { type AnyRequest, takeEndListener } from "../../http/request.ts";
import type { EndListener } from "../../http/request_end.ts";

/** What has been sent on a connection; an `Output` is one. */
export interface SentBytes {
  /** Bytes sent so far. */
  readonly sent: number;
  /** Those and the ones that wait to be sent. */
  readonly end: number;
}

/** The last answer of a connection; a `ResponseWriter` knows it. */
export interface LastAnswer {
  /** Its status. */
  readonly status: number;
  /** Its bytes of content among the first `sent` bytes of the connection. */
  contentWithin(sent: number): number;
}

// A request whose answer is appended but perhaps not sent.
interface Waiting {
  readonly listener: EndListener;
  readonly status: number | null;
  /** Bytes of content up to its end. */
  readonly bytes: number;
  /** Where the answer ends among all bytes of the connection. */
  readonly endsAt: number;
  readonly isComplete: boolean;
  readonly error: unknown;
}

/** The requests of one connection whose ends are to be reported. */
export class EndReports {
  readonly #output: SentBytes;
  readonly #answer: LastAnswer;
  readonly #failed: (error: unknown) => void;
  #waiting: Waiting[] = [];
  /** What broke the content of the answer that is being sent. */
  failure: unknown = undefined;

  /** Reports on the answers in `output`; gives what a listener throws to `failed`. */
  constructor(
    output: SentBytes,
    answer: LastAnswer,
    failed: (error: unknown) => void,
  ) {
    this.#output = output;
    this.#answer = answer;
    this.#failed = failed;
  }

  /** Notes that a request has ended with the last answer, if any was begun. */
  note(request: AnyRequest, isBegun: boolean, isComplete: boolean): void {
    const listener = takeEndListener(request);
    const error = this.failure;
    this.failure = undefined;
    if (listener === null) return;
    const endsAt = this.#output.end;
    this.#waiting.push({
      listener,
      status: isBegun ? this.#answer.status : null,
      bytes: isBegun ? this.#answer.contentWithin(endsAt) : 0,
      endsAt,
      isComplete,
      error,
    });
  }

  /** Reports those whose answers have left. */
  report(): void {
    if (this.#waiting.length > 0) this.#reportFirst();
  }

  #reportFirst(): void {
    const waiting = this.#waiting;
    const { sent } = this.#output;
    let count = 0;
    while (count < waiting.length && waiting[count].endsAt <= sent) count++;
    // First: a listener may do anything.
    this.#waiting = waiting.slice(count);
    for (let at = 0; at < count; at++) this.#tell(waiting[at]);
  }

  /** Reports all: nothing more will be sent. */
  reportAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const request of waiting) this.#tell(request);
  }

  #tell(request: Waiting): void {
    const { listener, status, bytes, endsAt, isComplete, error } = request;
    const unsent = Math.max(0, endsAt - this.#output.sent);
    try {
      listener({
        status,
        bytes: Math.max(0, bytes - unsent),
        isComplete: isComplete && unsent === 0,
        error,
      });
    } catch (error) {
      this.#failed(error);
    }
  }
}
