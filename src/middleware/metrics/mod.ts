/**
 * {@linkcode Metrics}: what happens on a server as numbers for Prometheus, by
 * the package `prom-client`.
 *
 * @example Metrics at a path
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { Metrics } from "@x/httpserver/metrics";
 * import { assertEquals } from "@std/assert";
 *
 * const metrics = new Metrics();
 * const server = new HttpServer();
 * server.use(metrics.middleware).get("/metrics", metrics.handler);
 * server.get("/", () => ok("hello"));
 * await server.inject({});
 * const text = await (await server.inject({ path: "/metrics" })).text();
 * assertEquals(text.includes("http_server_requests_total"), true);
 * ```
 *
 * @module
 */

import { Counter, Gauge, Registry } from "prom-client";
import { checkFunction } from "../../http/checks.ts";
import type { Handler, Middleware } from "../../http/handler.ts";
import { accepts } from "../../http/negotiation.ts";
import { checkOptionNames } from "../../http/option_names.ts";
import type { AnyRequest } from "../../http/request.ts";
import type { RequestEnd } from "../../http/request_end.ts";
import { HttpResponse } from "../../http/response.ts";
import type { ServerState } from "../../http/server_state.ts";
import { describeValue } from "../../http/values.ts";
import { Exposition, EXPOSITION_TYPES } from "./exposition.ts";
import { addProcessMetrics } from "./process_metrics.ts";
import type { Register } from "./register.ts";
import { addRequestMetrics } from "./request_metrics.ts";
import { SeriesTable } from "./series.ts";
import { addServerMetrics } from "./server_metrics.ts";

/** A registry of metrics; a `Registry` of `prom-client` is one. */
export interface MetricsRegistry {
  /** Adds a metric. */
  registerMetric(metric: never): void;
  /** All metrics as text. */
  metrics(): Promise<string>;
}

/** Options of {@linkcode Metrics}. */
export interface MetricsOptions {
  /**
   * What the names of all metrics of requests and servers begin with: letters,
   * digits, `_` and `:`, no digit first.
   *
   * @default {"http_server_"}
   */
  prefix?: string;
  /**
   * The upper bounds of the duration histogram: seconds, ascending.
   *
   * @default {[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]}
   */
  buckets?: readonly number[];
  /**
   * The registry that the metrics are added to, and that is shown: of the
   * application, with metrics of its own.
   *
   * @default {new Registry()}
   */
  registry?: MetricsRegistry;
  /**
   * Whether memory, processor time and start time of the process are among the
   * metrics, and with all permissions its open descriptors, named `process_...`
   * without the prefix.
   *
   * @default {true}
   */
  process?: boolean;
  /**
   * Tells which requests not to count, such as scrapes and health checks.
   *
   * @default {undefined} none
   */
  skip?: (request: AnyRequest) => boolean;
}

const OPTION_NAMES: readonly (keyof MetricsOptions)[] = [
  "prefix",
  "buckets",
  "registry",
  "process",
  "skip",
];
const DEFAULT_BUCKETS: readonly number[] = [
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
];

function checkPrefix(prefix: string): string {
  if (typeof prefix === "string" && /^(?:[a-zA-Z_:][\w:]*)?$/.test(prefix)) {
    return prefix;
  }
  throw new TypeError(
    `Cannot begin the names of metrics with ${
      describeValue(prefix)
    }: take letters, digits, "_" and ":", no digit first`,
  );
}

function checkBuckets(buckets: readonly number[]): readonly number[] {
  if (!Array.isArray(buckets) || buckets.length === 0) {
    throw new TypeError(
      `Cannot use ${
        describeValue(buckets)
      } as "buckets" of Metrics: take a list of seconds, such as [0.1, 1, 10]`,
    );
  }
  let before = 0;
  for (const bound of buckets) {
    if (!(bound > before && bound < Infinity)) {
      throw new RangeError(
        `Cannot use ${
          describeValue(bound)
        } in "buckets" of Metrics: take seconds above ${before}`,
      );
    }
    before = bound;
  }
  return [...buckets];
}

function checkOptions(options: MetricsOptions): void {
  checkOptionNames("Metrics", options, OPTION_NAMES);
  const { registry, skip } = options;
  // By shape: an application may have another copy of the package.
  if (
    registry !== undefined && typeof registry?.registerMetric !== "function"
  ) {
    throw new TypeError(
      `Cannot use ${
        describeValue(registry)
      } as "registry" of Metrics: take a Registry of npm:prom-client`,
    );
  }
  checkFunction('"skip" of Metrics', skip);
}

/**
 * Metrics of requests and of the servers that take them.
 *
 * | name | what |
 * | --- | --- |
 * | `http_server_requests_total` | requests that have ended, by `method`, `route`, `status` |
 * | `http_server_request_duration_seconds` | histogram of the same: from the request's head to the last byte of its answer |
 * | `http_server_active_requests` | requests that have not ended |
 * | `http_server_cut_responses_total` | answers that were not sent whole |
 * | `http_server_open_connections`, `..._connections_total` | open now, and accepted |
 * | `http_server_received_bytes_total`, `..._sent_bytes_total` | on sockets, TLS left out |
 * | `http_server_protocol_errors_total` | refused messages, by `status` |
 * | `http_server_timeouts_total` | by `phase`: `headers`, `body`, `handler`, `write` |
 * | `http_server_overloads_total` | answered 503 because of a limit |
 * | `http_server_event_loop_lag_seconds` | the longest of the last 10 to 20 seconds |
 * | `process_...` | processor time, memory, start time, open descriptors |
 *
 * No label holds what a client made up, so the number of series is bounded:
 * `route` is the pattern of the route, `"none"` without one, and a method that
 * HTTP does not define is `"OTHER"`. A request that got no answer, as its client
 * left, has the status `"none"`.
 *
 * Counters of sockets are 0 where the server has none, as through `server.fetch`.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { Metrics } from "@x/httpserver/metrics";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const metrics = new Metrics();
 * const server = new HttpServer()
 *   .use(metrics.middleware)
 *   .get("/users/:id", (request) => ok(request.params))
 *   .get("/metrics", metrics.handler);
 * await server.inject({ path: "/users/7" });
 * const response = await server.inject({ path: "/metrics" });
 * assertStringIncludes(
 *   await response.text(),
 *   'requests_total{method="GET",route="/users/:id",status="200"} 1',
 * );
 * ```
 */
export class Metrics {
  readonly #table: SeriesTable;
  readonly #exposition: Exposition;
  readonly #servers = new Set<ServerState>();
  readonly #skip: ((request: AnyRequest) => boolean) | undefined;
  #lastServer: ServerState | null = null;
  #active = 0;
  #cut = 0;

  /**
   * Makes the metrics and adds them to the registry.
   *
   * @throws {TypeError} If an option is unknown or of the wrong kind.
   * @throws {RangeError} If the buckets do not ascend from above 0.
   * @throws {Error} If the registry has a metric of one of the names.
   */
  constructor(options: MetricsOptions = {}) {
    checkOptions(options);
    const { process = true } = options;
    const registry = options.registry as Registry ?? new Registry();
    const { prefix = "http_server_", buckets = DEFAULT_BUCKETS } = options;
    const start = checkPrefix(prefix);
    this.#skip = options.skip;
    this.#exposition = new Exposition(registry);
    this.#table = new SeriesTable(checkBuckets(buckets));
    this.#addAll((name, help) => ({
      name: start + name,
      help,
      registers: [registry],
    }));
    if (process) addProcessMetrics(registry);
  }

  #addAll(register: Register): void {
    const active = () => this.#active;
    const cut = () => this.#cut;
    addRequestMetrics(register, this.#table);
    new Gauge({
      ...register("active_requests", "Requests that have not ended"),
      collect() {
        this.set(active());
      },
    });
    new Counter({
      ...register("cut_responses_total", "Answers that were not sent whole"),
      collect() {
        this.reset();
        this.inc(cut());
      },
    });
    addServerMetrics(
      register,
      () => [...this.#servers].map((server) => server.stats()),
    );
  }

  /**
   * Measures the requests that pass, and from the first one on what their server
   * counts: connections, bytes, errors, time-outs. It reads the method, the route
   * and how the request ended, and sets nothing. Its place: first of all.
   */
  readonly middleware: Middleware = (request, next) => {
    const { server } = request;
    if (server !== this.#lastServer) this.#meet(server);
    if (this.#skip?.(request)) return next();
    const start = performance.now();
    this.#active++;
    request.onEnd((end) => this.#ended(request, end, start));
    return next();
  };

  /**
   * Shows the registry in the text format of Prometheus, or as OpenMetrics to
   * those who prefer that by `Accept`. It may be on another server, such as one
   * that only the machine itself can reach.
   */
  readonly handler: Handler<unknown, unknown> = async (request) => {
    const type = accepts(request.header("accept"), EXPOSITION_TYPES) ??
      EXPOSITION_TYPES[0];
    const body = await this.#exposition.write(type);
    return new HttpResponse({
      headers: {
        "content-type": type,
        "cache-control": "no-store",
        vary: "Accept",
      },
      body,
    });
  };

  #meet(server: ServerState): void {
    this.#lastServer = server;
    this.#servers.add(server);
  }

  #ended(request: AnyRequest, end: RequestEnd, start: number): void {
    const seconds = (performance.now() - start) / 1000;
    const { method, route } = request;
    this.#active--;
    if (!end.isComplete) this.#cut++;
    this.#table.observe(method, route, end.status, seconds);
  }
}
