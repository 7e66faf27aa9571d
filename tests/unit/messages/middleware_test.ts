/** Messages that an application author can meet. */
import { API, checkMistakes } from "../../support/messages.ts";

const {
  HealthCheck,
  basicAuth,
  bearerAuth,
  bodyLimit,
  cacheControl,
  compression,
  cors,
  csrf,
  etag,
  ipFilter,
  language,
  logging,
  overload,
  rateLimit,
  recover,
  requestId,
  secureHeaders,
  staticFiles,
  timeout,
  trailingSlash,
} = API;

Deno.test("middleware and handlers tell what is wrong with their options, and how to mend it", async () => {
  await checkMistakes([
    [
      () => cors("*"),
      TypeError,
      'Cannot use "*" as options of cors: take an object with any of allowOrigins',
    ],
    [
      () => cors({ origin: "*" }),
      TypeError,
      'Cannot find "origin" among the options of cors: do you mean "allowOrigins"? there are allowOrigins',
    ],
    [
      () => cors({ allowOrigins: "https://a.com" }),
      TypeError,
      'Cannot use "https://a.com" as "allowOrigins" of cors: take "*", a list of origins, a RegExp or a function',
    ],
    [
      () => cors({ allowOrigins: ["https://a.com/"] }),
      TypeError,
      'Cannot allow the origin "https://a.com/": write it as browsers send it, "https://a.com"',
    ],
    [
      () => cors({ allowCredentials: true }),
      TypeError,
      'Cannot allow credentials for the origin "*" by cors: list the origins in "allowOrigins"',
    ],
    [
      () => cors({ allowOrigins: "*", maxAge: "1d" }),
      TypeError,
      'Cannot use "1d" as "maxAge" of cors: take a whole number of seconds from 0',
    ],
    [
      () => cors({ allowOrigins: "*", allowHeaders: "x-a, x-b" }),
      TypeError,
      'Cannot use "x-a, x-b" as "allowHeaders" of cors: take a list of names of headers',
    ],
    [
      () => rateLimit(),
      TypeError,
      "Cannot use undefined as options of rateLimit: take an object with any of requestsPerSecond",
    ],
    [
      () => rateLimit({ max: 5, windowMs: 5 }),
      TypeError,
      'Cannot find "max" among the options of rateLimit with algorithm "token-bucket": there are requestsPerSecond',
    ],
    [
      () => rateLimit({ requestsPerSecond: "5" }),
      TypeError,
      'Cannot use "5" as "requestsPerSecond" of rateLimit: take a number above 0',
    ],
    [
      () => rateLimit({ requestsPerSecond: 5, key: "ip" }),
      TypeError,
      'Cannot use "ip" as "key" of rateLimit: take a function or { header: name }',
    ],
    [
      () => compression("gzip"),
      TypeError,
      'Cannot use "gzip" as options of compression: take an object with any of minSize',
    ],
    [
      () => compression({ threshold: 5 }),
      TypeError,
      'Cannot find "threshold" among the options of compression: there are minSize',
    ],
    [
      () => compression({ encodings: ["brotli"] }),
      TypeError,
      'Cannot compress by "brotli": take zstd, br, gzip, deflate',
    ],
    [
      () => timeout("5s"),
      TypeError,
      'Cannot use "5s" as the time of timeout: take a number of milliseconds from 1 to 2147483647',
    ],
    [
      () => timeout({ ms: 5 }),
      TypeError,
      "Cannot use a plain object as the time of timeout: take a number of milliseconds from 1 to 2147483647",
    ],
    [
      () => bodyLimit("1mb"),
      TypeError,
      'Cannot use "1mb" as the limit of bodyLimit: take a whole number of bytes from 0',
    ],
    [
      () => basicAuth({}),
      TypeError,
      'Cannot make basicAuth with neither: take "users" or "verify"',
    ],
    [
      () => basicAuth({ username: "a", password: "b" }),
      TypeError,
      'Cannot find "username" among the options of basicAuth: there are users',
    ],
    [
      () => basicAuth({ users: [["a", "b"]] }),
      TypeError,
      'Cannot use an array as "users" of basicAuth: take passwords by name, such as { ada: "secret" }',
    ],
    [
      () => bearerAuth("x"),
      TypeError,
      'Cannot use "x" as options of bearerAuth: take an object with any of tokens',
    ],
    [
      () => bearerAuth({ token: "x" }),
      TypeError,
      'Cannot find "token" among the options of bearerAuth: do you mean "tokens"? there are tokens',
    ],
    [
      () => logging({ format: "dev" }),
      TypeError,
      'Cannot log in format "dev": take "text", "json", "combined" or "logfmt" or a function',
    ],
    [
      () => logging({ sink: "x.log" }),
      TypeError,
      'Cannot log to "x.log": take a function, or a sink such as fileSink({ path: "access.log" })',
    ],
    [
      () => requestId({ header: "x request" }),
      TypeError,
      'Cannot take the request id from the header "x request": take the name of a field, such as "x-request-id"',
    ],
    [
      () => secureHeaders({ hsts: false }),
      TypeError,
      'Cannot find "hsts" among the options of secureHeaders: there are contentSecurityPolicy',
    ],
    [
      () => etag({ weak: "yes" }),
      TypeError,
      'Cannot use "yes" as "weak" of etag: take true or false',
    ],
    [
      () => cacheControl({ maxAge: "1h" }),
      RangeError,
      'Cannot write Cache-Control with maxAge "1h": take whole seconds from 0',
    ],
    [
      () => cacheControl(),
      TypeError,
      "Cannot use undefined as options of cacheControl: take an object with any of maxAge",
    ],
    [
      () => ipFilter({ allow: ["192.168.1.*"] }),
      TypeError,
      'Cannot use "192.168.1.*" as an address range: take an IP address, a CIDR such as "10.0.0.0/8", or loopback, linklocal, private, uniquelocal',
    ],
    [
      () => ipFilter(),
      TypeError,
      "Cannot use undefined as options of ipFilter: take an object with any of allow",
    ],
    [
      () => ipFilter({ allow: "private" }),
      TypeError,
      'Cannot use "private" as "allow" of ipFilter: take an array of addresses or CIDRs, such as ["10.0.0.0/8"]',
    ],
    [
      () => language({ supported: "en" }),
      TypeError,
      'Cannot use "en" as "supported" of language: take a list of language tags, such as ["en", "de"]',
    ],
    [
      () => language(),
      TypeError,
      "Cannot use undefined as options of language: take an object with any of supported",
    ],
    [
      () => overload(),
      TypeError,
      "Cannot use undefined as options of overload: take an object with any of maxInFlight",
    ],
    [
      () => trailingSlash({ mode: "remove" }),
      TypeError,
      'Cannot use "remove" as "mode" of trailingSlash: take "trim" or "append"',
    ],
    [
      () => trailingSlash("trim"),
      TypeError,
      'Cannot use "trim" as options of trailingSlash: take an object with any of mode',
    ],
    [
      () => csrf({ origin: "x" }),
      TypeError,
      'Cannot find "origin" among the options of csrf: do you mean "trustedOrigins"? there are trustedOrigins',
    ],
    [
      () => recover({ render: "x" }),
      TypeError,
      'Cannot use "x" as "render" of recover: take a function',
    ],
    [
      () => recover(() => {}),
      TypeError,
      "Cannot use a function as options of recover: take an object with any of render",
    ],
    [
      () => staticFiles("./public"),
      TypeError,
      'Cannot use "./public" as options of staticFiles: take an object with any of root',
    ],
    [
      () => staticFiles(),
      TypeError,
      "Cannot use undefined as options of staticFiles: take an object with any of root",
    ],
    [
      () => staticFiles({ dir: "x" }),
      TypeError,
      'Cannot find "dir" among the options of staticFiles: there are root',
    ],
    [
      () => staticFiles({ root: ".", maxAge: 5 }),
      TypeError,
      'Cannot find "maxAge" among the options of staticFiles: do you mean "cacheMaxAge"? there are root',
    ],
    [
      () => staticFiles({ root: ".", cacheMaxAge: "1h" }),
      TypeError,
      'Cannot use "1h" as cacheMaxAge: take whole seconds from 0',
    ],
    [
      () => staticFiles({ root: "" }),
      TypeError,
      'Cannot serve the root "": take a path or a file: URL',
    ],
    [
      () => new HealthCheck().addCheck(() => {}),
      TypeError,
      "Cannot name a health check a function: take some text first, and the function second",
    ],
    [
      () => new HealthCheck().addCheck("db"),
      TypeError,
      'Cannot run undefined as health check "db": take a function that returns { healthy: true }',
    ],
    [
      () => new HealthCheck().addCheck("db", () => {}, 500),
      TypeError,
      'Cannot use 500 as options of health check "db": take an object with any of timeoutMs',
    ],
    [
      () => new HealthCheck().addCheck("db", () => {}).addCheck("db", () => {}),
      TypeError,
      'Cannot add health check "db" twice: take another name',
    ],
    [
      () => new HealthCheck({ detail: true }),
      TypeError,
      'Cannot find "detail" among the options of HealthCheck: do you mean "details"? there are details',
    ],
    [
      () => new HealthCheck().addCheck("db", () => {}, { timeoutMs: "5s" }),
      TypeError,
      'Cannot use "5s" as "timeoutMs" of health check "db": take a number of milliseconds from 1 to 2147483647',
    ],
  ]);
});
