import { assertEquals, assertThrows } from "@std/assert";
import { HttpServer, type HttpServerOptions, ok } from "@x/httpserver";
import { trustProxies } from "@x/httpserver/proxies";
import { csrf, type CsrfOptions } from "../../../src/middleware/csrf.ts";

type Fields = Record<string, string>;

function site(options?: CsrfOptions, about?: HttpServerOptions): HttpServer {
  const server = new HttpServer(about);
  server.use(csrf(options)).all("/*path", () => ok("done"));
  return server;
}

async function statusOf(
  server: HttpServer,
  headers: Fields,
  method = "POST",
  path = "/transfer",
): Promise<number> {
  const host = { host: "example.com" };
  const response = await server.inject({
    method,
    path,
    headers: { ...host, ...headers },
  });
  return response.status;
}

const EVIL = "https://evil.example";
const OWN = "https://example.com";

Deno.test("csrf() decides by Sec-Fetch-Site, else by Origin, else lets through", async () => {
  const table: [site: string | null, origin: string | null, passes: boolean][] =
    [
      ["same-origin", null, true],
      ["same-origin", OWN, true],
      // A form under Referrer-Policy: no-referrer.
      ["same-origin", "null", true],
      ["none", null, true],
      ["same-site", null, false],
      ["same-site", "https://blog.example.com", false],
      ["cross-site", null, false],
      ["cross-site", EVIL, false],
      // http to https is cross-site though the host is the same.
      ["cross-site", "http://example.com", false],
      ["Same-Origin", null, false],
      ["same-origin, cross-site", null, false],
      ["", OWN, false],
      [null, null, true],
      [null, OWN, true],
      [null, "http://example.com", true],
      [null, EVIL, false],
      [null, "null", false],
      [null, "", false],
      [null, "https://example.com:8443", false],
      [null, "https://example.com.evil.example", false],
      [null, "https://example.com@evil.example", false],
      [null, "https://example.com/", false],
      [null, "https://example.com, https://evil.example", false],
      [null, "ftp://example.com", false],
      [null, "chrome-extension://example.com", false],
    ];
  const server = site();
  for (const [fetchSite, origin, passes] of table) {
    const headers: Fields = {};
    if (fetchSite !== null) headers["sec-fetch-site"] = fetchSite;
    if (origin !== null) headers["origin"] = origin;
    assertEquals(
      await statusOf(server, headers),
      passes ? 200 : 403,
      JSON.stringify(headers),
    );
  }
});

Deno.test("csrf() checks all methods but GET, HEAD and OPTIONS, in their case", async () => {
  const server = site();
  const cross = { "sec-fetch-site": "cross-site" };
  const table: [method: string, status: number][] = [
    ["GET", 200],
    ["HEAD", 200],
    ["OPTIONS", 200],
    ["POST", 403],
    ["PUT", 403],
    ["PATCH", 403],
    ["DELETE", 403],
    ["PROPFIND", 403],
    ["get", 403],
  ];
  for (const [method, status] of table) {
    assertEquals(await statusOf(server, cross, method), status, method);
  }
});

Deno.test("csrf() refuses whatever type the content has", async () => {
  const server = site();
  const types = [
    "application/x-www-form-urlencoded",
    "Application/X-WWW-Form-Urlencoded",
    "text/plain",
    "multipart/form-data; boundary=a",
    "application/json",
    "nonsense",
  ];
  for (const type of types) {
    const headers = { "origin": EVIL, "content-type": type };
    assertEquals(await statusOf(server, headers), 403, type);
  }
});

Deno.test("csrf() compares the port, also the default one", async () => {
  const server = site();
  const table: [host: string, origin: string, status: number][] = [
    ["localhost:8080", "http://localhost:8080", 200],
    ["localhost:8080", "http://localhost:3000", 403],
    ["localhost:8080", "http://localhost", 403],
    ["example.com:80", "http://example.com", 200],
    ["EXAMPLE.com", "http://example.com", 200],
    ["[::1]:8080", "http://[::1]:8080", 200],
  ];
  for (const [host, origin, status] of table) {
    assertEquals(await statusOf(server, { host, origin }), status, origin);
  }
});

Deno.test("csrf() takes http for another origin once it knows of TLS", async () => {
  const server = site({}, {
    clientAddress: trustProxies(["loopback"], { host: true }),
  });
  const tls = { "x-forwarded-for": "192.0.2.1", "x-forwarded-proto": "https" };
  const plain = { ...tls, "x-forwarded-proto": "http" };
  const named = { ...tls, "x-forwarded-host": "shop.example" };
  const table: [headers: Fields, status: number][] = [
    [{ ...tls, origin: OWN }, 200],
    [{ ...tls, origin: "http://example.com" }, 403],
    [{ ...plain, origin: "http://example.com" }, 200],
    [{ ...named, origin: "https://shop.example" }, 200],
    [{ ...named, origin: OWN }, 403],
  ];
  for (const [headers, status] of table) {
    assertEquals(
      await statusOf(server, headers),
      status,
      JSON.stringify(headers),
    );
  }
});

Deno.test("csrf() does not believe forwarded fields of just anybody", async () => {
  const headers = { "x-forwarded-host": "evil.example", "origin": EVIL };
  assertEquals(await statusOf(site(), headers), 403);
});

Deno.test("csrf() lets trusted origins through, and nobody like them", async () => {
  const server = site({
    trustedOrigins: ["https://pay.example", /https:\/\/\w+\.partner\.example/],
  });
  const table: [origin: string, status: number][] = [
    ["https://pay.example", 200],
    ["https://a.partner.example", 200],
    ["http://pay.example", 403],
    ["https://pay.example.evil.example", 403],
    ["https://a.partner.example.evil.example", 403],
    ["null", 403],
  ];
  for (const [origin, status] of table) {
    const kinds: Fields[] = [{}, { "sec-fetch-site": "cross-site" }];
    for (const kind of kinds) {
      const headers: Fields = { ...kind, origin };
      assertEquals(await statusOf(server, headers), status, origin);
    }
  }
});

Deno.test("csrf() exempts paths below a prefix and no others", async () => {
  const server = site({ exempt: ["/webhooks"] });
  const table: [path: string, status: number][] = [
    ["/webhooks", 200],
    ["/webhooks/pay", 200],
    ["/web%68ooks/pay", 200],
    ["/webhooksx", 403],
    ["/Webhooks", 403],
    ["/x/webhooks", 403],
    ["//webhooks", 403],
    ["/webhooks%2Fpay", 403],
    ["/transfer?/webhooks", 403],
  ];
  for (const [path, status] of table) {
    const headers = { "sec-fetch-site": "cross-site" };
    assertEquals(await statusOf(server, headers, "POST", path), status, path);
  }
});

Deno.test("csrf() exempts by a function only when it says true", async () => {
  const table: [verdict: unknown, status: number][] = [
    [true, 200],
    [false, 403],
    ["yes", 403],
    [Promise.resolve(true), 403],
  ];
  for (const [verdict, status] of table) {
    const server = site({ exempt: () => verdict as boolean });
    assertEquals(await statusOf(server, { origin: EVIL }), status);
  }
});

Deno.test("csrf() does not run the handler of a refused request", async () => {
  let ran = 0;
  const server = new HttpServer();
  server.use(csrf()).post("/", () => {
    ran++;
    return ok();
  });
  const response = await server.inject({
    method: "POST",
    headers: { origin: EVIL },
  });
  assertEquals(response.status, 403);
  assertEquals(
    (await response.json<{ detail: string }>()).detail,
    "The request comes from another site",
  );
  assertEquals(ran, 0);
});

Deno.test("csrf() throws for options that are malformed or unknown", () => {
  const table: [options: unknown, message: string][] = [
    [{ trustedOrigins: ["https://a/"] }, 'as browsers send it, "https://a"'],
    [{ trustedOrigins: ["*"] }, "RegExp"],
    [{ trustedOrigins: "https://a" }, "take a list"],
    [{ exempt: "/webhooks" }, "take a list"],
    [{ exempt: [7] }, "Cannot read 7 as a prefix: pass a string"],
    [{ origin: "https://a" }, '"origin"'],
  ];
  for (const [options, message] of table) {
    assertThrows(() => csrf(options as CsrfOptions), TypeError, message);
  }
  assertThrows(() => csrf({ exempt: ["/a/*"] }), SyntaxError);
});
