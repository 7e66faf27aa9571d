/**
 * {@linkcode methodOverride}: other methods for clients that can only POST.
 *
 * @example Clients that can only POST
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { methodOverride } from "@x/httpserver/middleware/method-override";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer({ beforeRouting: [methodOverride()] });
 * server.delete("/notes/:id", () => ok("gone"));
 * const response = await server.inject({
 *   method: "POST",
 *   path: "/notes/7",
 *   headers: { "x-http-method-override": "DELETE" },
 * });
 * assertEquals(await response.text(), "gone");
 * ```
 *
 * @module
 */

import { isToken } from "../grammar/chars.ts";
import type { RequestRewriter } from "../http/handler.ts";
import { HttpError } from "../http/errors.ts";
import { parseMediaType } from "../http/media_type.ts";
import { checkOptionNames } from "../http/option_names.ts";
import { type AnyRequest, bodyOf, setMethod } from "../http/request.ts";
import { describeValue } from "../http/values.ts";

/** A method that a POST may be turned into. */
export type OverridingMethod = "PUT" | "PATCH" | "DELETE";

/** Options of {@linkcode methodOverride}. */
export interface MethodOverrideOptions {
  /**
   * The field that names the method; `false` for none.
   *
   * @default {"x-http-method-override"}
   */
  header?: string | false;
  /**
   * The parameter of the query that names it, such as `"_method"`.
   *
   * @default {undefined} none
   */
  query?: string;
  /**
   * The field of an urlencoded form that names it, such as `"_method"`. Forms of
   * more than 64 KiB and those sent in chunks are not looked into.
   *
   * @default {undefined} none
   */
  form?: string;
  /**
   * The methods that may be named; others are answered 400.
   *
   * @default {["PUT", "PATCH", "DELETE"]}
   */
  methods?: readonly OverridingMethod[];
}

const METHODS: readonly OverridingMethod[] = ["PUT", "PATCH", "DELETE"];
const MAX_FORM_BYTES = 64 * 1024;
const FORM_TYPE = "application/x-www-form-urlencoded";
const DECODER = new TextDecoder();

function checkMethods(
  methods: readonly OverridingMethod[],
): ReadonlySet<string> {
  if (!Array.isArray(methods)) {
    throw new TypeError(
      `Cannot use ${
        describeValue(methods)
      } as "methods" of methodOverride: take a list out of ${
        METHODS.join(", ")
      }`,
    );
  }
  // A GET that changes something, or a CONNECT, must not come out of a POST.
  const wrong = methods.find((method) => !METHODS.includes(method));
  if (wrong === undefined) return new Set(methods);
  throw new TypeError(
    `Cannot let ${describeValue(wrong)} take the place of POST: take ${
      METHODS.join(", ")
    }`,
  );
}

function checkName(
  option: string,
  name: unknown,
  isGood: (name: string) => boolean,
): void {
  if (name === undefined || (typeof name === "string" && isGood(name))) return;
  throw new TypeError(
    `Cannot use ${
      describeValue(name)
    } as "${option}" of methodOverride: take a name`,
  );
}

/** The named field of a form; the handler reads the form as if nobody had. */
async function formField(
  request: AnyRequest,
  name: string,
): Promise<string | null> {
  const body = bodyOf(request);
  const bytes = await body?.peek();
  return new URLSearchParams(DECODER.decode(bytes)).get(name);
}

function hasForm(request: AnyRequest): boolean {
  const body = bodyOf(request);
  if (body === null || body.length === null) return false;
  const most = Math.min(MAX_FORM_BYTES, body.limit);
  const type = parseMediaType(request.header("content-type") ?? "");
  // A coded content would have to be decoded first.
  return body.length <= most && type?.type === FORM_TYPE &&
    request.header("content-encoding") === null;
}

/**
 * Makes a rewriter that lets a POST stand for PUT, PATCH or DELETE, for HTML
 * forms and for networks that let nothing else through. Its place is among the
 * `beforeRouting` of a server, not in `use()`, which runs once the route is
 * chosen.
 *
 * The method is taken from the first of the header, the query and the form that
 * names one, in upper or lower case. Only a POST is ever changed. A page of
 * another site can send a form, so use `csrf` too: what it refuses of POST, it
 * refuses of these.
 *
 * It reads the field, the query and, if told to, a form; sets `request.method`,
 * which logs tell too.
 *
 * @throws {TypeError} If an option is unknown or malformed, or a method is none
 * of the three.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { methodOverride } from "@x/httpserver/middleware/method-override";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer({
 *   beforeRouting: [methodOverride({ form: "_method" })],
 * });
 * server.delete("/notes/:id", (request) => ok(`gone: ${request.params.id}`));
 * const response = await server.inject({
 *   method: "POST",
 *   path: "/notes/7",
 *   headers: { "content-type": "application/x-www-form-urlencoded" },
 *   body: "_method=delete",
 * });
 * assertEquals(await response.text(), "gone: 7");
 * ```
 */
export function methodOverride(
  options: MethodOverrideOptions = {},
): RequestRewriter {
  checkOptionNames("methodOverride", options, [
    "header",
    "query",
    "form",
    "methods",
  ]);
  const { header = "x-http-method-override", query, form } = options;
  const methods = checkMethods(options.methods ?? METHODS);
  if (header !== false) checkName("header", header, isToken);
  checkName("query", query, (name) => name !== "");
  checkName("form", form, (name) => name !== "");

  function override(request: AnyRequest, name: string | null): void {
    if (!name) return;
    const method = name.toUpperCase();
    if (method === "POST") return;
    if (!methods.has(method)) {
      throw new HttpError(400, "A POST cannot stand for the method named");
    }
    setMethod(request, method);
  }

  return function methodOverride(request) {
    if (request.method !== "POST") return;
    const named = (header !== false && request.header(header)) ||
      (query !== undefined && request.query.get(query));
    if (named) return override(request, named);
    if (form === undefined || !hasForm(request)) return;
    return formField(request, form).then((name) => override(request, name));
  };
}
