/**
 * {@linkcode Lister}: answers with what is in a directory.
 *
 * @module
 */

import { evaluateConditions } from "../../../http/conditional.ts";
import { HTML_TYPE, JSON_TYPE, toJson } from "../../../http/content.ts";
import { HttpError } from "../../../http/errors.ts";
import { HeaderList } from "../../../http/headers.ts";
import type { AnyRequest } from "../../../http/request.ts";
import { HttpResponse } from "../../../http/response.ts";
import type { Settings } from "../settings.ts";
import type { FileSource } from "../source.ts";
import { type EntryRules, findEntries } from "./entries.ts";
import { type Listing, toDirectoryListing } from "./listing.ts";
import { listingPage } from "./page.ts";
import { STYLE } from "./style.ts";
import { readWish } from "./wish.ts";

type ListerSettings = EntryRules & Pick<Settings, "etag" | "mediaType">;

const UTF8 = new TextEncoder();

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** Allows nothing but the page's own style, links and search. */
async function makePolicy(): Promise<string> {
  const hash = (await digest(UTF8.encode(STYLE))).toBase64();
  return [
    "default-src 'none'",
    // The icon of the site, which browsers ask for by themselves.
    "img-src 'self'",
    `style-src 'sha256-${hash}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

async function makeTag(content: Uint8Array<ArrayBuffer>): Promise<string> {
  const text = (await digest(content)).subarray(0, 16).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
  return `W/"${text}"`;
}

/** Answers with what is in the directories of a source. */
export class Lister {
  readonly #openDirectory: NonNullable<FileSource["openDirectory"]>;
  readonly #settings: ListerSettings;
  #policy: Promise<string> | null = null;

  /**
   * Lists the directories of a source by the settings.
   *
   * @throws {TypeError} If the source has no method `openDirectory`.
   */
  constructor(source: FileSource, settings: ListerSettings) {
    if (typeof source.openDirectory !== "function") {
      throw new TypeError(
        'Cannot use "listing" with a source without the method "openDirectory": add it, or drop "listing"',
      );
    }
    this.#openDirectory = source.openDirectory.bind(source);
    this.#settings = settings;
  }

  /**
   * Answers with what is in a directory; `null` if there is none at the path.
   *
   * @throws {HttpError} 412 if a condition fails; 503 if the process has no file
   * descriptor left.
   */
  async list(request: AnyRequest, path: string): Promise<HttpResponse | null> {
    const listing = await this.#read(request, path);
    if (listing === null) return null;
    const { isJson } = listing.wish;
    const text = isJson
      ? toJson(toDirectoryListing(listing))
      : listingPage(listing, this.#settings.mediaType);
    return await this.#answer(request, UTF8.encode(text), isJson);
  }

  async #read(request: AnyRequest, path: string): Promise<Listing | null> {
    const directory = await this.#openDirectory(path);
    if (directory === null) return null;
    try {
      const wish = readWish(request);
      const { entries, isCut } = await findEntries(
        directory,
        path,
        this.#settings,
        wish,
      );
      const cutAt = isCut ? this.#settings.maxEntries : null;
      const depth = path === "" ? 0 : path.split("/").length;
      return { path: request.path, depth, entries, cutAt, wish };
    } finally {
      directory.close();
    }
  }

  async #answer(
    request: AnyRequest,
    content: Uint8Array<ArrayBuffer>,
    isJson: boolean,
  ): Promise<HttpResponse> {
    const headers = new HeaderList();
    const hasTag = this.#settings.etag !== false;
    const etag = hasTag ? await makeTag(content) : undefined;
    if (etag !== undefined) headers.set("ETag", etag);
    headers.set("Cache-Control", "no-cache").set("Vary", "Accept");
    const { method } = request;
    const result = evaluateConditions(method, request.headers, { etag });
    if (result === "precondition-failed") {
      throw new HttpError(412, "The listing is not the one of the condition");
    }
    if (result === "not-modified") {
      return new HttpResponse({ status: 304, headers });
    }
    headers.set("Content-Type", isJson ? JSON_TYPE : HTML_TYPE)
      .set("Content-Length", `${content.length}`)
      .set("X-Content-Type-Options", "nosniff");
    if (!isJson) {
      this.#policy ??= makePolicy();
      headers.set("Content-Security-Policy", await this.#policy);
    }
    const body = method === "HEAD" ? null : content;
    return new HttpResponse({ status: 200, headers, body });
  }
}
