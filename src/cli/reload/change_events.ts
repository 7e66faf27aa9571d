/**
 * Changes of a site as an event stream.
 *
 * @module
 */

import type { AnyRequest } from "../../http/request.ts";
import { HttpResponse } from "../../http/response.ts";
import type { SiteChange, SiteChanges } from "./site_changes.ts";

// A stream that is open would hold a server that drains.
const DRAIN_LOOK_MS = 200;
// How soon a page asks again when the server was away.
const RETRY_MS = 500;
const ENCODER = new TextEncoder();

function eventOf({ at, paths }: SiteChange): string {
  return `id: ${at}\nevent: change\ndata: ${JSON.stringify(paths)}\n\n`;
}

/** The time that a page knows of: of the last event, or of its making. */
function sinceOf(request: AnyRequest): number {
  const since = request.header("last-event-id") ?? request.query.get("since");
  return Number(since ?? Infinity) || Infinity;
}

function streamOf(
  changes: SiteChanges,
  request: AnyRequest,
): ReadableStream<Uint8Array> {
  let end = () => {};
  return new ReadableStream({
    start(controller) {
      const send = (text: string) => controller.enqueue(ENCODER.encode(text));
      send(`retry: ${RETRY_MS}\n\n`);
      const leave = changes.subscribe(
        sinceOf(request),
        (change) => send(eventOf(change)),
      );
      const timer = setInterval(() => {
        if (!request.server.draining) return;
        end();
        controller.close();
      }, DRAIN_LOOK_MS);
      end = () => {
        clearInterval(timer);
        leave();
      };
    },
    cancel: () => end(),
  });
}

/** Answers with the changes of a site, as they come. */
export function changeEvents(
  changes: SiteChanges,
  request: AnyRequest,
): HttpResponse {
  return new HttpResponse({
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
    },
    body: request.method === "HEAD" ? null : streamOf(changes, request),
  });
}
