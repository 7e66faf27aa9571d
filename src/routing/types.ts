/**
 * The types of registration: a handler sees the parameters of its pattern and
 * the state that the middleware before it has added.
 *
 * @module
 */

import type {
  Handler,
  HandlerResult,
  Middleware,
  Next,
} from "../http/handler.ts";
import type { HttpRequest } from "../http/request.ts";
import type { PathParams } from "./path_params.ts";

/** Options of one route. */
export interface RouteOptions {
  /**
   * The most bytes of body that the route takes, any safe integer from 0; more
   * is answered 413.
   *
   * @default {undefined} the server's own limit
   */
  bodyBytes?: number;
}

/** A route as {@linkcode Router.routes} lists it. */
export interface RouteInfo {
  /** The method; `*` for any. */
  readonly method: string;
  /** The whole pattern, behind the prefixes it is mounted under. */
  readonly pattern: string;
}

/**
 * A middleware where the state is `State`, adding `Adds`. Any
 * {@linkcode Middleware} is one if `State` has what it needs.
 */
export type Layer<Adds, State> =
  & ((
    request: HttpRequest<Record<string, string>, State>,
    next: Next,
  ) => HandlerResult)
  & { readonly [Key in keyof Middleware]?: Adds };

/** What all of these add together. */
export type AllAdded<Adds extends readonly unknown[]> = Adds extends
  readonly [infer First, ...infer Rest] ? First & AllAdded<Rest>
  : unknown;

/** What those before the one at `Index` add together. */
export type AddedBefore<
  Adds extends readonly unknown[],
  Index,
  Added = unknown,
  Passed extends readonly unknown[] = [],
> = Index extends `${Passed["length"]}` ? Added
  : Adds extends readonly [infer First, ...infer Rest]
    ? AddedBefore<Rest, Index, Added & First, [...Passed, unknown]>
  : Added;

/** A row of middleware; each sees the state that those before it have added. */
export type Layers<State, Adds extends readonly unknown[]> = {
  [Index in keyof Adds]: Layer<Adds[Index], State & AddedBefore<Adds, Index>>;
};

/**
 * Whether a prefix has the parameters that a router needs which is mounted
 * there: a router that lacks some is refused by the compiler.
 */
export type PrefixFor<Prefix extends string, Outer, Needs> = string extends
  Prefix ? unknown
  : PathParams<Prefix> & Outer extends Needs ? unknown
  : { readonly "the prefix lacks a parameter": Needs };

/**
 * Adds a route: a pattern, options if any, middleware if any, and the handler.
 * Returns the router. With more than three middleware, lambdas among them need
 * their types written.
 */
export interface RouteMethod<Self, State, Params = unknown> {
  /** Adds a route with a handler. */
  <P extends string>(
    pattern: P,
    handler: Handler<PathParams<P> & Params, State>,
  ): Self;
  /** Adds a route with one middleware and a handler. */
  <P extends string, A>(
    pattern: P,
    first: Layer<A, State>,
    handler: Handler<PathParams<P> & Params, State & A>,
  ): Self;
  /** Adds a route with options and a handler. */
  <P extends string>(
    pattern: P,
    options: RouteOptions,
    handler: Handler<PathParams<P> & Params, State>,
  ): Self;
  /** Adds a route with two middleware and a handler. */
  <P extends string, A, B>(
    pattern: P,
    first: Layer<A, State>,
    second: Layer<B, State & A>,
    handler: Handler<PathParams<P> & Params, State & A & B>,
  ): Self;
  /** Adds a route with options, one middleware and a handler. */
  <P extends string, A>(
    pattern: P,
    options: RouteOptions,
    first: Layer<A, State>,
    handler: Handler<PathParams<P> & Params, State & A>,
  ): Self;
  /** Adds a route with three middleware and a handler. */
  <P extends string, A, B, C>(
    pattern: P,
    first: Layer<A, State>,
    second: Layer<B, State & A>,
    third: Layer<C, State & A & B>,
    handler: Handler<PathParams<P> & Params, State & A & B & C>,
  ): Self;
  /** Adds a route with options, two middleware and a handler. */
  <P extends string, A, B>(
    pattern: P,
    options: RouteOptions,
    first: Layer<A, State>,
    second: Layer<B, State & A>,
    handler: Handler<PathParams<P> & Params, State & A & B>,
  ): Self;
  /** Adds a route with options, three middleware and a handler. */
  <P extends string, A, B, C>(
    pattern: P,
    options: RouteOptions,
    first: Layer<A, State>,
    second: Layer<B, State & A>,
    third: Layer<C, State & A & B>,
    handler: Handler<PathParams<P> & Params, State & A & B & C>,
  ): Self;
  /** Adds a route with any middleware and a handler. */
  <P extends string, Adds extends readonly unknown[]>(
    pattern: P,
    ...rest: [
      ...Layers<State, Adds>,
      Handler<PathParams<P> & Params, State & AllAdded<Adds>>,
    ]
  ): Self;
  /** Adds a route with options, any middleware and a handler. */
  <P extends string, Adds extends readonly unknown[]>(
    pattern: P,
    options: RouteOptions,
    ...rest: [
      ...Layers<State, Adds>,
      Handler<PathParams<P> & Params, State & AllAdded<Adds>>,
    ]
  ): Self;
}

/** Like {@linkcode RouteMethod}, with the method first: case-sensitive, any token. */
export interface OnMethod<Self, State, Params = unknown> {
  /** Adds a route with a handler. */
  <P extends string>(
    method: string,
    pattern: P,
    handler: Handler<PathParams<P> & Params, State>,
  ): Self;
  /** Adds a route with one middleware and a handler. */
  <P extends string, A>(
    method: string,
    pattern: P,
    first: Layer<A, State>,
    handler: Handler<PathParams<P> & Params, State & A>,
  ): Self;
  /** Adds a route with options and a handler. */
  <P extends string>(
    method: string,
    pattern: P,
    options: RouteOptions,
    handler: Handler<PathParams<P> & Params, State>,
  ): Self;
  /** Adds a route with two middleware and a handler. */
  <P extends string, A, B>(
    method: string,
    pattern: P,
    first: Layer<A, State>,
    second: Layer<B, State & A>,
    handler: Handler<PathParams<P> & Params, State & A & B>,
  ): Self;
  /** Adds a route with options, one middleware and a handler. */
  <P extends string, A>(
    method: string,
    pattern: P,
    options: RouteOptions,
    first: Layer<A, State>,
    handler: Handler<PathParams<P> & Params, State & A>,
  ): Self;
  /** Adds a route with three middleware and a handler. */
  <P extends string, A, B, C>(
    method: string,
    pattern: P,
    first: Layer<A, State>,
    second: Layer<B, State & A>,
    third: Layer<C, State & A & B>,
    handler: Handler<PathParams<P> & Params, State & A & B & C>,
  ): Self;
  /** Adds a route with options, two middleware and a handler. */
  <P extends string, A, B>(
    method: string,
    pattern: P,
    options: RouteOptions,
    first: Layer<A, State>,
    second: Layer<B, State & A>,
    handler: Handler<PathParams<P> & Params, State & A & B>,
  ): Self;
  /** Adds a route with options, three middleware and a handler. */
  <P extends string, A, B, C>(
    method: string,
    pattern: P,
    options: RouteOptions,
    first: Layer<A, State>,
    second: Layer<B, State & A>,
    third: Layer<C, State & A & B>,
    handler: Handler<PathParams<P> & Params, State & A & B & C>,
  ): Self;
  /** Adds a route with any middleware and a handler. */
  <P extends string, Adds extends readonly unknown[]>(
    method: string,
    pattern: P,
    ...rest: [
      ...Layers<State, Adds>,
      Handler<PathParams<P> & Params, State & AllAdded<Adds>>,
    ]
  ): Self;
  /** Adds a route with options, any middleware and a handler. */
  <P extends string, Adds extends readonly unknown[]>(
    method: string,
    pattern: P,
    options: RouteOptions,
    ...rest: [
      ...Layers<State, Adds>,
      Handler<PathParams<P> & Params, State & AllAdded<Adds>>,
    ]
  ): Self;
}
