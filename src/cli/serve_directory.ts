/**
 * The server of a directory.
 *
 * @module
 */

import { staticFiles } from "../handlers/static/mod.ts";
import { logging, type LoggingOptions } from "../middleware/logging/mod.ts";
import { HttpServer } from "../server/http_server.ts";
import type { HttpServerOptions } from "../server/options.ts";

/**
 * Makes a server for the files of a directory that logs each request.
 *
 * @param root The path of the directory.
 */
export function serveDirectory(
  root: string,
  options: HttpServerOptions = {},
  log: LoggingOptions = {},
): HttpServer {
  const server = new HttpServer(options);
  server.use(logging(log));
  return server.get("/*path", staticFiles({ root }));
}
