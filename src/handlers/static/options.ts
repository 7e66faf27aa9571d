/**
 * The options of `staticFiles`.
 *
 * @module
 */

import type { CacheOptions } from "../../http/cache_control.ts";
import type { HeadersLike } from "../../http/headers.ts";
import type { HttpRequest } from "../../http/request.ts";
import type { FileSource } from "./source.ts";

/** What becomes of names that begin with a dot. */
export type DotfilePolicy = "ignore" | "allow";

/** Where symbolic links may lead. */
export type SymlinkPolicy = "within-root" | "follow" | "deny";

/** What entity tags are made of. */
export type EntityTagPolicy = "weak" | "strong" | false;

/** A content coding that files may be kept in, beside the plain ones. */
export type FileCoding = "br" | "zstd" | "gzip";

/** Options of the cache of small files. */
export interface FileCacheOptions {
  /**
   * Bytes that all contents together may take.
   *
   * @default {33_554_432} 32 MiB
   */
  maxBytes?: number;
  /**
   * Bytes up to which a file is kept; larger ones are read each time.
   *
   * @default {1_048_576} 1 MiB
   */
  maxFileBytes?: number;
  /**
   * For how long a file is served without a look at whether it has changed, in
   * milliseconds: at most so much too old an answer may be. With 0 the disk is
   * asked at each request, which costs about 3 us.
   *
   * @default {0}
   */
  checkMs?: number;
}

/** Options of the listing of directories. */
export interface ListingOptions {
  /**
   * How many entries a listing has at most. Of more it shows the first by name,
   * and says so; what is searched for is found among all.
   *
   * @default {1_000}
   */
  maxEntries?: number;
}

/** Options of `staticFiles`: a `root` or a `source`, the others as you like. */
export interface StaticFilesOptions {
  /**
   * The directory to serve: a path, relative ones from the current directory at
   * construction, or a `file:` URL. It may be missing until the first request,
   * and may itself be a symbolic link that is switched while the server runs.
   *
   * @default {undefined} the files of `source`
   */
  root?: string | URL;
  /**
   * Where the files come from, if not from a directory: such as `memorySource()`.
   *
   * @default {undefined} the directory `root`
   */
  source?: FileSource;
  /**
   * What to take off the front of a path, on a segment boundary; a path without
   * it names no file. Needed where `use()` adds this as a middleware to something
   * else than the whole site.
   *
   * @default {undefined} as a handler, what stands before the wildcard of the
   * route's pattern; as a middleware, nothing
   */
  prefix?: string;
  /**
   * The file names to try, in order, when a directory is asked for; an empty
   * list serves no directory.
   *
   * @default {["index.html"]}
   */
  index?: readonly string[];
  /**
   * Whether a directory without an index file shows what is in it, as a page, or
   * as JSON (`DirectoryListing`) to clients that prefer it or ask for
   * `?format=json`. Nothing is listed that would not be served. The query also
   * tells the order, `?sort=size&order=desc` (`name`, `size`, `date`; `asc`,
   * `desc`), and a text to look for in the names, `?q=report`. Each answer has an
   * `ETag` unless `etag` is false, and `Cache-Control: no-cache`. A `source` needs
   * {@linkcode FileSource.openDirectory}. Where this is a middleware, lists go
   * before routes, as files do.
   *
   * @default {false}
   */
  listing?: boolean | ListingOptions;
  /**
   * Whether names that begin with a dot are served: `"ignore"` answers 404 as if
   * they were not there, except below a `.well-known` at the top (RFC 8615).
   *
   * @default {"ignore"}
   */
  dotfiles?: DotfilePolicy;
  /**
   * Where symbolic links may lead: `"within-root"`, only to what is inside the
   * root; `"follow"`, anywhere; `"deny"`, nowhere. What is refused answers 404.
   *
   * @default {"within-root"}
   */
  symlinks?: SymlinkPolicy;
  /**
   * How long clients and shared caches may reuse a file without asking, in
   * seconds: `Cache-Control: public, max-age=N`.
   *
   * @default {undefined} no Cache-Control: caches ask or guess
   */
  cacheMaxAge?: number;
  /**
   * `Cache-Control` by glob, over the path below the root: `"assets/**"` for all
   * that is below a directory, `"*.html"` for pages right in the root. The first
   * that matches counts, before `immutable` and `cacheMaxAge`. Values are written as they are or made of directives.
   *
   * @default {{}}
   */
  cacheControl?: Readonly<Record<string, string | CacheOptions>>;
  /**
   * Whether files with a hash of their content in the name, such as
   * `app.3f9a1c2b.js`, may be kept for a year without asking. With `true` that is
   * eight or more hexadecimal digits, letters and numbers among them, behind a dot
   * or a hyphen and before the extension; a `RegExp` says which names they are.
   *
   * @default {false}
   */
  immutable?: boolean | RegExp;
  /**
   * What entity tags are made of. `"weak"`: size and time of change. `"strong"`:
   * a hash of the content, made at the first request and kept until the file
   * changes; with it ranges can be resumed by tag. A file that changed within the
   * last two seconds still gets a weak one. `false`: none.
   *
   * @default {"weak"}
   */
  etag?: EntityTagPolicy;
  /**
   * Whether a file that lies beside another as `.br`, `.zst` or `.gz` is sent in
   * its place to clients that take it, or which of them and in which order among
   * equally liked ones. One older than its original is ignored. `Vary` names
   * `Accept-Encoding` then in all answers.
   *
   * @default {false} with `true`, ["br", "zstd", "gzip"]
   */
  precompressed?: boolean | readonly FileCoding[];
  /**
   * Whether `/about` serves `about.html`. With `"redirect"`, `/about.html` leads
   * to `/about`, and `/docs/index.html` to `/docs/`, by 301. A page goes before a
   * directory of its name.
   *
   * @default {false}
   */
  cleanUrls?: boolean | "redirect";
  /**
   * The page that answers where there is no file, for applications with routes of
   * their own in the browser; `true` for `index.html`. Only navigations get it:
   * `Sec-Fetch-Mode: navigate`, or without that field an `Accept` that names
   * `text/html`, and no dot in the last segment of the path. Scripts and images
   * that are missing stay 404.
   *
   * @default {false}
   */
  spa?: boolean | string;
  /**
   * The page that is sent with a 404, such as `"404.html"`, to clients that
   * accept its type; it is not to be stored.
   *
   * @default {undefined} problem details, or text
   */
  notFound?: string;
  /**
   * Media types by extension (`"md"`, `".md"`) or by whole name
   * (`"apple-app-site-association"`), before those of the database.
   *
   * @default {{}}
   */
  mimeTypes?: Readonly<Record<string, string>>;
  /**
   * The `charset` of texts; `false` for none.
   *
   * @default {"utf-8"}
   */
  charset?: string | false;
  /**
   * The cache of small files; `false` for none. Whatever it holds is checked by
   * the file's number, size and times at each request, or as often as `checkMs`
   * says; a file that changed within the last two seconds is not held.
   *
   * @default {{}}
   */
  cache?: false | FileCacheOptions;
  /**
   * Fields to add to the answer with a file (200, 206, 304, a page of 404), by its
   * path below the root. They may replace `Cache-Control`; what describes the
   * content and what `staticFiles` computes is refused.
   *
   * @default {undefined}
   */
  headers?: (
    path: string,
    request: HttpRequest<unknown, unknown>,
  ) => HeadersLike | undefined;
  /**
   * Whether files are to be saved instead of shown (`Content-Disposition:
   * attachment`), for all or by the path below the root; a text is the name to
   * save under.
   *
   * @default {false}
   */
  download?: boolean | ((path: string) => boolean | string);
  /**
   * What becomes of a request for no file when this is used as a middleware:
   * `true` hands it on, and only if then nothing has a route for it, `spa` and
   * `notFound` have their say; `false` answers it here.
   *
   * @default {true}
   */
  fallthrough?: boolean;
}
