/**
 * {@linkcode staticFiles}: the files of a directory, with types, validators,
 * conditional requests and ranges.
 *
 * @module
 */

import { HttpError } from "../../http/errors.ts";
import type { Handler, HandlerResult } from "../../http/handler.ts";
import type { AnyRequest } from "../../http/request.ts";
import { redirect } from "../../http/helpers.ts";
import type { HttpResponse } from "../../http/response.ts";
import { Locator } from "./locate.ts";
import { isFileSystemLoaded, loadFileSystem } from "./open_file.ts";
import { resolveOptions, type StaticFilesOptions } from "./options.ts";
import { describeFile } from "./representation.ts";
import { sendFile } from "./send.ts";
import { directoryLocation, TargetReader } from "./target.ts";

export type {
  DotfilePolicy,
  StaticFilesOptions,
  SymlinkPolicy,
} from "./options.ts";

function notFound(): HttpError {
  return new HttpError(404);
}

function checkMethod(method: string): void {
  if (method === "GET" || method === "HEAD") return;
  throw new HttpError(405, "Files can only be read", {
    headers: { allow: "GET, HEAD" },
  });
}

/**
 * Makes a handler that serves the files below a directory: those that a trailing
 * `*name` of its pattern names, or, without one, the whole path of the request.
 *
 * It answers GET and HEAD (405 otherwise) with the media type by the file's
 * extension, a weak `ETag`, `Last-Modified` and an exact `Content-Length`; with
 * 304 or 412 by the conditions of the request in the order of RFC 9110 13.2.2;
 * with 206 for up to eight ranges, several as `multipart/byteranges`, and 416
 * when there are no such bytes. A directory without its slash is redirected to
 * the one with it by 301, the other one gets its index file.
 *
 * Whatever may not be served answers 404, so that nobody learns what there is:
 * dot segments, backslashes, NUL, empty segments, dotfiles, links out of the
 * root, what is not a regular file, and what the process may not read. An encoded
 * slash is part of a name, never a separator. What was opened is checked, not
 * what was going to be; on Linux under `--allow-all` by what the kernel says,
 * elsewhere by walking the path again, which someone who can write into the root
 * could outrun by swapping directories.
 *
 * `X-Content-Type-Options` is not set: it belongs to every answer, so to a
 * middleware.
 *
 * @param options The root and how to serve it.
 * @throws {TypeError} If an option has the wrong shape, such as an empty root.
 * @throws {RangeError} If `cacheMaxAge` is not a whole number from 0.
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
export function staticFiles(
  options: StaticFilesOptions,
): Handler<unknown, unknown> {
  const settings = resolveOptions(options);
  const targets = new TargetReader(settings.dotfiles);
  const locator = new Locator(settings);

  function serve(request: AnyRequest): HttpResponse {
    const target = targets.read(request);
    const located = target === null ? null : locator.locate(target);
    if (located === null) throw notFound();
    if (located === "needs-slash") {
      return redirect(directoryLocation(request), { permanent: true });
    }
    const { file, name } = located;
    const { cacheControl } = settings;
    return sendFile(
      request,
      describeFile(name, file.facts, cacheControl),
      file,
    );
  }

  return function staticFiles(request): HandlerResult {
    checkMethod(request.method);
    if (isFileSystemLoaded()) return serve(request);
    return loadFileSystem().then(() => serve(request));
  };
}
