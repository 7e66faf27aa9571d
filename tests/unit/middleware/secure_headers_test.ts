import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { html, HttpResponse, HttpServer, ok } from "@x/httpserver";
import { trustProxies } from "@x/httpserver/proxies";
import {
  NONCE,
  secureHeaders,
  type SecureHeadersOptions,
} from "../../../src/middleware/secure_headers.ts";
import { fakeRequest, run } from "./fakes.ts";

const DEFAULTS = {
  "content-security-policy":
    "default-src 'self'; base-uri 'self'; form-action 'self'; " +
    "frame-ancestors 'self'; img-src 'self' data:; object-src 'none'; " +
    "script-src-attr 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "origin-agent-cluster": "?1",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-dns-prefetch-control": "off",
  "x-frame-options": "SAMEORIGIN",
  "x-permitted-cross-domain-policies": "none",
  "x-xss-protection": "0",
};

async function fieldsOf(
  options?: SecureHeadersOptions,
  response: HttpResponse = new HttpResponse(),
): Promise<Record<string, string>> {
  const request = fakeRequest<Partial<{ cspNonce: string }>>();
  const answer = await run(secureHeaders(options), request, () => response);
  return Object.fromEntries([...answer.headers].sort());
}

Deno.test("secureHeaders() sets its fields by default, HSTS not without TLS", async () => {
  assertEquals(await fieldsOf(), DEFAULTS);
});

Deno.test("secureHeaders() leaves out each field that is switched off", async () => {
  assertEquals(
    await fieldsOf({
      contentSecurityPolicy: false,
      referrerPolicy: false,
      crossOriginOpenerPolicy: false,
      crossOriginResourcePolicy: false,
      originAgentCluster: false,
      xContentTypeOptions: false,
      xFrameOptions: false,
      xDnsPrefetchControl: false,
      xPermittedCrossDomainPolicies: false,
      xXssProtection: false,
    }),
    {},
  );
});

Deno.test("secureHeaders() sets what it is given", async () => {
  const fields = await fieldsOf({
    contentSecurityPolicy: {
      "default-src": ["'none'"],
      "upgrade-insecure-requests": [],
      "script-src": ["'self'", "'strict-dynamic'", "https://cdn.example"],
    },
    contentSecurityPolicyReportOnly: {
      "default-src": ["'self'"],
      "report-to": ["csp"],
    },
    reportingEndpoints: { csp: "https://reports.example/csp", own: "/own" },
    permissionsPolicy: {
      camera: [],
      geolocation: ["self", "https://maps.example"],
      fullscreen: ["*"],
    },
    referrerPolicy: "no-referrer",
    crossOriginEmbedderPolicy: "require-corp",
    xFrameOptions: "DENY",
  });
  const expected = {
    "content-security-policy": "default-src 'none'; " +
      "upgrade-insecure-requests; " +
      "script-src 'self' 'strict-dynamic' https://cdn.example",
    "content-security-policy-report-only": "default-src 'self'; report-to csp",
    "reporting-endpoints": 'csp="https://reports.example/csp", own="/own"',
    "permissions-policy":
      'camera=(), geolocation=(self "https://maps.example"), fullscreen=*',
    "referrer-policy": "no-referrer",
    "cross-origin-embedder-policy": "require-corp",
    "x-frame-options": "DENY",
  };
  for (const [name, value] of Object.entries(expected)) {
    assertEquals(fields[name], value, name);
  }
});

Deno.test("secureHeaders() keeps what the handler has set unless told to replace it", async () => {
  const own = () =>
    new HttpResponse({
      headers: {
        "Content-Security-Policy": "default-src *",
        "X-Frame-Options": "DENY",
      },
    });
  const kept = await fieldsOf({}, own());
  assertEquals(kept["content-security-policy"], "default-src *");
  assertEquals(kept["x-frame-options"], "DENY");
  assertEquals(kept["referrer-policy"], "same-origin");
  assertEquals(await fieldsOf({ override: true }, own()), DEFAULTS);
});

function nonceServer(options: SecureHeadersOptions = {}): HttpServer {
  const server = new HttpServer();
  server
    .use(secureHeaders({
      contentSecurityPolicy: {
        "script-src": ["'self'", NONCE],
        "style-src": [NONCE],
      },
      ...options,
    }))
    .get("/", (request) => ok(request.state.cspNonce))
    .get("/same", () => new HttpResponse({ status: 304 }));
  return server;
}

Deno.test("secureHeaders() gives each answer a nonce that the handler sees", async () => {
  const server = nonceServer({
    contentSecurityPolicyReportOnly: { "script-src-elem": [NONCE] },
  });
  const seen = new Set<string>();
  for (let time = 0; time < 3; time++) {
    const response = await server.inject({});
    const nonce = await response.text();
    assertMatch(nonce, /^[A-Za-z0-9+/]{22}==$/);
    seen.add(nonce);
    assertEquals(
      response.header("content-security-policy"),
      `script-src 'self' 'nonce-${nonce}'; style-src 'nonce-${nonce}'`,
    );
    assertEquals(
      response.header("content-security-policy-report-only"),
      `script-src-elem 'nonce-${nonce}'`,
    );
  }
  assertEquals(seen.size, 3);
});

Deno.test("secureHeaders() puts no new nonce to a page that the browser has kept", async () => {
  const response = await nonceServer().inject({ path: "/same" });
  assertEquals(response.status, 304);
  assertEquals(response.header("content-security-policy"), null);
  assertEquals(response.header("x-content-type-options"), "nosniff");
});

Deno.test("secureHeaders() has no nonce when no policy asks for one", async () => {
  const server = new HttpServer();
  server.use(secureHeaders()).get(
    "/",
    (request) => ok({ nonce: request.state.cspNonce }),
  );
  assertEquals(await (await server.inject({})).json(), { nonce: "" });
});

Deno.test("secureHeaders() insists on TLS only over TLS, also behind a trusted proxy", async () => {
  const table: [
    headers: Record<string, string>,
    from: string,
    sent: boolean,
  ][] = [
    [{ "x-forwarded-proto": "https" }, "10.0.0.1", true],
    [{ "x-forwarded-proto": "http" }, "10.0.0.1", false],
    [{ "x-forwarded-proto": "https" }, "192.0.2.1", false],
    [{}, "10.0.0.1", false],
  ];
  const server = new HttpServer({
    clientAddress: trustProxies(["10.0.0.0/8"]),
  });
  server.use(secureHeaders()).get("/", () => ok());
  for (const [headers, hostname, sent] of table) {
    const response = await server.inject({
      headers: { "x-forwarded-for": "192.0.2.9", ...headers },
      remoteAddress: { transport: "tcp", hostname, port: 1 },
    });
    assertEquals(
      response.header("strict-transport-security"),
      sent ? "max-age=31536000" : null,
      `${hostname} ${JSON.stringify(headers)}`,
    );
  }
  const web = await server.fetch(new Request("https://example.com/"));
  assertEquals(
    web.headers.get("strict-transport-security"),
    "max-age=31536000",
  );
});

Deno.test("secureHeaders() writes the members of HSTS", async () => {
  const server = new HttpServer();
  server.use(secureHeaders({
    strictTransportSecurity: {
      maxAge: 63_072_000,
      includeSubDomains: true,
      preload: true,
    },
  }));
  const web = await server.fetch(new Request("https://example.com/"));
  await web.body?.cancel();
  assertEquals(
    web.headers.get("strict-transport-security"),
    "max-age=63072000; includeSubDomains; preload",
  );
});

Deno.test("secureHeaders() marks answers without a route and errors too", async () => {
  const server = new HttpServer({ log: () => {} });
  server.use(secureHeaders()).get("/bug", () => {
    throw new Error("a bug");
  }).get("/page", async () => html(await Promise.resolve("<p>")));
  for (const path of ["/none", "/bug", "/page"]) {
    const response = await server.inject({ path });
    assertEquals(response.header("x-content-type-options"), "nosniff", path);
    assert(response.headers.has("content-security-policy"), path);
  }
});

Deno.test("secureHeaders() throws for what would protect from nothing", () => {
  const table: [options: unknown, message: string][] = [
    [{ contentSecurityPolicy: { "script-src": ["self"] } }, `"'self'"`],
    [
      { contentSecurityPolicy: { "script-src": ["unsafe-inline"] } },
      `"'unsafe-inline'"`,
    ],
    [{ contentSecurityPolicy: { "script-src": ["sha256-x"] } }, "'sha256-x'"],
    [{ contentSecurityPolicy: { "script-src": ["'nonce-abc'"] } }, "NONCE"],
    [
      { contentSecurityPolicy: { "script-src": ["'none'", "'self'"] } },
      "'none'",
    ],
    [
      { contentSecurityPolicy: { "img-src": ["a; script-src *"] } },
      "a semicolon",
    ],
    [{ contentSecurityPolicy: { "img-src": ["a, b"] } }, "a comma"],
    [{ contentSecurityPolicy: { "img-src": ["a\r\nb"] } }, "visible"],
    [{ contentSecurityPolicy: { "img-src": "'self'" } }, "take a list"],
    [{ contentSecurityPolicy: { imgSrc: ["'self'"] } }, '"imgSrc"'],
    [{ contentSecurityPolicy: {} }, "without a directive"],
    [{ referrerPolicy: "none" }, "no-referrer"],
    [{ xFrameOptions: "deny" }, "DENY"],
    [{ xContentTypeOptions: "nosniff" }, "true or false"],
    [{ permissionsPolicy: { camera: ["'self'"] } }, '"camera"'],
    [{ permissionsPolicy: { camera: ["https://a/b"] } }, "https://a/b"],
    [{ permissionsPolicy: { "came ra": [] } }, "came ra"],
    [{ reportingEndpoints: { "A b": "/x" } }, "A b"],
    [{ strictTransportSecurity: { preload: true } }, "includeSubDomains"],
    [{ strictTransportSecurity: { maxage: 1 } }, '"maxage"'],
    [{ hsts: false }, '"hsts"'],
    [{ override: "yes" }, '"yes"'],
  ];
  for (const [options, message] of table) {
    assertThrows(
      () => secureHeaders(options as SecureHeadersOptions),
      TypeError,
      message,
    );
  }
  for (const maxAge of [-1, 1.5, NaN]) {
    assertThrows(
      () => secureHeaders({ strictTransportSecurity: { maxAge } }),
      RangeError,
      `${maxAge}`,
    );
  }
});

Deno.test("secureHeaders() gives HEAD and GET the same policy but for the nonce", async () => {
  const server = nonceServer();
  const [get, head] = [
    await server.inject({}),
    await server.inject({ method: "HEAD" }),
  ].map((response) => response.header("content-security-policy") ?? "");
  const blank = (policy: string) => policy.replaceAll(/nonce-[^']+/g, "");
  assertNotEquals(get, head);
  assertEquals(blank(get), blank(head));
});
