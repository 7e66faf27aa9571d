/**
 * {@linkcode timing}: tells a client where the time of its request went, by the
 * field `Server-Timing`.
 *
 * @example Where the time went
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { timing } from "@x/httpserver/middleware/timing";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.use(timing({ show: true })).get("/", () => ok("hello"));
 * const field = (await server.inject({})).header("server-timing") ?? "";
 * assertEquals(field.startsWith("total;dur="), true);
 * ```
 *
 * @module
 */

import { isFieldValue, isToken } from "../grammar/chars.ts";
import { quote } from "../grammar/lists.ts";
import { checkSwitch } from "../http/checks.ts";
import type { Middleware } from "../http/handler.ts";
import { checkOptionNames } from "../http/option_names.ts";
import type { AnyRequest } from "../http/request.ts";
import { HttpResponse } from "../http/response.ts";
import { describeValue, isThenable } from "../http/values.ts";

/** What an entry without a span of time may have. */
export interface MarkOptions {
  /** How long it took, ms. @default {undefined} a mark that something was so, such as a cache hit */
  durationMs?: number;
  /** What it is, for whoever reads it. */
  description?: string;
}

/** Takes times for the `Server-Timing` of an answer. */
export interface Timing {
  /**
   * Begins to measure; the function that it returns ends that, and so does
   * {@linkcode Timing.end}. What has not ended when the answer is there is left out.
   */
  start(name: string, description?: string): () => number;
  /**
   * Ends what was begun last under that name, and returns how long it took, ms.
   *
   * @throws {TypeError} If nothing was begun under it.
   */
  end(name: string): number;
  /**
   * Adds an entry as it is.
   *
   * @throws {RangeError} If the duration is negative or not a number.
   */
  mark(name: string, options?: MarkOptions): void;
  /** Runs a function and measures it, until its promise settles if it returns one. */
  measure<T>(name: string, run: () => T): T;
}

/** What {@linkcode timing} adds to the state of a request. */
export interface TimingState {
  /** Takes times. */
  timing: Timing;
}

/** Options of {@linkcode timing}. */
export interface TimingOptions {
  /**
   * Who gets to see the times: everybody, or whoever a function accepts. Times
   * tell strangers what a server does, and to some extent with which result.
   *
   * @default {false} nobody
   */
  show?: boolean | ((request: AnyRequest, response: HttpResponse) => boolean);
  /**
   * The name of the entry for the time until the answer was there; `null` for
   * none.
   *
   * @default {"total"}
   */
  total?: string | null;
  /**
   * Pages of which other origin may read the times: `Timing-Allow-Origin`. It is
   * an origin or `"*"`.
   *
   * @default {undefined} none
   */
  allowOrigin?: string;
  /**
   * What times are measured by, in milliseconds since any fixed time.
   *
   * @default {performance.now}
   */
  monotonicNow?: () => number;
}

interface Entry {
  readonly name: string;
  readonly description: string | undefined;
  /** When it began. */
  readonly startMs: number;
  /** `undefined` while it is not over, `null` for a mark without. */
  durationMs: number | null | undefined;
}

// A loop that measures each of its steps must not make a head of a megabyte.
const MOST_ENTRIES = 64;
const MOST_DESCRIPTION = 256;

function tokenOf(name: string): string {
  if (isToken(name)) return name;
  return name.replace(/[^A-Za-z0-9!#$%&'*+.^_`|~-]/g, "_") || "_";
}

function descriptionOf(text: string): string {
  const short = text.slice(0, MOST_DESCRIPTION);
  // deno-lint-ignore no-control-regex
  const plain = short.replace(/[\x00-\x1f\x7f-\uffff]/g, "?");
  return quote(isFieldValue(plain) ? plain : "?");
}

function format({ name, description, durationMs }: Entry): string {
  const desc = description === undefined
    ? ""
    : `;desc=${descriptionOf(description)}`;
  const dur = typeof durationMs === "number"
    ? `;dur=${Math.round(durationMs * 1000) / 1000}`
    : "";
  return tokenOf(name) + desc + dur;
}

class Stopwatch implements Timing {
  readonly #now: () => number;
  readonly #entries: Entry[] = [];
  #left = MOST_ENTRIES;

  constructor(now: () => number) {
    this.#now = now;
  }

  start(name: string, description?: string): () => number {
    const startMs = this.#now();
    const entry: Entry = { name, description, startMs, durationMs: undefined };
    // Over the limit it is measured for whoever asked, and told to nobody.
    if (this.#left-- > 0) this.#entries.push(entry);
    return () => entry.durationMs ??= this.#now() - startMs;
  }

  end(name: string): number {
    const entry = this.#entries.findLast((one) =>
      one.name === name && one.durationMs === undefined
    );
    if (entry !== undefined) {
      return entry.durationMs = this.#now() - entry.startMs;
    }
    if (this.#left < 0) return 0;
    throw new TypeError(
      `Cannot end the timing ${
        describeValue(name)
      }, which was not started: call start() with the same name first`,
    );
  }

  mark(name: string, options: MarkOptions = {}): void {
    const { durationMs = null, description } = options;
    if (durationMs !== null && !(durationMs >= 0 && durationMs < Infinity)) {
      throw new RangeError(
        `Cannot mark ${describeValue(durationMs)} as the duration of ${
          describeValue(name)
        }: take a number of milliseconds from 0`,
      );
    }
    if (this.#left-- <= 0) return;
    this.#entries.push({ name, description, startMs: 0, durationMs });
  }

  measure<T>(name: string, run: () => T): T {
    const stop = this.start(name);
    let result: T;
    try {
      result = run();
    } catch (error) {
      stop();
      throw error;
    }
    if (isThenable(result)) result.then(stop, stop);
    else stop();
    return result;
  }

  toString(): string {
    return this.#entries.filter((one) => one.durationMs !== undefined)
      .map(format).join(", ");
  }
}

type Shows = (request: AnyRequest, response: HttpResponse) => boolean;

function resolveShow(show: TimingOptions["show"]): Shows {
  checkSwitch('"show" of timing', show);
  if (typeof show !== "function") return () => show === true;
  return (request, response) => show(request, response) === true;
}

function checkTexts(options: TimingOptions): void {
  const { total, allowOrigin } = options;
  if (total !== undefined && total !== null && !isToken(total)) {
    throw new TypeError(
      `Cannot use ${
        describeValue(total)
      } as "total" of timing: take a token, such as "total", or null`,
    );
  }
  if (allowOrigin === undefined || allowOrigin === "*") return;
  if (URL.parse(allowOrigin)?.origin === allowOrigin) return;
  throw new TypeError(
    `Cannot use ${
      describeValue(allowOrigin)
    } as "allowOrigin" of timing: take an origin, such as "https://example.com", or "*"`,
  );
}

/**
 * Makes a middleware for Server-Timing (W3C). Handlers take times by
 * `request.state.timing`; the developer tools of browsers show them.
 *
 * It reads nothing of the request. It sets `request.state.timing` and, for whoever may see it, `Server-Timing`
 * and `Timing-Allow-Origin`; what the answer has of these already stays. A name
 * that is no token has `_` for what cannot be in one, in a description `?` stands
 * for what is not ASCII. Its place: before what is to be measured.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { timing } from "@x/httpserver/middleware/timing";
 * import { assertMatch } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use(timing({ show: true }))
 *   .get("/", async (request) => {
 *     const { timing } = request.state;
 *     const rows = await timing.measure("db", () => Promise.resolve([1, 2]));
 *     timing.mark("cache", { description: "miss" });
 *     return ok(rows);
 *   });
 * const response = await server.inject({ path: "/" });
 * assertMatch(
 *   response.header("server-timing") ?? "",
 *   /^db;dur=[\d.]+, cache;desc="miss", total;dur=[\d.]+$/,
 * );
 * ```
 */
export function timing(options: TimingOptions = {}): Middleware<TimingState> {
  checkOptionNames("timing", options, [
    "show",
    "total",
    "allowOrigin",
    "monotonicNow",
  ]);
  checkTexts(options);
  const shows = resolveShow(options.show ?? false);
  const { total = "total", allowOrigin } = options;
  const now = options.monotonicNow ?? (() => performance.now());

  function tell(
    request: AnyRequest,
    response: HttpResponse,
    watch: Stopwatch,
    totalMs: number,
  ): HttpResponse {
    if (!shows(request, response)) return response;
    const rest = total === null ? "" : format({
      name: total,
      description: undefined,
      startMs: 0,
      durationMs: totalMs,
    });
    const value = [`${watch}`, rest].filter((part) => part !== "").join(", ");
    if (value !== "") response.headers.append("Server-Timing", value);
    if (allowOrigin !== undefined) {
      response.headers.append("Timing-Allow-Origin", allowOrigin);
    }
    return response;
  }

  return function timing(request, next) {
    const startMs = now();
    const watch = new Stopwatch(now);
    request.state.timing = watch;
    const answer = next();
    return answer instanceof HttpResponse
      ? tell(request, answer, watch, now() - startMs)
      : answer.then((later) => tell(request, later, watch, now() - startMs));
  };
}
