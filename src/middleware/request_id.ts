/**
 * {@linkcode requestId}: gives each request an id that its log lines, its
 * answer and the services behind it share.
 *
 * @example An id for each answer
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { requestId } from "@x/httpserver/middleware/request-id";
 * import { assertExists } from "@std/assert";
 *
 * const server = new HttpServer().use(requestId()).get("/", () => ok("hello"));
 * const response = await server.inject({});
 * assertExists(response.header("x-request-id"));
 * ```
 *
 * @module
 */

import { isToken } from "../grammar/chars.ts";
import { checkSwitch } from "../http/checks.ts";
import type { Middleware } from "../http/handler.ts";
import { checkOptionNames } from "../http/option_names.ts";
import type { AnyRequest } from "../http/request.ts";
import { HttpResponse } from "../http/response.ts";
import { describeValue } from "../http/values.ts";

/** What {@linkcode requestId} adds to the state of a request. */
export interface RequestIdState {
  /** The id, the same as `request.id`. */
  requestId: string;
}

/** Options of {@linkcode requestId}. */
export interface RequestIdOptions {
  /**
   * The field that an id is read from and answered in.
   *
   * @default {"x-request-id"}
   */
  header?: string;
  /**
   * Whether a well-formed id that came with the request is kept, or a function
   * that decides so, by the address of a proxy for example. Turn it off where
   * clients reach the server without a proxy and ids must be unique: a client may
   * choose any id, and the same one twice.
   *
   * @default {true}
   */
  trustIncoming?: boolean | ((request: AnyRequest) => boolean);
  /**
   * Makes an id of 1 to 128 characters out of `A-Z a-z 0-9 . _ ~ -`.
   *
   * @default {() => crypto.randomUUID()}
   */
  generator?: (request: AnyRequest) => string;
}

// An id from outside ends up in log lines, headers and file names: nothing that
// could forge, split or bloat one of them.
const WELL_FORMED = /^[A-Za-z0-9._~-]{1,128}$/;

function randomId(): string {
  return crypto.randomUUID();
}

function checkId(id: string): string {
  if (typeof id === "string" && WELL_FORMED.test(id)) return id;
  throw new TypeError(
    `Cannot use the request id ${
      describeValue(id)
    } that "generator" of requestId gave: return 1 to 128 characters of A-Z a-z 0-9 . _ ~ -`,
  );
}

function checkHeader(name: string): string {
  if (isToken(name)) return name;
  throw new TypeError(
    `Cannot take the request id from the header ${
      describeValue(name)
    }: take the name of a field, such as "x-request-id"`,
  );
}

/**
 * Makes a middleware that identifies requests. It reads the header, keeps an id
 * of 1 to 128 characters out of `A-Z a-z 0-9 . _ ~ -` and replaces anything
 * else; sets `request.id`, `request.state.requestId` and the header of the
 * answer, that of an error too.
 *
 * Its place: first, before `logging`, so that whatever follows sees the id.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type, the header's
 * name is not a token, or for a request if the generator returns an id of another
 * form.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { requestId } from "@x/httpserver/middleware/request-id";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use(requestId())
 *   .get("/", (request) => ok({ id: request.state.requestId }));
 * const response = await server.inject({
 *   path: "/",
 *   headers: { "x-request-id": "abc-123" },
 * });
 * assertEquals(response.header("x-request-id"), "abc-123");
 * assertEquals(await response.json(), { id: "abc-123" });
 * ```
 */
export function requestId(
  options: RequestIdOptions = {},
): Middleware<RequestIdState> {
  checkOptionNames("requestId", options, [
    "header",
    "trustIncoming",
    "generator",
  ]);
  const header = checkHeader(options.header ?? "x-request-id");
  const { generator, trustIncoming = true } = options;
  checkSwitch('"trustIncoming" of requestId', trustIncoming);

  function makeId(request: AnyRequest): string {
    return generator === undefined ? randomId() : checkId(generator(request));
  }

  function trusts(request: AnyRequest): boolean {
    return typeof trustIncoming === "boolean"
      ? trustIncoming
      : trustIncoming(request) === true;
  }

  function idOf(request: AnyRequest): string {
    const incoming = trusts(request) ? request.header(header) : null;
    return incoming !== null && WELL_FORMED.test(incoming)
      ? incoming
      : makeId(request);
  }

  return function requestId(request, next) {
    const id = idOf(request);
    request.id = id;
    request.state.requestId = id;
    function identify(response: HttpResponse): HttpResponse {
      response.headers.set(header, id);
      return response;
    }
    const answer = next();
    return answer instanceof HttpResponse
      ? identify(answer)
      : answer.then(identify);
  };
}
