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

/**
 * The routes of one shape, a chain of one link a method: they are few, and the
 * first is mostly the one.
 */
class Endpoint<Route> {
  readonly method: string;
  readonly route: Route;
  next: Endpoint<Route> | null = null;

  constructor(method: string, route: Route) {
    this.method = method;
    this.route = route;
  }
}

function append<Route>(
  first: Endpoint<Route> | null,
  method: string,
  route: Route,
): Endpoint<Route> {
  const added = new Endpoint(method, route);
  if (first === null) return added;
  let last = first;
  while (last.next !== null) last = last.next;
  last.next = added;
  return first;
}

function exactly<Route>(
  first: Endpoint<Route> | null,
  method: string,
): Route | undefined {
  for (let one = first; one !== null; one = one.next) {
    if (one.method === method) return one.route;
  }
  return undefined;
}

// The route for a method: its own, GET's for HEAD, or that of any method.
function routeOf<Route>(
  first: Endpoint<Route> | null,
  method: string,
): Route | undefined {
  if (first === null) return undefined;
  if (first.method === method) return first.route;
  return exactly(first, method) ??
    (method === "HEAD" ? exactly(first, "GET") : undefined) ??
    exactly(first, ANY_METHOD);
}

function addMethods<Route>(
  first: Endpoint<Route> | null,
  methods: Set<string>,
): void {
  for (let one = first; one !== null; one = one.next) methods.add(one.method);
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

// To hash a text nobody has hashed yet takes longer than all other steps. So
// first a look at what costs nothing: a bit for what the texts of a set have in
// common. A text without its bit is not in the set.
const BITS = 4096;

function mixOf(text: string): number {
  const { length } = text;
  return length * 67 + text.charCodeAt(length >> 1) * 29 +
    text.charCodeAt(length - 1) * 13;
}

// Of "" too, for which charCodeAt() gives NaN.
function bitOf(text: string): number {
  return 1 << (mixOf(text) & 31);
}

// Thousands of nodes must fit the processor's cache: none has what it lacks.
class Node<Route> {
  #statics: Map<string, Node<Route>> | null = null;
  #staticBits = 0;
  regexes: { regex: RegExp; node: Node<Route> }[] | null = null;
  param: Node<Route> | null = null;
  end: Endpoint<Route> | null = null;
  rest: Endpoint<Route> | null = null;

  childOf(segment: Segment): Node<Route> {
    if (segment.kind === "static") return this.#staticChild(segment.text);
    if (segment.kind === "rest") return this;
    if (segment.regex === null) return this.param ??= new Node();
    return this.#regexChild(segment.regex);
  }

  /** The child for a segment that is `text`, if there is one. */
  staticFor(text: string): Node<Route> | undefined {
    return (this.#staticBits & bitOf(text)) === 0
      ? undefined
      : this.#statics?.get(text);
  }

  #staticChild(text: string): Node<Route> {
    this.#statics ??= new Map();
    const known = this.#statics.get(text);
    if (known !== undefined) return known;
    const node = new Node<Route>();
    this.#statics.set(text, node);
    this.#staticBits |= bitOf(text);
    return node;
  }

  #regexChild(regex: RegExp): Node<Route> {
    this.regexes ??= [];
    const known = this.regexes.find((one) => one.regex.source === regex.source);
    if (known !== undefined) return known.node;
    const node = new Node<Route>();
    this.regexes.push({ regex, node });
    return node;
  }
}

// Each node is asked at most once a request: the cost is bounded by the routes
// registered, whatever the path.
function find<Route>(
  node: Node<Route>,
  path: readonly string[],
  at: number,
  method: string,
): Route | undefined {
  if (at === path.length) {
    return routeOf(node.end, method) ?? routeOf(node.rest, method);
  }
  const text = path[at];
  const child = node.staticFor(text);
  let route = child && find(child, path, at + 1, method);
  if (route !== undefined) return route;
  if (text !== "") {
    if (node.regexes !== null) {
      route = findByRegex(node.regexes, path, at, method);
      if (route !== undefined) return route;
    }
    if (node.param !== null) route = find(node.param, path, at + 1, method);
  }
  return route ?? routeOf(node.rest, method);
}

function findByRegex<Route>(
  regexes: readonly { regex: RegExp; node: Node<Route> }[],
  path: readonly string[],
  at: number,
  method: string,
): Route | undefined {
  for (const { regex, node } of regexes) {
    if (!regex.test(path[at])) continue;
    const route = find(node, path, at + 1, method);
    if (route !== undefined) return route;
  }
  return undefined;
}

function collect<Route>(
  node: Node<Route>,
  path: readonly string[],
  at: number,
  methods: Set<string>,
): void {
  addMethods(node.rest, methods);
  if (at === path.length) return addMethods(node.end, methods);
  const text = path[at];
  const child = node.staticFor(text);
  if (child !== undefined) collect(child, path, at + 1, methods);
  if (text === "") return;
  for (const { regex, node: next } of node.regexes ?? []) {
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
  readonly #whole = new Map<string, Node<Route>>();
  readonly #wholeBits = new Uint8Array(BITS);
  readonly #methods = new Set<string>();

  /** Adds a route for the segments of a pattern. */
  add(method: string, segments: readonly Segment[], route: Route): void {
    let node = this.#root;
    for (const segment of segments) node = node.childOf(segment);
    const last = segments[segments.length - 1];
    if (last.kind === "rest") node.rest = append(node.rest, method, route);
    else node.end = append(node.end, method, route);
    this.#methods.add(method);
    if (segments.every((segment) => segment.kind === "static")) {
      const path = shapeOf(segments);
      this.#whole.set(path, node);
      this.#wholeBits[mixOf(path) & (BITS - 1)] = 1;
    }
  }

  /** The methods of all routes. */
  get methods(): ReadonlySet<string> {
    return this.#methods;
  }

  /** The route of a path without an escape, if all its segments are static. */
  findWhole(path: string, method: string): Route | undefined {
    if (this.#wholeBits[mixOf(path) & (BITS - 1)] === 0) return undefined;
    const node = this.#whole.get(path);
    return node && routeOf(node.end, method);
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
