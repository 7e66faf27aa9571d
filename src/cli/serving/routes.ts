/**
 * `routes`: the routes of the server that a module exports.
 *
 * @module
 */

import type { RouteInfo } from "../../routing/types.ts";
import { failure } from "../errors.ts";
import { loadModule } from "./load_module.ts";
import type { Target } from "../target.ts";

/** Routes in columns: method, pattern. */
export function routesText(routes: readonly RouteInfo[]): string {
  const width = Math.max(0, ...routes.map(({ method }) => method.length));
  return routes.map(({ method, pattern }) =>
    `${method.padEnd(width)}  ${pattern}`
  ).join("\n");
}

/**
 * The routes of the server that a module exports, in columns.
 *
 * @param name What to call the module in messages.
 * @throws {CliError} If it exports none.
 */
export async function listRoutes(
  target: Target,
  name: string,
): Promise<string> {
  const shown = JSON.stringify(name);
  if (target.kind === "directory") {
    throw failure(`cannot list the routes of ${shown}: it is a directory`);
  }
  const exported = await loadModule(target.url, name);
  if (exported.kind === "app") {
    throw failure(
      `cannot list the routes of ${shown}: it exports an object with fetch, not an HttpServer`,
    );
  }
  const routes = exported.server.routes?.() ?? [];
  if (routes.length > 0) return routesText(routes);
  throw failure(`cannot list the routes of ${shown}: its server has none`);
}
