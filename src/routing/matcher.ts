/**
 * {@linkcode Matcher}: a router and all that is mounted in it, made ready to
 * answer requests.
 *
 * @module
 */

import { HttpError } from "../http/errors.ts";
import type { ErrorHandler } from "../http/handler.ts";
import { errorResponse } from "../http/problem.ts";
import { type AnyRequest, bodyOf, memoOf } from "../http/request.ts";
import { HttpResponse } from "../http/response.ts";
import { rawPath } from "../http/target_path.ts";
import {
  type Answer,
  type AnyHandler,
  type AnyMiddleware,
  type Run,
  runHandler,
  runMiddleware,
  runRoute,
  type Step,
} from "./compose.ts";
import type { Route, RouteGroup } from "./group.ts";
import {
  coverageOf,
  covers,
  decodeSegments,
  restOf,
  splitPath,
} from "./path.ts";
import {
  joinPattern,
  joinPrefix,
  type Pattern,
  type Prefix,
  ROOT,
  type Segment,
} from "./pattern.ts";
import { setRoute } from "./set_route.ts";
import { allowOf, ANY_METHOD, RouteTree } from "./tree.ts";

/** Where a parameter stands in the path. */
interface Slot {
  readonly name: string;
  readonly at: number;
  readonly isRest: boolean;
}

interface CompiledRoute {
  readonly pattern: string;
  readonly slots: readonly Slot[];
  readonly bodyBytes: number | null;
  readonly run: Run;
}

interface PlacedLayer {
  readonly prefix: Prefix;
  readonly middleware: AnyMiddleware;
  readonly step: Step;
}

/** A router at its place, with what it inherits. */
interface Scope {
  readonly prefix: Prefix;
  /** How many routers it is mounted in. */
  readonly level: number;
  readonly layers: readonly PlacedLayer[];
  readonly onError: ErrorHandler | null;
  readonly notFound: AnyHandler | null;
}

/** A scope that can answer what no route does. */
interface Fallback {
  readonly scope: Scope;
  readonly run: Run;
}

const OUTSIDE: Scope = {
  prefix: ROOT,
  level: -1,
  layers: [],
  onError: null,
  notFound: null,
};

// Made once: to record where it was made costs more than the rest of a 404, and
// tells nothing.
const NOT_FOUND = new HttpError(404, "No route matches the path");

const REST: Segment = { kind: "rest", name: "" };

function enterScope(group: RouteGroup, prefix: Prefix, outer: Scope): Scope {
  const onError = group.onError ?? outer.onError;
  const layers = group.layers.map((layer, at): PlacedLayer => ({
    prefix: joinPrefix(prefix, layer.prefix),
    middleware: layer.middleware,
    step: {
      name: nameOfMiddleware(layer.middleware),
      onError,
      isWrapped: outer.layers.length + at > 0,
    },
  }));
  return {
    prefix,
    level: outer.level + 1,
    layers: outer.layers.concat(layers),
    onError,
    notFound: group.notFound ?? outer.notFound,
  };
}

function nameOfMiddleware(middleware: AnyMiddleware): string {
  return middleware.name === ""
    ? "a middleware"
    : `the middleware ${middleware.name}`;
}

function runCovered(layer: PlacedLayer, inner: Run): Run {
  const run = runMiddleware(layer.middleware, inner, layer.step);
  return function runCovered(request) {
    const isCovered = covers(layer.prefix, splitPath(rawPath(request.target)));
    return isCovered ? run(request) : inner(request);
  };
}

// Whether a prefix applies is settled here, as far as the pattern tells.
function wrap(
  layers: readonly PlacedLayer[],
  segments: readonly Segment[],
  innermost: Run,
): Run {
  return layers.reduceRight((inner, layer) => {
    switch (coverageOf(layer.prefix, segments)) {
      case "none":
        return inner;
      case "all":
        return runMiddleware(layer.middleware, inner, layer.step);
      default:
        return runCovered(layer, inner);
    }
  }, innermost);
}

function slotsOf(segments: readonly Segment[]): readonly Slot[] {
  return segments.flatMap((segment, at) =>
    segment.kind === "static" || segment.name === ""
      ? []
      : [{ name: segment.name, at, isRest: segment.kind === "rest" }]
  );
}

function isLayered(route: Pattern, { layers }: Scope): boolean {
  return layers.some(({ prefix }) =>
    route.variants.some((segments) => coverageOf(prefix, segments) !== "none")
  );
}

function innerRun(route: Route, pattern: Pattern, scope: Scope): Run {
  const { onError } = scope;
  const { source } = pattern;
  const hasLayers = isLayered(pattern, scope);
  const method = route.method === ANY_METHOD ? "all methods" : route.method;
  const name = `the handler of ${method} ${source}`;
  return route.middleware.reduceRight<Run>(
    (inner, one, at) =>
      runMiddleware(one, inner, {
        name: `${nameOfMiddleware(one)} of ${method} ${source}`,
        onError,
        isWrapped: hasLayers || at > 0,
      }),
    runRoute(route.handler, {
      name,
      onError,
      isWrapped: hasLayers || route.middleware.length > 0,
      parameters: route.handler.length,
    }, route.bodyBytes),
  );
}

/** What was found for a head. */
interface Found {
  readonly route: CompiledRoute;
  readonly segments: readonly string[];
  readonly raw: readonly string[];
}

const NO_SEGMENTS: readonly string[] = [];

function paramsOf(
  slots: readonly Slot[],
  segments: readonly string[],
  raw: readonly string[],
): Readonly<Record<string, string>> | null {
  if (slots.length === 0) return null;
  // Without a prototype no name, not even "__proto__", is special.
  const params: Record<string, string> = Object.create(null);
  for (const { name, at, isRest } of slots) {
    params[name] = isRest ? restOf(raw, at) : segments[at];
  }
  return params;
}

function answer({ route, segments, raw }: Found, request: AnyRequest): Answer {
  setRoute(request, route.pattern, paramsOf(route.slots, segments, raw));
  if (route.bodyBytes !== null) {
    const body = bodyOf(request);
    if (body !== null) body.limit = route.bodyBytes;
  }
  return route.run(request);
}

function tryDecode(raw: readonly string[]): string[] | null {
  try {
    return decodeSegments(raw);
  } catch {
    return null;
  }
}

// More segments first, then static before regex before any, then the innermost.
function compareScopes({ scope: a }: Fallback, { scope: b }: Fallback): number {
  const left = a.prefix.segments;
  const right = b.prefix.segments;
  if (left.length !== right.length) return right.length - left.length;
  for (let at = 0; at < left.length; at++) {
    const order = rank(left[at]) - rank(right[at]);
    if (order !== 0) return order;
  }
  return b.level - a.level;
}

function rank(segment: Segment): number {
  if (segment.kind === "static") return 0;
  return segment.kind === "param" && segment.regex !== null ? 1 : 2;
}

/** Answers requests by the routes of a group and of all that is mounted in it. */
export class Matcher {
  readonly #tree = new RouteTree<CompiledRoute>();
  // Most routes have their parameters in common with others: one copy stays in
  // the processor's cache.
  readonly #slots = new Map<string, readonly Slot[]>();
  readonly #fallbacks: readonly Fallback[];
  readonly #outermost: Run;

  /** Folds and sorts all that is registered now. */
  constructor(group: RouteGroup) {
    const fallbacks: Fallback[] = [];
    this.#add(group, enterScope(group, ROOT, OUTSIDE), fallbacks);
    this.#outermost = fallbacks[0].run;
    this.#fallbacks = fallbacks.sort(compareScopes);
  }

  #add(group: RouteGroup, scope: Scope, fallbacks: Fallback[]): void {
    fallbacks.push({ scope, run: this.#fallbackRun(scope) });
    for (const route of group.routes) this.#addRoute(route, scope);
    for (const mount of group.mounts) {
      const prefix = joinPrefix(scope.prefix, mount.prefix);
      this.#add(mount.group, enterScope(mount.group, prefix, scope), fallbacks);
    }
  }

  #addRoute(route: Route, scope: Scope): void {
    const pattern = joinPattern(scope.prefix, route.pattern);
    const { source, variants } = pattern;
    const inner = innerRun(route, pattern, scope);
    for (const segments of variants) {
      this.#tree.add(route.method, segments, {
        pattern: source,
        slots: this.#slotsOf(segments),
        bodyBytes: route.bodyBytes,
        run: wrap(scope.layers, segments, inner),
      });
    }
  }

  #slotsOf(segments: readonly Segment[]): readonly Slot[] {
    const slots = slotsOf(segments);
    const key = JSON.stringify(slots);
    const known = this.#slots.get(key);
    if (known === undefined) this.#slots.set(key, slots);
    return known ?? slots;
  }

  #fallbackRun(scope: Scope): Run {
    const { notFound, onError } = scope;
    const answer404 = notFound ??
      ((request: AnyRequest) => errorResponse(NOT_FOUND, request));
    const run404 = runHandler(answer404, {
      name: "the notFound handler",
      onError,
      isWrapped: scope.layers.length > 0,
    });
    const segments = [...scope.prefix.segments, REST];
    return wrap(
      scope.layers,
      segments,
      (request) => this.#answerUnmatched(request, run404),
    );
  }

  #answerUnmatched(request: AnyRequest, run404: Run): Answer {
    const path = rawPath(request.target);
    const isOptions = request.method === "OPTIONS";
    if (path === "*") {
      return isOptions ? answerOptions(this.#tree.methods) : run404(request);
    }
    let methods: ReadonlySet<string>;
    try {
      methods = this.#tree.methodsOf(decodeSegments(splitPath(path)));
    } catch (error) {
      return errorResponse(error, request);
    }
    if (methods.size === 0) return run404(request);
    return isOptions ? answerOptions(methods) : answer405(methods, request);
  }

  /** Answers a request. Neither throws nor rejects. */
  handle(request: AnyRequest): Answer {
    const memo = memoOf(request);
    // Only this matcher leaves itself there.
    if (memo?.finder === this) return answer(memo.found as Found, request);
    const path = rawPath(request.target);
    if (path === "*") return this.#outermost(request);
    const found = this.#find(path, request.method);
    if (found === null) return this.#fallbackOf(splitPath(path))(request);
    if (memo !== null) {
      memo.finder = this;
      memo.found = found;
    }
    return answer(found, request);
  }

  #find(path: string, method: string): Found | null {
    const isPlain = !path.includes("%");
    const whole = isPlain ? this.#tree.findWhole(path, method) : undefined;
    if (whole !== undefined) {
      return { route: whole, segments: NO_SEGMENTS, raw: NO_SEGMENTS };
    }
    const raw = splitPath(path);
    const segments = isPlain ? raw : tryDecode(raw);
    if (segments === null) return null;
    const route = this.#tree.find(segments, method);
    return route === undefined ? null : { route, segments, raw };
  }

  #fallbackOf(raw: readonly string[]): Run {
    const found = this.#fallbacks.find(({ scope }) =>
      covers(scope.prefix, raw)
    );
    return found === undefined ? this.#outermost : found.run;
  }
}

function answerOptions(methods: ReadonlySet<string>): HttpResponse {
  return new HttpResponse({
    status: 204,
    headers: { Allow: allowOf(methods) },
  });
}

function answer405(
  methods: ReadonlySet<string>,
  request: AnyRequest,
): HttpResponse {
  const headers = { Allow: allowOf(methods) };
  const message = "The resource does not support the method";
  return errorResponse(new HttpError(405, message, { headers }), request);
}
