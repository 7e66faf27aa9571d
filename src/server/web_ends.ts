/**
 * Tells who wants to know how requests ended whose answers leave by a web
 * `Response` or as they are.
 *
 * @module
 */

import { isAtHand } from "../http/discard.ts";
import { openPieces } from "../http/pieces.ts";
import { type AnyRequest, takeEndListener } from "../http/request.ts";
import type { EndListener, RequestEnd } from "../http/request_end.ts";
import type { HttpResponse, ResponseBody } from "../http/response.ts";
import { isBodiless } from "../http/status.ts";
import { aboutRequest, type LogFunction } from "./log.ts";
import { contentLength } from "./connection/writer.ts";

function guarded(
  listener: EndListener,
  request: AnyRequest,
  log: LogFunction,
): EndListener {
  return (end) => {
    try {
      listener(end);
    } catch (error) {
      const message = "a listener of onEnd() failed";
      log({ level: "error", message, error, ...aboutRequest(request) });
    }
  };
}

function isEmpty(request: AnyRequest, { status }: HttpResponse): boolean {
  return request.method === "HEAD" || status === 205 || isBodiless(status);
}

function endAtHand(request: AnyRequest, response: HttpResponse): RequestEnd {
  const { status } = response;
  const length = isEmpty(request, response) ? 0 : contentLength(response);
  return { status, bytes: length < 0 ? null : length, isComplete: true };
}

// A piece may be overwritten by the next one, so each is copied.
function counted(
  body: ResponseBody,
  status: number,
  tell: EndListener,
): ReadableStream<Uint8Array> {
  const pieces = openPieces(body);
  let bytes = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const piece = await pieces.next();
        if (piece !== null) {
          bytes += piece.length;
          return controller.enqueue(piece.slice());
        }
        await pieces.end();
        tell({ status, bytes, isComplete: true });
        controller.close();
      } catch (error) {
        tell({ status, bytes, isComplete: false, error });
        await pieces.cancel(error);
        controller.error(error);
      }
    },
    async cancel(reason) {
      tell({ status, bytes, isComplete: false });
      await pieces.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

// What is no content can't be opened; a 500 takes its place.
function countedOrFailed(
  body: ResponseBody,
  status: number,
  tell: EndListener,
): ReadableStream<Uint8Array> {
  try {
    return counted(body, status, tell);
  } catch (error) {
    tell({ status: 500, bytes: null, isComplete: true, error });
    throw error;
  }
}

/** Reports the end of a request now, whether its answer was read or not. */
export function reportEnd(
  request: AnyRequest,
  response: HttpResponse,
  log: LogFunction,
): void {
  const listener = takeEndListener(request);
  if (listener === null) return;
  guarded(listener, request, log)(endAtHand(request, response));
}

/**
 * Reports the end of a request once its content was read or given up, at once
 * if that is at hand. To be called before the answer is turned into a web
 * `Response`.
 */
export function reportWebEnd(
  request: AnyRequest,
  response: HttpResponse,
  log: LogFunction,
): void {
  const { status, body } = response;
  // It can't be sent: another answer takes its place.
  if (body instanceof ReadableStream && body.locked) return;
  const listener = takeEndListener(request);
  if (listener === null) return;
  const tell = guarded(listener, request, log);
  if (isAtHand(body) || isEmpty(request, response)) {
    tell(endAtHand(request, response));
  } else response.body = countedOrFailed(body, status, tell);
}
