/**
 * {@linkcode staticFiles}: the files of a directory or of a map in memory, with
 * types, validators, conditional requests, ranges, packed copies, and the pages
 * of an application.
 *
 * @example Files below a path
 * ```ts
 * import { HttpServer } from "@x/httpserver";
 * import { staticFiles } from "@x/httpserver/handlers/static";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.get("/static/*path", staticFiles({ root: "src", cacheMaxAge: 3600 }));
 * const response = await server.inject({ path: "/static/cli/main.ts" });
 * assertEquals(response.header("cache-control"), "public, max-age=3600");
 * ```
 *
 * @module
 */

import type { HandlerResult, Next } from "../../http/handler.ts";
import type { HttpRequest } from "../../http/request.ts";
import { describeValue } from "../../http/values.ts";
import { DiskSource } from "./disk_source.ts";
import type { StaticFilesOptions } from "./options.ts";
import { noticeRoot } from "./root_notice.ts";
import { resolveDisk, resolveOptions } from "./settings.ts";
import { StaticSite } from "./site.ts";
import type { FileSource } from "./source.ts";

export {
  type MemoryFiles,
  memorySource,
  type MemorySourceOptions,
} from "./memory_source.ts";
export type { DirectoryListing, ListingEntry } from "./listing/listing.ts";
export type { ListingOrder, ListingSort } from "./listing/wish.ts";
export type {
  DotfilePolicy,
  EntityTagPolicy,
  FileCacheOptions,
  FileCoding,
  ListingOptions,
  StaticFilesOptions,
  SymlinkPolicy,
} from "./options.ts";
export type {
  EntryFacts,
  FileSource,
  SourceDirectory,
  SourceEntry,
  SourceFile,
} from "./source.ts";

/**
 * What {@linkcode staticFiles} makes: a handler, and a middleware for what has no
 * file.
 */
export type StaticFilesHandler = (
  request: HttpRequest<unknown, unknown>,
  next?: Next,
) => HandlerResult;

// What belongs to a directory has no meaning for files from elsewhere.
const DIRECTORY_OPTIONS = ["root", "symlinks", "cache"] as const;

function chooseSource(options: StaticFilesOptions): FileSource {
  const { source } = options;
  if (source === undefined) return new DiskSource(resolveDisk(options));
  const other = DIRECTORY_OPTIONS.find((name) => options[name] !== undefined);
  if (other !== undefined) {
    throw new TypeError(
      `Cannot use "${other}" together with "source": drop it, as it is for a directory`,
    );
  }
  if (typeof source?.open === "function") return source;
  throw new TypeError(
    `Cannot take files from ${
      describeValue(source)
    }: take a source with a method "open", such as memorySource({ ... })`,
  );
}

/**
 * Makes a handler that serves the files below a directory: those that a trailing
 * `*name` of its pattern names, or, without one, the whole path of the request.
 *
 * It answers GET and HEAD (405 otherwise) with the media type by the file's
 * extension, an `ETag`, `Last-Modified` and an exact `Content-Length`; with
 * 304 or 412 by the conditions of the request in the order of RFC 9110 13.2.2;
 * with 206 for up to eight ranges, several as `multipart/byteranges`, and 416
 * when there are no such bytes. A directory without its slash is redirected to
 * the one with it by 301, the other one gets its index file, or a list of what is in
 * it; see {@linkcode StaticFilesOptions.listing}.
 *
 * Added by `use()`, it is a middleware: a request for no file goes on to what
 * comes behind it, see {@linkcode StaticFilesOptions.fallthrough}. It then looks
 * at the whole path, less {@linkcode StaticFilesOptions.prefix}.
 *
 * Whatever may not be served answers 404, so that nobody learns what there is:
 * dot segments, backslashes, NUL, empty segments, dotfiles, links out of the
 * root, what is not a regular file, and what the process may not read. An encoded
 * slash is part of a name, never a separator. What was opened is checked, not
 * what was going to be; on Linux under `--allow-all` by what the kernel says,
 * elsewhere by walking the path again, which someone who can write into the root
 * could outrun by swapping directories.
 *
 * Small files are held in memory and looked at anew for each request, so that a
 * change shows at once; see {@linkcode StaticFilesOptions.cache}. Files that are
 * to change while they are served are best written beside and renamed: what is
 * overwritten in its place may be sent half old and half new. Reads wait for the
 * disk, as long as that is quick.
 *
 * Plain text and files of an unknown type get `X-Content-Type-Options: nosniff`;
 * for all answers it is set by the middleware `secureHeaders`.
 *
 * @param options The root, or another source, and how to serve it.
 * @throws {TypeError} If an option has the wrong shape, such as an empty root, or
 * an unknown name.
 * @throws {RangeError} If a time or a bound is not a whole number from 0.
 *
 * @example Usage
 * ```ts
 * import { HttpServer } from "@x/httpserver";
 * import { staticFiles } from "@x/httpserver/handlers/static";
 * import { assertEquals } from "@std/assert";
 *
 * const root = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${root}/hello.txt`, "hello");
 *
 * const server = new HttpServer();
 * server.get("/static/*path", staticFiles({ root, cacheMaxAge: 3600 }));
 *
 * const response = await server.inject({ path: "/static/hello.txt" });
 * assertEquals(response.header("content-type"), "text/plain; charset=utf-8");
 * assertEquals(response.header("cache-control"), "public, max-age=3600");
 * assertEquals(await response.text(), "hello");
 *
 * await Deno.remove(root, { recursive: true });
 * ```
 */
export function staticFiles(options: StaticFilesOptions): StaticFilesHandler {
  const settings = resolveOptions(options);
  const site = new StaticSite(chooseSource(options), settings);
  let unseen = options.source === undefined ? resolveDisk(options).root : null;
  return function staticFiles(request, next) {
    if (unseen !== null) {
      noticeRoot(unseen, request.server);
      unseen = null;
    }
    return next === undefined
      ? site.answer(request)
      : site.answerOr(request, next);
  };
}
