/** Messages that an application author can meet. */
import { API, checkMistakes, type Loose } from "../../support/messages.ts";

const { HttpServer } = API;

function server(): Loose {
  return new HttpServer();
}

Deno.test("HttpServer tells what is wrong with its options and calls, and how to mend it", async () => {
  await checkMistakes([
    [
      () => server().listen(3000),
      TypeError,
      "Cannot use 3000 as options of listen(): take an object with any of hostname",
    ],
    [
      () => server().listen("3000"),
      TypeError,
      'Cannot use "3000" as options of listen(): take an object with any of hostname',
    ],
    [
      () => server().listen({ port: "3000" }),
      TypeError,
      'Cannot use "3000" as port: take a number',
    ],
    [
      () => server().listen({ port: NaN }),
      RangeError,
      "Cannot use NaN as port: take an integer from 0 to 65535",
    ],
    [
      () => server().listen({ port: 70000 }),
      RangeError,
      "Cannot use 70000 as port: take an integer from 0 to 65535",
    ],
    [
      () => server().listen({ host: "0.0.0.0" }),
      TypeError,
      'Cannot find "host" among the options of listen(): do you mean "hostname"? there are hostname',
    ],
    [
      () => server().listen(() => {}),
      TypeError,
      "Cannot use a function as options of listen(): take an object with any of hostname",
    ],
    [
      () => server().listen(3000, () => {}),
      TypeError,
      "Cannot use 3000 as options of listen(): take an object with any of hostname",
    ],
    [
      () => server().listen({ hostname: "localhost:8080" }),
      TypeError,
      'Cannot listen on the hostname "localhost:8080": take a name or an address alone, such as "0.0.0.0", and give the port as port',
    ],
    [
      () => server().listen({ hostname: "http://localhost", port: 0 }),
      TypeError,
      'Cannot listen on the hostname "http://localhost": take a name or an address alone, such as "0.0.0.0", and give the port as port',
    ],
    [
      () => server().listen({ hostname: "" }),
      TypeError,
      'Cannot use "" as hostname: take a non-empty string',
    ],
    [
      () => server().listen({ port: 0, tls: true }),
      TypeError,
      "Cannot use true as options of tls: take an object with any of cert",
    ],
    [
      () => server().listen({ port: 0, tls: {} }),
      TypeError,
      "Cannot listen with tls: give either tls.cert or tls.certFile",
    ],
    [
      () =>
        server().listen({
          port: 0,
          tls: { certFile: "/nope.pem", keyFile: "/nope" },
        }),
      Deno.errors.NotFound,
      'Cannot read tls.certFile "/nope.pem": there is no such file: make it first',
    ],
    [
      () =>
        server().listen({ port: 0, tls: { cert: "cert.pem", key: "key.pem" } }),
      TypeError,
      'Cannot listen with tls: tls.cert is not PEM: take text with a line "-----BEGIN ...", or the path of such a file as tls.certFile',
    ],
    [
      () => server().listen({ path: "/nope/x.sock" }),
      Deno.errors.NotFound,
      'Cannot listen on "/nope/x.sock": there is no such directory: make it first',
    ],
    [
      () => server().listen({ path: "" }),
      TypeError,
      'Cannot listen on path "": take a file name',
    ],
    [
      async () => {
        const s = server();
        await s.listen({ port: 0 });
        try {
          await s.listen({ port: 0 });
        } finally {
          await s.shutdown();
        }
      },
      TypeError,
      "Cannot listen twice with one HttpServer: make a second one, or await its shutdown() and make a new one",
    ],
    [
      async () => {
        const s = server();
        await s.listen({ port: 0 });
        await s.shutdown();
        await s.listen({ port: 0 });
      },
      TypeError,
      "Cannot listen after a shutdown: make a new HttpServer",
    ],
    [
      () => server().run(3000),
      TypeError,
      "Cannot use 3000 as options of listen(): take an object with any of hostname",
    ],
    [
      () => new HttpServer(3000),
      TypeError,
      "Cannot use 3000 as options of HttpServer: take an object with any of limits",
    ],
    [
      () => new HttpServer({ port: 3000 }),
      TypeError,
      'Cannot find "port" among the options of HttpServer: there are limits',
    ],
    [
      () => new HttpServer({ timeout: 3000 }),
      TypeError,
      'Cannot find "timeout" among the options of HttpServer: do you mean "timeouts"? there are limits',
    ],
    [
      () => new HttpServer({ limits: { body: 1 } }),
      TypeError,
      'Cannot find "body" among the options of limits: do you mean "bodyBytes"? there are requestLine',
    ],
    [
      () => new HttpServer({ limits: { bodyBytes: "1MB" } }),
      TypeError,
      'Cannot use "1MB" as limits.bodyBytes: take a number',
    ],
    [
      () => new HttpServer({ timeouts: { headersMs: -1 } }),
      RangeError,
      "Cannot use -1 as timeouts.headersMs: take an integer from 0 to 9007199254740991",
    ],
    [
      () => new HttpServer({ timeouts: { headersMs: 0.5 } }),
      RangeError,
      "Cannot use 0.5 as timeouts.headersMs: take an integer from 0 to 9007199254740991",
    ],
    [
      () => new HttpServer({ timeouts: { headersMs: Infinity } }),
      RangeError,
      "Cannot use Infinity as timeouts.headersMs: take an integer from 0 to 9007199254740991",
    ],
    [
      () => new HttpServer({ limits: { connections: 0 } }),
      RangeError,
      "Cannot use 0 as limits.connections: take an integer from 1 to 9007199254740991",
    ],
    [
      () => new HttpServer({ limits: null }),
      TypeError,
      "Cannot use null as options of limits: take an object with any of requestLine",
    ],
    [
      () => new HttpServer(null),
      TypeError,
      "Cannot use null as options of HttpServer: take an object with any of limits",
    ],
    [
      () => new HttpServer({ log: true }),
      TypeError,
      "Cannot use true as log of HttpServer: take a function",
    ],
    [
      () => new HttpServer({ log: console }),
      TypeError,
      "Cannot use a plain object as log of HttpServer: take a function",
    ],
    [
      () => new HttpServer({ allowedHosts: "example.com" }),
      TypeError,
      'Cannot use "example.com" as allowedHosts: take a list, such as ["example.com"]',
    ],
    [
      () => new HttpServer({ allowedHosts: ["https://example.com"] }),
      TypeError,
      'Cannot allow the host "https://example.com": take a name such as "example.com", ".example.com" or "*.example.com", or an IP address, each with or without a port',
    ],
    [
      () => new HttpServer({ clientAddress: true }),
      TypeError,
      "Cannot use true as clientAddress of HttpServer: take a function",
    ],
    [
      () => new HttpServer({ proxyProtocol: true }),
      TypeError,
      "Cannot use true as options of proxyProtocol: take an object with any of trusted",
    ],
    [
      () => new HttpServer({ proxyProtocol: {} }),
      TypeError,
      'Cannot use undefined as proxyProtocol.trusted: take an array of addresses or CIDRs, such as ["10.0.0.0/8"]',
    ],
    [
      () => new HttpServer({ proxyProtocol: { trusted: ["10.0.0"] } }),
      TypeError,
      'Cannot use "10.0.0" as an address range: take an IP address, a CIDR such as "10.0.0.0/8", or loopback, linklocal, private, uniquelocal',
    ],
    [
      () => new HttpServer({ beforeRouting: () => {} }),
      TypeError,
      "Cannot use a function as beforeRouting: take a list of functions, such as [methodOverride()]",
    ],
    [
      () => new HttpServer({ clock: {} }),
      TypeError,
      "Cannot use a plain object as clock of HttpServer, as it lacks now(): take a FakeClock, or an object with now(), date() and every()",
    ],
    [
      () => server().shutdown(5000),
      TypeError,
      "Cannot use 5000 as options of shutdown(): take an object with any of graceMs",
    ],
    [
      () => server().shutdown({ graceMs: -1 }),
      RangeError,
      "Cannot use -1 as graceMs: take a number from 0",
    ],
    [
      () => server().shutdown({ graceMs: "5s" }),
      TypeError,
      'Cannot use "5s" as graceMs: take milliseconds',
    ],
    [
      () => server().inject("/x"),
      TypeError,
      'Cannot use "/x" as options of inject(): take an object with any of method',
    ],
    [
      () => server().inject({ url: "/x" }),
      TypeError,
      'Cannot find "url" among the options of inject(): there are method',
    ],
    [
      () => server().inject({ path: "x" }),
      TypeError,
      'Cannot inject "GET x" for the host "localhost": mend it, as a connection would answer 400: The request target is malformed',
    ],
    [
      () => server().inject(new Request("http://a/")),
      TypeError,
      "Cannot use a Request as options of inject(): take an object with any of method",
    ],
    [
      () => server().inject({ path: "/a b" }),
      TypeError,
      'Cannot inject "GET /a b" for the host "localhost": mend it, as a connection would answer 400: The HTTP version is malformed',
    ],
    [
      () => server().inject({ json: {} }),
      TypeError,
      'Cannot find "json" among the options of inject(): there are method',
    ],
    [
      () => server().inject({ method: "POST", body: () => {} }),
      TypeError,
      "Cannot send a function as JSON: pass a value that JSON has, such as null or {}",
    ],
    [
      () => server().fetch("/x"),
      TypeError,
      'Cannot answer "/x" by fetch(): pass a Request, or call inject({ path: "/" })',
    ],
    [
      () => server().fetch(),
      TypeError,
      'Cannot answer undefined by fetch(): pass a Request, or call inject({ path: "/" })',
    ],
  ]);
});
