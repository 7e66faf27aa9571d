/**
 * Turns a module into a server that can be run.
 *
 * @module
 */

import type { HttpResponse } from "../http/response.ts";
import { HttpServer } from "../server/http_server.ts";
import type { HttpServerOptions, ListenOptions } from "../server/options.ts";
import { failure, firstLine, misuse } from "./errors.ts";

/** What the command line needs of a server. */
export interface RunnableServer {
  /** Listens, and resolves once the server has drained after a signal. */
  run(options: ListenOptions): Promise<void>;
}

/** An object with a web handler, as `deno serve` takes it. */
export interface WebApp {
  /** Answers a request. */
  fetch(
    request: Request,
    info: { readonly remoteAddr: Deno.Addr },
  ): Response | HttpResponse | Promise<Response | HttpResponse>;
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  if (value === null) return false;
  if (typeof value !== "object" && typeof value !== "function") return false;
  const members = value as Readonly<Record<string, unknown>>;
  return names.every((name) => typeof members[name] === "function");
}

// By its shape, not by `instanceof`: the module may import another version of
// this package than the one that runs the command line.
function isServer(value: unknown): value is RunnableServer {
  return hasMethods(value, ["run", "listen", "shutdown", "fetch"]);
}

function isWebApp(value: unknown): value is WebApp {
  return hasMethods(value, ["fetch"]);
}

/** Serves an object with `fetch` by a server with these options. */
export function serveWebApp(
  app: WebApp,
  options: HttpServerOptions = {},
): HttpServer {
  const server = new HttpServer(options);
  // A middleware that never asks for the next sees every request there is.
  server.use(function webApp(request) {
    return app.fetch(request.toWeb(), { remoteAddr: request.remoteAddress });
  });
  return server;
}

async function importDefault(url: string, shown: string): Promise<unknown> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(url);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw failure(`cannot load ${shown}: ${firstLine(error)}`, error);
  }
  if ("default" in module) return module.default;
  throw failure(
    `cannot run ${shown}: it has no default export, expected an HttpServer or an object with fetch(request)`,
  );
}

/**
 * Loads a module and makes a server of its default export.
 *
 * @param url The module's URL.
 * @param name What to call it in messages.
 * @param options Options for an object with `fetch`.
 * @param flags The flags behind these options; an `HttpServer` has its own.
 * @throws {CliError} If the module cannot be loaded or exports nothing of use.
 */
export async function loadServer(
  url: string,
  name: string,
  options: HttpServerOptions,
  flags: readonly string[],
): Promise<RunnableServer> {
  const shown = JSON.stringify(name);
  const exported = await importDefault(url, shown);
  if (isServer(exported)) {
    if (flags.length === 0) return exported;
    throw misuse(
      `${
        flags[0]
      } cannot be used with ${shown}: it exports an HttpServer, set the option there`,
    );
  }
  if (isWebApp(exported)) return serveWebApp(exported, options);
  const kind = exported === null ? "null" : typeof exported;
  throw failure(
    `cannot run ${shown}: its default export (${kind}) is neither an HttpServer nor an object with fetch(request)`,
  );
}
