/**
 * {@linkcode RouteTree}: finds the route of a path, one step a segment.
 *
 * @module
 */

import type { Segment } from "./pattern.ts";
import { shapeOf } from "./pattern.ts";

/** The method that stands for any. */
export const ANY_METHOD = "*";

/** The methods that `Allow` lists for a route of any method, in its order. */
const COMMON_METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
];

/** The routes of one shape, by method. */
export class Endpoint<Route> {
  readonly #routes = new Map<string, Route>();

  /** Adds the route of a method. The first one stays. */
  add(method: string, route: Route): void {
    if (!this.#routes.has(method)) this.#routes.set(method, route);
  }

  /** The route for a method: its own, GET's for HEAD, or that of any method. */
  get(method: string): Route | undefined {
    const route = this.#routes.get(method);
    if (route !== undefined) return route;
    const get = method === "HEAD" ? this.#routes.get("GET") : undefined;
    return get ?? this.#routes.get(ANY_METHOD);
  }

  /** Adds the methods that this endpoint has a route for to `methods`. */
  collect(methods: Set<string>): void {
    for (const method of this.#routes.keys()) methods.add(method);
  }
}

/** The value of `Allow` for methods with a route (RFC 9110 10.2.1). */
export function allowOf(methods: ReadonlySet<string>): string {
  const all = new Set(methods).add("OPTIONS");
  if (all.has("GET")) all.add("HEAD");
  if (all.delete(ANY_METHOD)) {
    for (const one of COMMON_METHODS) {
      all.add(one);
    }
  }
  const others = [...all].filter((one) => !COMMON_METHODS.includes(one));
  return COMMON_METHODS.filter((one) => all.has(one)).concat(others.sort())
    .join(", ");
}

class Node<Route> {
  readonly statics = new Map<string, Node<Route>>();
  readonly regexes: { regex: RegExp; node: Node<Route> }[] = [];
  param: Node<Route> | null = null;
  end: Endpoint<Route> | null = null;
  rest: Endpoint<Route> | null = null;

  childOf(segment: Segment): Node<Route> {
    if (segment.kind === "static") return this.#staticChild(segment.text);
    if (segment.kind === "rest") return this;
    if (segment.regex === null) return this.param ??= new Node();
    return this.#regexChild(segment.regex);
  }

  #staticChild(text: string): Node<Route> {
    const known = this.statics.get(text);
    if (known !== undefined) return known;
    const node = new Node<Route>();
    this.statics.set(text, node);
    return node;
  }

  #regexChild(regex: RegExp): Node<Route> {
    const known = this.regexes.find((one) => one.regex.source === regex.source);
    if (known !== undefined) return known.node;
    const node = new Node<Route>();
    this.regexes.push({ regex, node });
    return node;
  }
}

// Looks the same whether a static, a regex or a plain segment led here, so the
// order of the steps below is the whole of the precedence.
function find<Route>(
  node: Node<Route>,
  path: readonly string[],
  at: number,
  method: string,
): Route | undefined {
  if (at === path.length) {
    return node.end?.get(method) ?? node.rest?.get(method);
  }
  const text = path[at];
  const child = node.statics.get(text);
  let route = child && find(child, path, at + 1, method);
  if (route !== undefined) return route;
  if (text !== "") {
    for (const { regex, node: next } of node.regexes) {
      if (regex.test(text)) route = find(next, path, at + 1, method);
      if (route !== undefined) return route;
    }
    if (node.param !== null) route = find(node.param, path, at + 1, method);
  }
  return route ?? node.rest?.get(method);
}

function collect<Route>(
  node: Node<Route>,
  path: readonly string[],
  at: number,
  methods: Set<string>,
): void {
  node.rest?.collect(methods);
  if (at === path.length) return node.end?.collect(methods);
  const text = path[at];
  const child = node.statics.get(text);
  if (child !== undefined) collect(child, path, at + 1, methods);
  if (text === "") return;
  for (const { regex, node: next } of node.regexes) {
    if (regex.test(text)) collect(next, path, at + 1, methods);
  }
  if (node.param !== null) collect(node.param, path, at + 1, methods);
}

/**
 * Routes by path and method. At each segment a static one beats a parameter
 * with a regex, that beats a plain one, and that a wildcard, whatever the order
 * they were added in. A path that fails further down, or lacks the method
 * there, goes on with the next best.
 */
export class RouteTree<Route> {
  readonly #root = new Node<Route>();
  readonly #whole = new Map<string, Endpoint<Route>>();
  readonly #methods = new Set<string>();

  /** Adds a route for the segments of a pattern. */
  add(method: string, segments: readonly Segment[], route: Route): void {
    let node = this.#root;
    for (const segment of segments) node = node.childOf(segment);
    const last = segments[segments.length - 1];
    const endpoint = last.kind === "rest"
      ? node.rest ??= new Endpoint()
      : node.end ??= new Endpoint();
    endpoint.add(method, route);
    this.#methods.add(method);
    if (segments.every((segment) => segment.kind === "static")) {
      this.#whole.set(shapeOf(segments), endpoint);
    }
  }

  /** The methods of all routes. */
  get methods(): ReadonlySet<string> {
    return this.#methods;
  }

  /** The route of a path without an escape, if all its segments are static. */
  findWhole(path: string, method: string): Route | undefined {
    return this.#whole.get(path)?.get(method);
  }

  /** The best route for the decoded segments of a path. */
  find(path: readonly string[], method: string): Route | undefined {
    return find(this.#root, path, 0, method);
  }

  /** The methods of all routes that match the decoded segments of a path. */
  methodsOf(path: readonly string[]): ReadonlySet<string> {
    const methods = new Set<string>();
    collect(this.#root, path, 0, methods);
    return methods;
  }
}
