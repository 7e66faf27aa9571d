/**
 * What becomes of a request that is limited.
 *
 * @module
 */

import type { HandlerResult, Next } from "../../http/handler.ts";
import { HttpError } from "../../http/errors.ts";
import { errorResponse, problem } from "../../http/problem.ts";
import type { AnyRequest } from "../../http/request.ts";
import { HttpResponse } from "../../http/response.ts";
import { describeValue } from "../../http/values.ts";
import { LimitFields, wholeSeconds } from "./fields.ts";
import {
  type RateLimitOptions,
  type ResolvedOptions,
  resolveOptions,
} from "./options.ts";
import type { RateLimitDecision } from "./store.ts";
import { StoreGuard } from "./store_guard.ts";

type Answer = HttpResponse | Promise<HttpResponse>;

const QUOTA_EXCEEDED =
  "https://iana.org/assignments/http-problem-types#quota-exceeded";

function costOf(
  cost: RateLimitOptions["cost"],
  request: AnyRequest,
): number {
  if (cost === undefined) return 1;
  const units: unknown = cost(request);
  if (typeof units === "number" && units >= 0 && units < Infinity) return units;
  throw new RangeError(
    `Cannot count the cost ${
      describeValue(units)
    } that "cost" of rateLimit gave: return a number from 0`,
  );
}

function toResponse(answer: HttpResponse | Response): HttpResponse {
  if (answer instanceof Response) return HttpResponse.from(answer);
  if (answer instanceof HttpResponse) return answer;
  throw new TypeError(
    `Cannot answer with ${
      describeValue(answer)
    } that "onLimit" of rateLimit gave: return an HttpResponse or a Response`,
  );
}

function after(
  answer: Answer | HandlerResult,
  change: (response: HttpResponse) => HttpResponse,
): Answer {
  return answer instanceof Promise
    ? answer.then((response) => change(toResponse(response)))
    : change(toResponse(answer));
}

function retryAfter(ms: number): string {
  return `${Math.max(1, wholeSeconds(ms))}`;
}

/** The answer while the store is out. */
function unavailable(request: AnyRequest, retryMs: number): HttpResponse {
  const headers = { "retry-after": retryAfter(retryMs) };
  const response = errorResponse(new HttpError(503, "", { headers }), request);
  // The guard has reported the outage; a line for each request would drown it.
  response.error = undefined;
  return response;
}

/** One limit, with its counts. */
export class Limiter {
  readonly #options: RateLimitOptions;
  readonly #resolved: ResolvedOptions;
  readonly #guard: StoreGuard;
  readonly #fields: LimitFields;
  // Made once: a refusal has to be cheap, and an error with its stack is not.
  readonly #exceeded: HttpResponse;

  /** Checks the options, and throws if one is wrong. */
  constructor(options: RateLimitOptions) {
    const resolved = resolveOptions(options);
    const { policy, store, storeTimeoutMs, storeRetryMs, now } = resolved;
    const { standardHeaders = true, legacyHeaders = false, message } = options;
    this.#options = options;
    this.#resolved = resolved;
    this.#guard = new StoreGuard(store, policy, {
      timeoutMs: storeTimeoutMs,
      retryMs: storeRetryMs,
      now,
    });
    this.#fields = new LimitFields(policy, standardHeaders, legacyHeaders);
    this.#exceeded = problem(429, message, {
      type: QUOTA_EXCEEDED,
      extensions: { "violated-policies": [policy.name] },
    });
  }

  /** Counts a request and lets it go on, or refuses it. */
  handle(request: AnyRequest, next: Next): Answer {
    const { skip, cost } = this.#options;
    if (skip !== undefined && skip(request) === true) return next();
    const key = this.#resolved.keyOf(request);
    if (key === null) return next();
    const decision = this.#guard.consume(
      this.#resolved.scope + key,
      costOf(cost, request),
      request.server,
    );
    return decision instanceof Promise
      ? decision.then((decision) => this.#follow(decision, request, next))
      : this.#follow(decision, request, next);
  }

  #follow(
    decision: RateLimitDecision | null,
    request: AnyRequest,
    next: Next,
  ): Answer {
    if (decision === null) {
      const { isOpen, storeRetryMs } = this.#resolved;
      return isOpen ? next() : unavailable(request, storeRetryMs);
    }
    if (!decision.admitted) return this.#refuse(request, decision);
    const answer = next();
    return answer instanceof HttpResponse
      ? this.#mark(answer, decision)
      : answer.then((response) => this.#mark(response, decision));
  }

  #mark(response: HttpResponse, decision: RateLimitDecision): HttpResponse {
    this.#fields.write(response.headers, decision);
    return response;
  }

  #refuse(request: AnyRequest, decision: RateLimitDecision): Answer {
    return after(this.#refusal(request, decision), (response) => {
      // A request that costs more than there ever is need not come again.
      if (decision.retryAfterMs < Infinity) {
        const seconds = retryAfter(decision.retryAfterMs);
        response.headers.set("Retry-After", seconds);
      }
      return this.#mark(response, decision);
    });
  }

  #refusal(request: AnyRequest, decision: RateLimitDecision): HandlerResult {
    const { onLimit } = this.#options;
    if (onLimit !== undefined) return onLimit(request, decision);
    const { status, headers, body, error } = this.#exceeded;
    const response = new HttpResponse({ status, headers, body });
    response.error = error;
    return response;
  }
}
