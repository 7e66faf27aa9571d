/**
 * {@linkcode RouteGroup}: what has been registered with one router, and the
 * check that no two routes answer the same requests.
 *
 * @module
 */

import type { ErrorHandler } from "../http/handler.ts";
import type { AnyHandler, AnyMiddleware } from "./compose.ts";
import { joinPattern, type Pattern, type Prefix, shapeOf } from "./pattern.ts";
import { ANY_METHOD } from "./tree.ts";

/** A route as registered. */
export interface Route {
  /** The method; `*` for any. */
  readonly method: string;
  /** Its pattern, relative to the router. */
  readonly pattern: Pattern;
  /** The most bytes of body it takes; `null` for the server's limit. */
  readonly bodyBytes: number | null;
  /** Middleware of this route alone. */
  readonly middleware: readonly AnyMiddleware[];
  /** What answers. */
  readonly handler: AnyHandler;
}

/** A middleware as registered. */
export interface Layer {
  /** The paths that it wraps, relative to the router. */
  readonly prefix: Prefix;
  /** The middleware. */
  readonly middleware: AnyMiddleware;
}

/** A router under a prefix of another. */
export interface Mount {
  /** The prefix, relative to the router. */
  readonly prefix: Prefix;
  /** What is mounted. */
  readonly group: RouteGroup;
}

interface Place {
  readonly group: RouteGroup;
  readonly pattern: Pattern;
}

interface Claim {
  readonly taken: Map<string, string>;
  readonly key: string;
  readonly method: string;
  readonly source: string;
}

/** All that was registered with one router. */
export class RouteGroup {
  /** The routes, in order. */
  readonly routes: Route[] = [];
  /** The middleware of `use`, in order. */
  readonly layers: Layer[] = [];
  /** The routers mounted, in order. */
  readonly mounts: Mount[] = [];
  /** Answers what no route matches. */
  notFound: AnyHandler | null = null;
  /** Makes answers of errors. */
  onError: ErrorHandler | null = null;

  // Pattern by method and shape, of this group and all below it.
  readonly #taken = new Map<string, string>();
  readonly #parents: Mount[] = [];
  readonly #changed: () => void;

  /** Calls `changed` after each change here or below. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Tells this group and all above it that something has changed. */
  touch(): void {
    this.#changed();
    for (const { group } of this.#parents) group.touch();
  }

  /**
   * Adds a route.
   *
   * @throws {TypeError} If a route for the same requests is there, here or in a
   * router that this one is mounted to.
   */
  addRoute(route: Route): void {
    this.#take([[route.method, route.pattern]]);
    this.routes.push(route);
    this.touch();
  }

  /**
   * Mounts a group.
   *
   * @throws {TypeError} If it is this group or contains it, is mounted at this
   * prefix already, or has a route that is taken.
   */
  addMount(prefix: Prefix, group: RouteGroup): void {
    checkMount(this, prefix, group);
    this.#take(underPrefix(prefix, group));
    this.mounts.push({ prefix, group });
    group.#parents.push({ prefix, group: this });
    this.touch();
  }

  /** Method and pattern of each route here and below. */
  allRoutes(): [method: string, pattern: Pattern][] {
    const own = this.routes.map((route): [string, Pattern] => [
      route.method,
      route.pattern,
    ]);
    const below = this.mounts.flatMap(({ prefix, group }) =>
      underPrefix(prefix, group)
    );
    return own.concat(below);
  }

  /** Tells whether `group` is this one or mounted below it. */
  contains(group: RouteGroup): boolean {
    return group === this ||
      this.mounts.some((mount) => mount.group.contains(group));
  }

  #places(pattern: Pattern): Place[] {
    const above = this.#parents.flatMap(({ prefix, group }) =>
      group.#places(joinPattern(prefix, pattern))
    );
    return [{ group: this, pattern }, ...above];
  }

  // All or nothing: a refused registration must leave no trace.
  #take(routes: readonly (readonly [string, Pattern])[]): void {
    const done: Claim[] = [];
    try {
      for (const claim of this.#claims(routes)) {
        checkFree(claim);
        claim.taken.set(claim.key, claim.source);
        done.push(claim);
      }
    } catch (error) {
      for (const { taken, key } of done) taken.delete(key);
      throw error;
    }
  }

  *#claims(
    routes: readonly (readonly [string, Pattern])[],
  ): Iterable<Claim> {
    for (const [method, pattern] of routes) {
      for (
        const { group, pattern: { source, variants } } of this.#places(pattern)
      ) {
        for (const segments of variants) {
          const key = `${method} ${shapeOf(segments)}`;
          yield { taken: group.#taken, key, method, source };
        }
      }
    }
  }
}

function underPrefix(
  prefix: Prefix,
  group: RouteGroup,
): [method: string, pattern: Pattern][] {
  return group.allRoutes().map(([method, pattern]) => [
    method,
    joinPattern(prefix, pattern),
  ]);
}

function checkFree({ taken, key, method, source }: Claim): void {
  const other = taken.get(key);
  if (other === undefined) return;
  const name = method === ANY_METHOD ? "a route for all methods" : method;
  throw new TypeError(
    `Cannot add ${name} ${
      JSON.stringify(source)
    }: duplicate or ambiguous route: ${
      JSON.stringify(other)
    } matches the same paths: remove one of the two`,
  );
}

function checkMount(
  outer: RouteGroup,
  prefix: Prefix,
  group: RouteGroup,
): void {
  const at = JSON.stringify(prefix.source || "/");
  if (group.contains(outer)) {
    throw new TypeError(
      `Cannot mount a router at ${at} of itself or of a router mounted in it: make a new Router for the routes to repeat`,
    );
  }
  const shape = shapeOf(prefix.segments);
  const isThere = outer.mounts.some((mount) =>
    mount.group === group && shapeOf(mount.prefix.segments) === shape
  );
  if (isThere) {
    throw new TypeError(
      `Cannot mount a router at ${at} twice: drop one of the two, or take another prefix`,
    );
  }
}
