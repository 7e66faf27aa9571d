/**
 * {@linkcode language}: the language to answer in.
 *
 * @example English or German
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { language } from "@x/httpserver/middleware/language";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.use(language({ supported: ["en", "de"] }))
 *   .get("/", (request) => ok(request.state.language));
 * const headers = { "accept-language": "de-CH" };
 * assertEquals(await (await server.inject({ headers })).text(), "de");
 * ```
 *
 * @module
 */

import type { Middleware } from "../http/handler.ts";
import { acceptsLanguages } from "../http/negotiation.ts";
import { checkOptionNames } from "../http/option_names.ts";
import type { AnyRequest } from "../http/request.ts";
import { HttpResponse } from "../http/response.ts";
import { describeValue } from "../http/values.ts";
import { addVary } from "./vary.ts";

/** What {@linkcode language} adds to the state of a request. */
export interface LanguageState<Tag extends string = string> {
  /** The language to answer in: one of those supported, as written there. */
  language: Tag;
}

/** Options of {@linkcode language}. */
export interface LanguageOptions<Tag extends string = string> {
  /** The language tags (BCP 47) that there are answers in, such as `"de-CH"`. */
  supported: readonly Tag[];
  /**
   * The one for clients that like none of them.
   *
   * @default {undefined} the first of `supported`
   */
  default?: NoInfer<Tag>;
  /**
   * The name of a query parameter that chooses the language before all else,
   * such as `"lang"`.
   *
   * @default {undefined} none
   */
  query?: string;
  /**
   * The name of a cookie that chooses the language before `Accept-Language`.
   *
   * @default {undefined} none
   */
  cookie?: string;
}

// Browsers of a kind send the same, so the choice is kept; but not for whatever
// somebody makes up.
const MAX_KNOWN = 200;
const MAX_KNOWN_LENGTH = 100;

interface Choice<Tag> {
  readonly language: Tag;
  /** The fields of the request that it depends on. */
  readonly vary: readonly string[];
}

// One tag as it stands in BCP 47, no list: the bound keeps look-ups short.
const TAG = /^[a-z]{1,8}(?:-[a-z0-9]{1,8}){0,15}$/i;

function checkTags<Tag extends string>(
  { supported, default: first }: LanguageOptions<Tag>,
): readonly Tag[] {
  if (!Array.isArray(supported) || supported.length === 0) {
    throw new TypeError(
      `Cannot use ${
        describeValue(supported)
      } as "supported" of language: take a list of language tags, such as ["en", "de"]`,
    );
  }
  const wrong = supported.find((tag) =>
    typeof tag !== "string" || !TAG.test(tag)
  );
  if (wrong !== undefined) {
    throw new TypeError(
      `Cannot use ${
        describeValue(wrong)
      } in "supported" of language: take a language tag, such as "en" or "de-CH"`,
    );
  }
  if (first === undefined) return [...supported];
  if (!supported.includes(first)) {
    throw new TypeError(
      `Cannot use ${
        describeValue(first)
      } as "default" of language: take one of "supported"`,
    );
  }
  // Whoever takes any gets the default.
  return [first, ...supported.filter((tag) => tag !== first)];
}

function checkName(option: string, name: unknown): void {
  if (name === undefined || (typeof name === "string" && name !== "")) return;
  throw new TypeError(
    `Cannot use ${describeValue(name)} as "${option}" of language: take a name`,
  );
}

/**
 * Makes a middleware that finds the language for each request: the query
 * parameter's, the cookie's, or what `Accept-Language` likes best (RFC 9110
 * 12.5.4, look-up by RFC 4647 3.4), else the default. A parameter or a cookie
 * without a supported language is passed over.
 *
 * It reads `Accept-Language` and, if told to, the query and a cookie; sets
 * `request.state.language`, `Content-Language` unless the handler has, and
 * `Vary` by what the choice depended on. Its place: before the handlers that use
 * the language; with a prefix where others have none.
 *
 * @throws {TypeError} If a tag or a name is malformed, none is supported, the
 * default is not among them, or an option is unknown.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { language } from "@x/httpserver/middleware/language";
 * import { assertEquals } from "@std/assert";
 *
 * const greetings = { en: "hello", de: "hallo" };
 * const server = new HttpServer()
 *   .use(language({ supported: ["en", "de"], query: "lang" }))
 *   .get("/", (request) => ok(greetings[request.state.language]));
 * const response = await server.inject({
 *   path: "/",
 *   headers: { "accept-language": "de-CH, en;q=0.5" },
 * });
 * assertEquals(await response.text(), "hallo");
 * assertEquals(response.header("content-language"), "de");
 * assertEquals(response.header("vary"), "Accept-Language");
 * ```
 */
export function language<const Tag extends string>(
  options: LanguageOptions<Tag>,
): Middleware<LanguageState<Tag>> {
  checkOptionNames("language", options, [
    "supported",
    "default",
    "query",
    "cookie",
  ]);
  const { query, cookie } = options;
  const tags = checkTags(options);
  checkName("query", query);
  checkName("cookie", cookie);

  function find(range: string | null | undefined): Tag | null {
    if (!range || !TAG.test(range)) return null;
    return acceptsLanguages(range, tags) as Tag | null;
  }

  const known = new Map<string, Tag>();

  function likedBy(field: string | null): Tag {
    if (field === null) return tags[0];
    const before = known.get(field);
    if (before !== undefined) return before;
    const liked = (acceptsLanguages(field, tags) ?? tags[0]) as Tag;
    if (field.length > MAX_KNOWN_LENGTH) return liked;
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(field, liked);
    return liked;
  }

  function choose(request: AnyRequest): Choice<Tag> {
    const asked = query === undefined ? null : find(request.query.get(query));
    if (asked !== null) return { language: asked, vary: [] };
    const kept = cookie === undefined
      ? null
      : find(request.cookies.get(cookie));
    if (kept !== null) return { language: kept, vary: ["Cookie"] };
    return {
      language: likedBy(request.header("accept-language")),
      vary: cookie === undefined
        ? ["Accept-Language"]
        : ["Cookie", "Accept-Language"],
    };
  }

  function mark(response: HttpResponse, choice: Choice<Tag>): HttpResponse {
    const { headers } = response;
    if (!headers.has("content-language")) {
      headers.set("Content-Language", choice.language);
    }
    for (const field of choice.vary) addVary(headers, field);
    return response;
  }

  return function language(request, next) {
    const choice = choose(request);
    request.state.language = choice.language;
    const answer = next();
    return answer instanceof HttpResponse
      ? mark(answer, choice)
      : answer.then((response) => mark(response, choice));
  };
}
