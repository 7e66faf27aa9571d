/**
 * The middleware that options put around a directory or an object with `fetch`.
 *
 * @module
 */

import { HealthCheck } from "../../handlers/health.ts";
import type { Handler, Middleware } from "../../http/handler.ts";
import { basicAuth } from "../../middleware/basic_auth.ts";
import { compression } from "../../middleware/compression.ts";
import { cors } from "../../middleware/cors.ts";
import {
  type LogFormat,
  logging,
  type LoggingOptions,
} from "../../middleware/logging/mod.ts";
import { rateLimit } from "../../middleware/rate_limit/mod.ts";
import { splitHeader } from "../config/checks.ts";
import { firstLine, misuse } from "../errors.ts";
import type { Settings } from "../config/settings.ts";
import { parseUsers, type Users, usersOf, verifierOf } from "./users.ts";

/** What the layers need to know of where they run. */
export interface LayerContext {
  /** Whether the log is read by people. */
  readonly isTerminal: boolean;
  /** Where the log goes. @default {standard output} */
  readonly sink?: LoggingOptions["sink"];
  /** True if the server is going to listen. @default {false} */
  readonly isServing?: boolean;
  /** Called for each request that the server has failed to answer. */
  readonly failed?: () => void;
}

const WINDOWS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const ISOLATION: readonly [name: string, value: string][] = [
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Embedder-Policy", "require-corp"],
];

/** Answers one path, and leaves all others to those behind. */
function route(path: string, handler: Handler<unknown, unknown>): Middleware {
  return function route(request, next) {
    const isRead = request.method === "GET" || request.method === "HEAD";
    return isRead && request.path === path ? handler(request) : next();
  };
}

/** Adds fields to every answer. */
function fields(pairs: readonly (readonly [string, string])[]): Middleware {
  return async function fields(_request, next) {
    const response = await next();
    for (const [name, value] of pairs) response.headers.set(name, value);
    return response;
  };
}

function countFailures(failed: () => void): Middleware {
  return function countFailures(request, next) {
    request.onEnd(({ status }) => {
      if (status !== null && status >= 500) failed();
    });
    return next();
  };
}

/** The paths that answer for the health of the server. */
function healthPaths(settings: Settings): string[] {
  const path = settings.text("health");
  return path === null ? [] : [path, `${path}/live`, `${path}/ready`];
}

function logLayers(settings: Settings, context: LayerContext): Middleware[] {
  const format = settings.text("log") ?? (context.isTerminal ? "text" : "json");
  if (format === "off" || settings.isOn("quiet")) return [];
  const quiet = healthPaths(settings);
  return [logging({
    format: format as LogFormat,
    sink: context.sink,
    // Probes come every few seconds, and say nothing new while all is well.
    skip: (request, response) =>
      response.status === 200 && quiet.includes(request.path),
  })];
}

function healthLayers(settings: Settings): Middleware[] {
  const health = new HealthCheck();
  const handlers = [health.handle, health.liveness, health.readiness];
  return healthPaths(settings).map((path, at) => route(path, handlers[at]));
}

function fieldLayers(settings: Settings): Middleware[] {
  const pairs = settings.list("headers").map(splitHeader);
  const all = settings.isOn("coop") ? [...ISOLATION, ...pairs] : pairs;
  return all.length === 0 ? [] : [fields(all)];
}

function corsLayers(settings: Settings): Middleware[] {
  const origins = settings.list("cors");
  if (origins.length === 0) return [];
  return [cors({ allowOrigins: origins.includes("*") ? "*" : origins })];
}

function rateLayers(settings: Settings): Middleware[] {
  const rate = settings.text("rateLimit");
  if (rate === null) return [];
  const [limit, unit] = rate.split("/");
  return [rateLimit({
    algorithm: "sliding-window",
    limit: Number(limit),
    windowMs: WINDOWS[unit],
  })];
}

async function readUsers(path: string): Promise<Users> {
  try {
    return parseUsers(path, await Deno.readTextFile(path));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw misuse(
      `cannot read the users of ${JSON.stringify(path)}: ${firstLine(error)}`,
    );
  }
}

async function authLayers(settings: Settings): Promise<Middleware[]> {
  const path = settings.text("authFile");
  const users = path === null ? [] : await readUsers(path);
  const all = new Map([...users, ...usersOf(settings.list("auth"))]);
  return all.size === 0 ? [] : [basicAuth({ verify: verifierOf(all) })];
}

interface MetricsLayers {
  readonly measure: Middleware[];
  readonly show: Middleware[];
}

// Loaded only where it is wanted: it brings a package.
async function metricsLayers(settings: Settings): Promise<MetricsLayers> {
  const path = settings.text("metrics");
  if (path === null) return { measure: [], show: [] };
  const { Metrics } = await import("../../middleware/metrics/mod.ts");
  const metrics = new Metrics();
  return {
    measure: [metrics.middleware],
    show: [route(path, metrics.handler)],
  };
}

/**
 * The middleware that the options ask for, the outermost first. Health checks
 * are open to all; metrics are not, where there are users.
 *
 * @throws {CliError} If the file of users cannot be used.
 */
export async function answerLayers(
  settings: Settings,
  context: LayerContext,
): Promise<Middleware[]> {
  const { measure, show } = await metricsLayers(settings);
  const { failed } = context;
  return [
    ...measure,
    ...(failed === undefined ? [] : [countFailures(failed)]),
    ...logLayers(settings, context),
    ...fieldLayers(settings),
    ...healthLayers(settings),
    ...corsLayers(settings),
    // Before the passwords: guesses are limited too.
    ...rateLayers(settings),
    ...await authLayers(settings),
    ...show,
    ...(settings.isOn("compress") ? [compression()] : []),
  ];
}
