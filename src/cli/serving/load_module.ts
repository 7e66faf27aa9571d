/**
 * Turns a module into a server that can be run.
 *
 * @module
 */

import type { Middleware } from "../../http/handler.ts";
import type { HttpResponse } from "../../http/response.ts";
import type { ServerStats } from "../../http/server_state.ts";
import type { RouteInfo } from "../../routing/types.ts";
import {
  CONFIGURE,
  HttpServer,
  type OverridingOptions,
} from "../../server/http_server.ts";
import type { HttpServerOptions, ListenOptions } from "../../server/options.ts";
import type { ShutdownOptions, ShutdownReport } from "../../server/shutdown.ts";
import { failure, firstLine, misuse } from "../errors.ts";
import { checkScope, SERVER_GROUPS } from "../config/scope.ts";
import { serverOptions, type Settings } from "../config/settings.ts";
import { originName } from "../config/origins.ts";

/** What the command line needs of a server. */
export interface RunnableServer {
  /** Listens. */
  listen(options: ListenOptions): Promise<Deno.Addr>;
  /** Drains, or with a grace of 0 cuts. */
  shutdown(options?: ShutdownOptions): Promise<ShutdownReport>;
  /** Resolves once it is shut down. */
  readonly finished?: Promise<void>;
  /** Listens, and resolves once the server has drained after a signal. */
  run(options: ListenOptions): Promise<void>;
  /** Lays options over its own; older versions lack it. */
  [CONFIGURE]?(options: OverridingOptions): void;
  /** Its counters. */
  stats?(): Partial<ServerStats>;
  /** Its routes. */
  routes?(): RouteInfo[];
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
  layers: readonly Middleware[] = [],
): HttpServer {
  const server = new HttpServer(options);
  for (const layer of layers) server.use(layer);
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

/** What a module exports, by its shape. */
export type Exported =
  | { readonly kind: "server"; readonly server: RunnableServer }
  | { readonly kind: "app"; readonly app: WebApp };

/**
 * Loads the default export of a module.
 *
 * @param url The module's URL.
 * @param name What to call it in messages.
 * @throws {CliError} If the module cannot be loaded or exports nothing of use.
 */
export async function loadModule(url: string, name: string): Promise<Exported> {
  const shown = JSON.stringify(name);
  const exported = await importDefault(url, shown);
  if (isServer(exported)) return { kind: "server", server: exported };
  if (isWebApp(exported)) return { kind: "app", app: exported };
  const kind = exported === null ? "null" : typeof exported;
  throw failure(
    `cannot run ${shown}: its default export (${kind}) is neither an HttpServer nor an object with fetch(request)`,
  );
}

/** Lays the options that were given over those of a server. */
function configure(
  server: RunnableServer,
  name: string,
  settings: Settings,
): void {
  const given = settings.given(...SERVER_GROUPS);
  if (given.length === 0) return;
  if (typeof server[CONFIGURE] === "function") {
    server[CONFIGURE](serverOptions(settings));
    return;
  }
  const [{ origin }] = given;
  const option = origin.kind === "default" ? "an option" : originName(origin);
  throw misuse(
    `${option} cannot be used with ${
      JSON.stringify(name)
    }: it exports an HttpServer of a version that takes no options from outside, set the option there`,
  );
}

/**
 * Loads a module and makes a server of its default export.
 *
 * @param url The module's URL.
 * @param name What to call it in messages.
 * @param layers Makes what goes around an object with `fetch`.
 * @throws {CliError} If the module cannot be loaded or exports nothing of use, or
 * an option is not for what it exports.
 */
export async function loadServer(
  url: string,
  name: string,
  settings: Settings,
  layers: () => Promise<readonly Middleware[]> = () => Promise.resolve([]),
): Promise<RunnableServer> {
  const exported = await loadModule(url, name);
  checkScope(settings, exported.kind, name);
  if (exported.kind === "app") {
    return serveWebApp(exported.app, serverOptions(settings), await layers());
  }
  configure(exported.server, name, settings);
  return exported.server;
}
