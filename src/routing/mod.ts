/**
 * Routing on its own: {@linkcode Router}, the types of its patterns, and the
 * shapes of handlers and middleware.
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
