/**
 * What runs ahead of the router: it may give a request another method.
 *
 * @module
 */

import type { RequestRewriter } from "../http/handler.ts";
import { errorResponse } from "../http/problem.ts";
import type { AnyRequest } from "../http/request.ts";
import type { HttpResponse } from "../http/response.ts";
import { describeValue } from "../http/values.ts";
import type { Pipeline } from "./core.ts";

async function rewriteLater(
  pending: Promise<void>,
  rest: readonly RequestRewriter[],
  request: AnyRequest,
  pipeline: Pipeline,
): Promise<HttpResponse> {
  try {
    await pending;
    for (const rewrite of rest) await rewrite(request);
  } catch (error) {
    return errorResponse(error, request);
  }
  return await pipeline(request);
}

/**
 * The pipeline behind rewriters. What one of them throws is the answer: no
 * router is known yet whose error handler could make one. Without rewriters it is
 * the pipeline itself.
 *
 * @throws {TypeError} If they are no list of functions.
 */
export function rewriteFirst(
  rewriters: readonly RequestRewriter[] = [],
  pipeline: Pipeline,
): Pipeline {
  const isList = Array.isArray(rewriters) &&
    rewriters.every((rewrite) => typeof rewrite === "function");
  if (!isList) {
    throw new TypeError(
      `Cannot use ${
        describeValue(rewriters)
      } as beforeRouting: take a list of functions, such as [methodOverride()]`,
    );
  }
  if (rewriters.length === 0) return pipeline;
  const all = [...rewriters];
  return function rewriteFirst(request) {
    try {
      for (let at = 0; at < all.length; at++) {
        const pending = all[at](request);
        if (pending === undefined) continue;
        return rewriteLater(pending, all.slice(at + 1), request, pipeline);
      }
    } catch (error) {
      return errorResponse(error, request);
    }
    return pipeline(request);
  };
}
