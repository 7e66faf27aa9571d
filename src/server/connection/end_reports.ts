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
  /** The one whose answer comes behind it. */
  next: Waiting | null;
}

/** The requests of one connection whose ends are to be reported. */
export class EndReports {
  readonly #output: SentBytes;
  readonly #answer: LastAnswer;
  readonly #failed: (error: unknown) => void;
  #first: Waiting | null = null;
  #last: Waiting | null = null;
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
    const waiting: Waiting = {
      listener,
      status: isBegun ? this.#answer.status : null,
      bytes: isBegun ? this.#answer.contentWithin(endsAt) : 0,
      endsAt,
      isComplete,
      error,
      next: null,
    };
    if (this.#last === null) this.#first = waiting;
    else this.#last.next = waiting;
    this.#last = waiting;
  }

  /** Reports those whose answers have left. */
  report(): void {
    const { sent } = this.#output;
    // A listener may note others: they have their time later.
    const last = this.#last;
    while (this.#first !== null && this.#first.endsAt <= sent) {
      const isLast = this.#first === last;
      this.#tellNext();
      if (isLast) return;
    }
  }

  /** Reports all: nothing more will be sent. */
  reportAll(): void {
    while (this.#first !== null) this.#tellNext();
  }

  #tellNext(): void {
    const request = this.#first;
    if (request === null) return;
    // Before it is told: a listener may do anything.
    this.#first = request.next;
    if (this.#first === null) this.#last = null;
    this.#tell(request);
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
