/**
 * Notes, with an account for each writer: what a whole application looks like.
 * `main.ts` runs it.
 */
import {
  type AnyRequest,
  HttpServer,
  Router,
  SignedCookies,
} from "@x/httpserver";
import { HealthCheck } from "@x/httpserver/handlers/health";
import { staticFiles } from "@x/httpserver/handlers/static";
import { Metrics } from "@x/httpserver/metrics";
import {
  bodyLimit,
  cacheControl,
  compression,
  csrf,
  etag,
  ipFilter,
  type LogFormat,
  logging,
  type LogSink,
  type LogWriter,
  overload,
  rateLimit,
  requestId,
  secureHeaders,
  timeout,
} from "@x/httpserver/middleware";
import { trustProxies } from "@x/httpserver/proxies";
import { accountRoutes } from "./account_routes.ts";
import { noteRoutes } from "./note_routes.ts";
import { Passwords } from "./passwords.ts";
import { Sessions } from "./sessions.ts";
import { NoteStore } from "./store.ts";

/** What an installation of the application decides. */
export interface NotesOptions {
  /** The SQLite file, or `:memory:`. */
  readonly database: string;
  /** What signs the cookies. @default {a secret kept in the database} */
  readonly sessionKeys?: readonly string[];
  /** Proxies whose word on clients is taken. @default {none} */
  readonly trustedProxies?: readonly string[];
  /** How often an address may try to sign in or up in 5 minutes. @default {20} */
  readonly attempts?: number;
  /** Rounds of PBKDF2. @default {600_000} */
  readonly passwordIterations?: number;
  /** The form of the log. @default {"text"} */
  readonly logFormat?: LogFormat;
  /** Where the log goes. @default {standard output} */
  readonly logSink?: LogSink | LogWriter;
  /** The time of day, in milliseconds since 1970. @default {Date.now} */
  readonly now?: () => number;
}

const SITE = new URL("./site/", import.meta.url);
const WATCHED = /^\/(?:health|metrics)(?:\/|$)/;

/** The page needs its own files and its own API, and nothing else. */
const POLICY = {
  "default-src": ["'none'"],
  "script-src": ["'self'"],
  "style-src": ["'self'"],
  "img-src": ["'self'"],
  "connect-src": ["'self'"],
  "base-uri": ["'none'"],
  "form-action": ["'self'"],
  "frame-ancestors": ["'none'"],
  "require-trusted-types-for": ["'script'"],
};

function isWatching(request: AnyRequest): boolean {
  return WATCHED.test(request.path);
}

function healthOf(store: NoteStore): HealthCheck {
  return new HealthCheck({ details: "none" }).addCheck("database", () => {
    store.check();
    return { healthy: true };
  }, { timeoutMs: 2_000, cacheMs: 1_000 });
}

/** The API: who asks is known, and forged and overlong requests are refused. */
function api(store: NoteStore, options: NotesOptions): Router {
  const { now = Date.now, attempts = 20 } = options;
  const keys = options.sessionKeys ?? [store.secret("cookies")];
  const sessions = new Sessions(store, new SignedCookies({ keys }), now);
  const limit = rateLimit({
    name: "sign-in",
    algorithm: "sliding-window",
    limit: attempts,
    windowMs: 5 * 60_000,
    message: "Too many attempts: wait some minutes",
  });
  const passwords = new Passwords(options.passwordIterations);
  const router = new Router();
  router.use(csrf(), bodyLimit(128 * 1024), timeout(10_000))
    .use(sessions.read())
    .mount("/", accountRoutes({ store, passwords, sessions, limit }))
    .mount("/notes", noteRoutes(store));
  return router;
}

/**
 * Makes the application. Its database is closed once the server has shut down.
 */
export function createApp(options: NotesOptions): HttpServer {
  const store = new NoteStore(options.database, options.now);
  const metrics = new Metrics({ skip: isWatching });
  const health = healthOf(store);
  const server = new HttpServer({
    clientAddress: options.trustedProxies &&
      trustProxies(options.trustedProxies),
  });
  server.finished.then(() => store[Symbol.dispose]());

  // From the outside in; the first sees what all the others answer.
  server
    .use(
      metrics.middleware,
      requestId(),
      logging({
        format: options.logFormat,
        sink: options.logSink,
        skip: isWatching,
      }),
    )
    .use(overload({ maxInFlight: 500, exempt: isWatching }))
    .use(
      secureHeaders({
        contentSecurityPolicy: POLICY,
        xFrameOptions: "DENY",
        permissionsPolicy: { camera: [], microphone: [], geolocation: [] },
      }),
    )
    // Everything is asked for anew, and mostly answered 304.
    .use(compression(), cacheControl({ noCache: true, private: true }), etag());

  server.use("/metrics", ipFilter({ allow: ["loopback", "private"] }));
  server
    .get("/metrics", metrics.handler)
    .get("/health/live", health.liveness)
    .get("/health/ready", health.readiness)
    .get("/health/startup", health.startup)
    .mount("/api", api(store, options))
    .get("/*path", staticFiles({ root: SITE, etag: "strong" }));
  return server;
}
