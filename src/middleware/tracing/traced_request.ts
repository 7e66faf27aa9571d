/**
 * {@linkcode TracedRequest}: a request with its span, from its head to the last
 * byte of its answer.
 *
 * @module
 */

import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanStatusCode,
} from "@opentelemetry/api";
import type { Next } from "../../http/handler.ts";
import type { AnyRequest } from "../../http/request.ts";
import type { RequestEnd } from "../../http/request_end.ts";
import { HttpResponse, type ResponseBody } from "../../http/response.ts";
import { errorType, fieldAttributes } from "./attributes.ts";
import type { Durations } from "./durations.ts";

/** What is done for every request. */
export interface TracePlan {
  /** Response fields to record. */
  readonly responseHeaders: readonly string[];
  /** Where the duration goes. */
  readonly durations: Durations;
}

const RESPONSE_HEADER = "http.response.header.";

type Generated = AsyncGenerator<Uint8Array>;

function isGenerator(body: ResponseBody): body is Generated {
  return Object.prototype.toString.call(body) === "[object AsyncGenerator]";
}

// It is asked for its pieces by the connection, which knows of no span.
function generateWithin(
  within: Context,
  body: Generated,
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => context.with(within, () => body.next()),
      return: () => context.with(within, () => body.return(undefined)),
    }),
  };
}

/** A request that is traced. */
export class TracedRequest {
  readonly #request: AnyRequest;
  readonly #span: Span;
  readonly #context: Context;
  readonly #plan: TracePlan;
  readonly #start = performance.now();
  #error: unknown = undefined;

  /** Takes a request, its span and the context with that. */
  constructor(
    request: AnyRequest,
    span: Span,
    within: Context,
    plan: TracePlan,
  ) {
    this.#request = request;
    this.#span = span;
    this.#context = within;
    this.#plan = plan;
  }

  /** Runs what is behind, with the span active. */
  run(next: Next): HttpResponse | Promise<HttpResponse> {
    const answer = context.with(this.#context, next);
    return answer instanceof HttpResponse
      ? this.#answered(answer)
      : answer.then((response) => this.#answered(response));
  }

  #answered(response: HttpResponse): HttpResponse {
    this.#error = response.error;
    if (isGenerator(response.body)) {
      response.body = generateWithin(this.#context, response.body);
    }
    const names = this.#plan.responseHeaders;
    if (names.length > 0) {
      const read = (name: string) => response.header(name);
      this.#span.setAttributes(fieldAttributes(RESPONSE_HEADER, names, read));
    }
    return response;
  }

  /** Ends the span: the answer has been sent, or never will be. */
  ended(end: RequestEnd): void {
    const { status } = end;
    const error = end.error ??
      (status === null || status >= 500 ? this.#error : undefined);
    const type = errorType(status, error);
    const result: Attributes = {};
    if (status !== null) result["http.response.status_code"] = status;
    if (type !== undefined) result["error.type"] = type;
    const span = this.#span;
    span.setAttributes(result);
    if (error instanceof Error) span.recordException(error);
    if (type !== undefined) {
      const message = error instanceof Error ? error.message : undefined;
      span.setStatus({ code: SpanStatusCode.ERROR, message });
    }
    if (!end.isComplete) span.addEvent("response.cut");
    span.end();
    const seconds = (performance.now() - this.#start) / 1000;
    this.#plan.durations.record(this.#request, seconds, result);
  }
}
