/**
 * {@linkcode ResponseBuilder}: an answer put together call by call.
 *
 * @module
 */

import { formatHttpDate } from "../grammar/dates.ts";
import { isToken } from "../grammar/chars.ts";
import { splitList } from "../grammar/lists.ts";
import { type CacheOptions, formatCacheControl } from "./cache_control.ts";
import {
  type CookieScope,
  deleteCookie,
  formatSetCookie,
  type SetCookie,
} from "./cookies.ts";
import { type EntityTag, formatEntityTag, parseEntityTag } from "./etag.ts";
import { HeaderList, type HeadersLike } from "./headers.ts";
import {
  BYTES_TYPE,
  HTML_TYPE,
  JSON_TYPE,
  TEXT_TYPE,
  toJson,
} from "./content.ts";
import { formatLocation } from "./location.ts";
import { HttpResponse, type ResponseBody, type Trailers } from "./response.ts";

/** Attributes of a cookie, without its name and value. */
export type CookieOptions = Omit<SetCookie, "name" | "value">;

/**
 * Builds an {@linkcode HttpResponse}. Each method but `build` returns the builder,
 * and each refuses at once what cannot be sent. Of two calls for the same thing the
 * later one counts; cookies and appended fields add up.
 *
 * @example Usage
 * ```ts
 * import { HttpStatus, ResponseBuilder } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const response = new ResponseBuilder()
 *   .status(HttpStatus.CREATED)
 *   .header("X-Custom", "v")
 *   .cookie("sid", "31d4d96e", { httpOnly: true })
 *   .cache({ maxAge: 3600 })
 *   .json({ id: 7 })
 *   .build();
 * assertEquals(response.status, 201);
 * assertEquals(response.header("cache-control"), "max-age=3600");
 * assertEquals(await response.json(), { id: 7 });
 * ```
 */
export class ResponseBuilder {
  readonly #headers: HeaderList = new HeaderList();
  // Checks the status and carries what is no field.
  readonly #draft: HttpResponse = new HttpResponse();
  #bodyType = "";

  /**
   * Sets the status; 200 unless called.
   *
   * @throws {RangeError} If it is not an integer from 200 to 599.
   */
  status(status: number): this {
    this.#draft.status = status;
    return this;
  }

  /**
   * Sets a field, in place of all its lines.
   *
   * @throws {TypeError} If the name is not a token or the value has a control
   * character.
   */
  header(name: string, value: string): this {
    this.#headers.set(name, value);
    return this;
  }

  /**
   * Adds a line to a field.
   *
   * @throws {TypeError} If the name is not a token or the value has a control
   * character.
   */
  append(name: string, value: string): this {
    this.#headers.append(name, value);
    return this;
  }

  /**
   * Sets several fields, each in place of all its lines so far.
   *
   * @throws {TypeError} If a name is not a token or a value has a control
   * character.
   */
  headers(headers: HeadersLike): this {
    const { names, keys, values } = new HeaderList(headers).lines;
    for (const key of keys) this.#headers.delete(key);
    names.forEach((name, at) => this.#headers.append(name, values[at]));
    return this;
  }

  /**
   * Sets `Content-Type`, in place of the one that comes with the body.
   *
   * @throws {TypeError} If it has a control character.
   */
  type(contentType: string): this {
    return this.header("Content-Type", contentType);
  }

  /**
   * Sets a cookie (RFC 6265bis 4.1).
   *
   * @throws {TypeError} If the name, the value or an option cannot be sent.
   * @throws {RangeError} If a lifetime or a length is out of bounds.
   */
  cookie(name: string, value: string, options: CookieOptions = {}): this {
    return this.append(
      "Set-Cookie",
      formatSetCookie({ ...options, name, value }),
    );
  }

  /**
   * Makes the browser forget a cookie that was set with the same scope.
   *
   * @throws {TypeError} If the name or the scope cannot be sent.
   */
  clearCookie(name: string, scope: CookieScope = {}): this {
    return this.append("Set-Cookie", deleteCookie(name, scope));
  }

  /**
   * Sets `Cache-Control` (RFC 9111 5.2.2); times are in seconds.
   *
   * @throws {TypeError} If no option is given or two contradict each other.
   * @throws {RangeError} If a time is not a whole number of seconds from 0.
   */
  cache(options: CacheOptions): this {
    return this.header("Cache-Control", formatCacheControl(options));
  }

  /**
   * Sets `ETag` (RFC 9110 8.8.3): a tag as it is sent, such as `W/"v1"`, or the
   * bare value of a strong one.
   *
   * @throws {TypeError} If no tag can hold the value.
   */
  etag(tag: string | EntityTag): this {
    if (typeof tag !== "string") {
      return this.header("ETag", formatEntityTag(tag));
    }
    const isWhole = parseEntityTag(tag) !== null;
    const whole = isWhole ? tag : formatEntityTag({ value: tag, weak: false });
    return this.header("ETag", whole);
  }

  /**
   * Sets `Last-Modified`, cut to whole seconds (RFC 9110 8.8.2).
   *
   * @param date A date, or milliseconds since 1970.
   * @throws {RangeError} If the date is invalid.
   */
  lastModified(date: Date | number): this {
    return this.header("Last-Modified", formatHttpDate(Number(date)));
  }

  /**
   * Adds names of request fields to `Vary` that are not there yet (RFC 9110
   * 12.5.5).
   *
   * @throws {TypeError} If a name is not a token.
   */
  vary(...names: string[]): this {
    const members = splitList(this.#headers.get("vary") ?? "");
    for (const name of names) {
      if (!isToken(name)) {
        throw new TypeError(
          `Cannot vary by ${
            JSON.stringify(name)
          }: take the name of a field, such as "accept"`,
        );
      }
      const key = name.toLowerCase();
      if (members.some((member) => member.toLowerCase() === key)) continue;
      members.push(name);
    }
    return members.length === 0 ? this : this.header(
      "Vary",
      members.includes("*") ? "*" : members.join(", "),
    );
  }

  /**
   * Sets `Location`; what a URL cannot hold is percent-encoded (RFC 9110 10.2.2).
   *
   * @throws {TypeError} If it is empty or has a control character.
   */
  location(to: string | URL): this {
    return this.header("Location", formatLocation(to));
  }

  /** Sets the fields behind a chunked body, or who is asked for them (RFC 9110 6.5). */
  trailers(trailers: Trailers): this {
    this.#draft.trailers = trailers;
    return this;
  }

  /** Sets a content and no type. */
  body(body: ResponseBody): this {
    return this.#content(body, "");
  }

  /** Sets plain text, UTF-8. */
  text(text: string): this {
    return this.#content(text, TEXT_TYPE);
  }

  /** Sets HTML, UTF-8. Nothing is escaped. */
  html(html: string): this {
    return this.#content(html, HTML_TYPE);
  }

  /**
   * Sets a value as JSON, read at once.
   *
   * @throws {TypeError} If it is no JSON: undefined, a cycle, a bigint, a function,
   * a promise.
   */
  json(value: unknown): this {
    return this.#content(toJson(value), JSON_TYPE);
  }

  /** Sets bytes, `application/octet-stream` unless {@linkcode type} tells more. */
  bytes(bytes: Uint8Array): this {
    return this.#content(bytes, BYTES_TYPE);
  }

  /** Sets a stream of bytes, `application/octet-stream` unless {@linkcode type} tells more. */
  stream(stream: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>): this {
    return this.#content(stream, BYTES_TYPE);
  }

  #content(body: ResponseBody, type: string): this {
    this.#draft.body = body;
    this.#bodyType = type;
    return this;
  }

  /**
   * Makes the answer. Later calls do not change it, and the builder may make
   * another; a stream can only be sent by one of them.
   */
  build(): HttpResponse {
    const headers = new HeaderList(this.#headers);
    if (this.#bodyType !== "" && !headers.has("content-type")) {
      headers.set("Content-Type", this.#bodyType);
    }
    const { status, body, trailers } = this.#draft;
    return new HttpResponse({ status, headers, body, trailers });
  }
}
