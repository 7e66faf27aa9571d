/**
 * Routing on its own: {@linkcode Router}, the types of its patterns, and the
 * shapes of handlers and middleware.
 *
 * @example Routes without a server
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { Router } from "@x/httpserver/router";
 * import { assertEquals } from "@std/assert";
 *
 * const users = new Router()
 *   .get("/:id", (request) => ok({ id: request.params.id }));
 * const server = new HttpServer().mount("/users", users);
 * const response = await server.inject({ path: "/users/7" });
 * assertEquals(await response.json(), { id: "7" });
 * ```
 *
 * @module
 */

export type {
  ErrorHandler,
  Handler,
  HandlerResult,
  Middleware,
  Next,
} from "../http/handler.ts";
export type { PathParams } from "./path_params.ts";
export { Router } from "./router.ts";
export type {
  AddedBefore,
  AllAdded,
  Layer,
  Layers,
  OnMethod,
  PrefixFor,
  RouteInfo,
  RouteMethod,
  RouteOptions,
} from "./types.ts";
