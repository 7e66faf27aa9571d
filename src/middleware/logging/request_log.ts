/**
 * {@linkcode RequestLog}: requests that have ended become lines, and lines that
 * are lost are told of.
 *
 * @module
 */

import { type AnyRequest, fieldMemoOf } from "../../http/request.ts";
import type { RequestEnd } from "../../http/request_end.ts";
import { HttpResponse } from "../../http/response.ts";
import type { ServerState } from "../../http/server_state.ts";
import { isThenable } from "../../http/values.ts";
import {
  CLIENT_LEFT,
  type EntryOptions,
  type LogEntry,
  logEntry,
  maskEntry,
  RequestDescription,
} from "./entry.ts";
import { LogClock } from "./clock.ts";
import type { LineFormat } from "./formats.ts";
import {
  checkLoggingOptions,
  LEVELS,
  type LoggingOptions,
  resolveEntry,
  resolveFormat,
  resolveSink,
} from "./options.ts";
import { type LogSink, Losses } from "./sink.ts";

// A sink that fails with each line must not fill the log of the server too.
const REPORT_MS = 60_000;

/** Writes what is to be told of requests. */
export class RequestLog {
  /** Tells the time. */
  readonly clock: LogClock;

  readonly #format: LineFormat;
  readonly #sink: LogSink;
  readonly #skip: LoggingOptions["skip"];
  readonly #entryOptions: EntryOptions;
  readonly #isMasking: boolean;
  readonly #least: number;
  // What the sink itself cannot know of.
  readonly #losses = new Losses();
  #dropped = 0;
  #reportAt = -Infinity;
  #server: ServerState | null = null;

  /**
   * Resolves the options.
   *
   * @throws {TypeError} If one is unknown or of the wrong type.
   */
  constructor(options: LoggingOptions) {
    checkLoggingOptions(options);
    this.clock = new LogClock(options.now, options.monotonicNow);
    this.#format = resolveFormat(options);
    this.#sink = resolveSink(options);
    this.#skip = options.skip;
    this.#entryOptions = resolveEntry(options);
    this.#isMasking = this.#entryOptions.redaction.own.size > 0;
    this.#least = LEVELS.indexOf(options.level ?? "info");
  }

  /** Tells of a request that has ended; `response` is `null` if none was made. */
  ended(
    request: AnyRequest,
    response: HttpResponse | null,
    end: RequestEnd,
    startMs: number,
  ): void {
    this.#server = request.server;
    const endMs = this.clock.end();
    try {
      const answer = response ?? new HttpResponse({ status: CLIENT_LEFT });
      if (this.#skip?.(request, answer) !== true) {
        this.#log(request, answer, end, startMs, endMs);
      }
    } catch (error) {
      this.#losses.add(1, error);
    }
    this.#tellLosses();
  }

  #log(
    request: AnyRequest,
    response: HttpResponse,
    end: RequestEnd,
    startMs: number,
    endMs: number,
  ): void {
    const options = this.#entryOptions;
    const about = this.#describe(request);
    const micros = Math.round((endMs - startMs) * 1000);
    const times = { time: this.clock.timeAt(endMs), durationMs: micros / 1000 };
    let entry = logEntry(about, request, response, end, times, options);
    if (this.#least > 0 && LEVELS.indexOf(entry.level) < this.#least) return;
    if (this.#isMasking) entry = maskEntry(entry, options.redaction);
    const line = this.#format.line(entry, options.redaction, about);
    if (line !== null) this.#write(line, entry);
  }

  // Kept for as long as the client repeats its request: 0.4 us a line.
  #describe(request: AnyRequest): RequestDescription {
    const memo = fieldMemoOf(request);
    // Only this log leaves such a thing there.
    if (memo?.teller === this) return memo.told as RequestDescription;
    const about = new RequestDescription(request, this.#entryOptions);
    if (memo !== null) {
      memo.teller = this;
      memo.told = about;
    }
    return about;
  }

  #write(line: string, entry: LogEntry | null): void {
    const written: unknown = this.#sink.write(line, entry);
    if (!isThenable(written)) return;
    written.then(undefined, (error) => this.#losses.add(1, error ?? "none"));
  }

  #tellLosses(): void {
    const loss = this.#sink.takeLoss?.() ?? null;
    const own = this.#losses.take();
    if (loss === null && own === null) {
      if (this.#dropped > 0) this.#tellDropped();
      return;
    }
    this.#dropped += (loss?.lines ?? 0) + (own?.lines ?? 0);
    this.#report(own?.error ?? loss?.error);
  }

  // Only once a line got through: else the notice would be lost as well.
  #tellDropped(): void {
    const dropped = this.#dropped;
    const time = this.clock.timeAt(this.clock.monotonic());
    const line = this.#format.notice(time, dropped);
    this.#dropped = 0;
    if (line === null) return;
    try {
      this.#write(line, null);
    } catch {
      this.#dropped = dropped;
    }
    if ((this.#sink.takeLoss?.() ?? null) !== null) this.#dropped = dropped;
  }

  #report(error: unknown): void {
    const now = this.clock.monotonic();
    if (now < this.#reportAt) return;
    this.#reportAt = now + REPORT_MS;
    const message = this.#dropped === 0
      ? "the request log has failed"
      : "the request log loses lines";
    this.#server?.report?.({ level: "warn", message, error });
  }

  /** Has the sink write all that it holds, and tells what was lost at the end. */
  readonly close = async (): Promise<void> => {
    await this.#sink.flush?.();
    this.#tellLosses();
    if (this.#dropped > 0) this.#tellDropped();
    await (this.#sink.close ?? this.#sink.flush)?.call(this.#sink);
  };
}
