/** Every example runs, and answers what its comments say. */
import {
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { walk } from "@std/fs/walk";
import { join, relative, SEPARATOR } from "@std/path";
import { Collector, runtimeTraces } from "../support/collector.ts";
import { parseExposition, sampleValue } from "../support/exposition.ts";
import { type Program, ROOT, startServer } from "../support/program.ts";

const ON_FREE_PORT = { env: { PORT: "0" } };

function example(name: string): Promise<Program> {
  return startServer(`examples/${name}`, [], ON_FREE_PORT);
}

/** Status, media type and content of an answer. */
async function ask(
  url: string,
  init?: RequestInit,
): Promise<{ status: number; type: string | null; body: string }> {
  const response = await fetch(url, init);
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    body: await response.text(),
  };
}

async function askJson(url: string, init?: RequestInit): Promise<unknown> {
  const { status, body } = await ask(url, init);
  return [status, JSON.parse(body)];
}

Deno.test("01_hello.ts says hello", async () => {
  await using program = await example("01_hello.ts");
  const url = await program.url();
  const type = "text/plain; charset=utf-8";
  assertEquals(await ask(`${url}/`), {
    status: 200,
    type,
    body: "Hello World\n",
  });
  assertEquals((await ask(`${url}/hello/Ada%20L`)).body, "Hello Ada L\n");
});

/** Adds, reads and removes users through the API. */
async function checkUsersApi(url: string): Promise<void> {
  const users = `${url}/api/users`;
  const post = (body: string) => ({ method: "POST", body });
  const ada = { id: 1, name: "Ada" };
  assertEquals(await askJson(users), [200, [ada]]);
  assertEquals(await askJson(`${users}/1`), [200, ada]);

  const created = await fetch(users, post('{"name":" Grace "}'));
  const grace = { id: 2, name: "Grace" };
  assertEquals(created.status, 201);
  assertEquals(created.headers.get("location"), "/api/users/2");
  assertEquals(await created.json(), grace);
  assertEquals(await askJson(`${users}/2`), [200, grace]);

  assertEquals((await ask(users, post('{"name":"Grace"}'))).status, 409);
  for (const body of ["{", "null", "{}", '{"name":7}', '{"name":" "}']) {
    const { status, type } = await ask(users, post(body));
    assertEquals([status, type], [400, "application/problem+json"], body);
  }
  const remove = { method: "DELETE" };
  assertEquals((await ask(`${users}/2`, remove)).status, 204);
  assertEquals((await ask(`${users}/2`, remove)).status, 404);
  assertEquals(await askJson(`${users}/none`), [404, {
    type: "about:blank",
    title: "Not Found",
    status: 404,
    detail: "no such user",
  }]);
  const put = await fetch(users, { method: "PUT" });
  await put.body?.cancel();
  assertEquals(put.status, 405);
  assertEquals(put.headers.get("allow"), "GET, HEAD, POST, OPTIONS");
}

async function checkHealth(url: string): Promise<void> {
  for (const path of ["/health", "/health/live", "/health/ready"]) {
    assertEquals((await ask(url + path)).status, 200, path);
  }
}

/** Fetches the page and all that it needs. */
async function checkSite(url: string): Promise<void> {
  const page = await ask(`${url}/`);
  assertEquals([page.status, page.type], [200, "text/html; charset=utf-8"]);
  const links = [...page.body.matchAll(/(?:src|href)="(\/[^"]+)"/g)]
    .map(([, path]) => path).filter((path) => path !== "/no-such-page");
  assertEquals(links.length, 6);
  for (const path of links) {
    const { status, type, body } = await ask(url + path);
    assertEquals(status, 200, path);
    assertNotEquals([type, body], [page.type, page.body], path);
  }
  const { type } = await ask(`${url}/images/logo.svg`);
  assertEquals(type, "image/svg+xml");
  const listing = await ask(`${url}/images/`);
  assertMatch(listing.body, /<a href="logo\.svg">/);
  assertEquals((await ask(`${url}/no-such-page`)).status, 404);
}

Deno.test("02_rest_api.ts keeps users", async () => {
  await using program = await example("02_rest_api.ts");
  const url = await program.url();
  await checkUsersApi(url);
  await checkHealth(url);
});

Deno.test("03_static_site.ts serves a page and what it needs", async () => {
  await using program = await example("03_static_site.ts");
  const url = await program.url();
  await checkSite(url);
  const response = await fetch(`${url}/style.css`);
  assertMatch(await response.text(), /color-scheme/);
  assertEquals(response.headers.get("cache-control"), "public, max-age=60");
  const page = await fetch(`${url}/index.html`);
  assertEquals([page.url, page.redirected], [`${url}/`, true]);
  assertEquals(page.headers.get("cache-control"), "no-cache");
  assertMatch(await page.text(), /It works/);
  const missing = await ask(`${url}/no-such-page`);
  assertMatch(missing.body, /Back to the start/);
  await checkUsersApi(url);
});

Deno.test("09_observability.ts shows its health, its metrics and its spans", async () => {
  await using collector = await Collector.start();
  const env = { ...ON_FREE_PORT.env, ...runtimeTraces(collector) };
  const file = "examples/09_observability.ts";
  await using program = await startServer(file, [], { env });
  const url = await program.url();
  assertEquals(await askJson(`${url}/stock/apples`), [200, {
    item: "apples",
    pieces: 7,
  }]);
  const [code, ready] = await askJson(`${url}/health/ready`) as [
    number,
    { status: string; checks: Record<string, { healthy: boolean }> },
  ];
  assertEquals([code, ready.status], [200, "degraded"]);
  const { stock, pears } = ready.checks;
  assertEquals([stock.healthy, pears.healthy], [true, false]);
  for (const path of ["live", "startup"]) {
    assertEquals((await ask(`${url}/health/${path}`)).status, 200);
  }
  const families = parseExposition((await ask(`${url}/metrics`)).body);
  assertEquals(sampleValue(families, "shop_stock", { item: "apples" }), 7);
  const labels = { route: "/stock/:item", status: "200" };
  const count = sampleValue(families, "http_server_requests_total", labels);
  assertEquals(count, 1);
  const [request] = await collector.wait("GET /stock/:item");
  const [lookUp] = await collector.wait("look up");
  assertEquals(lookUp.parentSpanId, request.spanId);
  assertEquals(collector.named("GET /metrics"), []);
});

Deno.test("06_rate_limit.ts limits its API and its logins", async () => {
  await using program = await example("06_rate_limit.ts");
  const url = await program.url();
  const statuses: number[] = [];
  for (let n = 0; n < 4; n++) {
    const { status } = await ask(`${url}/login`, { method: "POST" });
    statuses.push(status);
  }
  assertEquals(statuses, [200, 200, 200, 429]);
  const refused = await fetch(`${url}/login`, { method: "POST" });
  const { detail } = await refused.json();
  assertEquals(detail, "Too many attempts: wait before you try again");
  assertMatch(refused.headers.get("retry-after") ?? "", /^(?:600|59\d)$/);
  assertEquals(refused.headers.get("ratelimit-policy"), '"login";q=3;w=600');

  const time = await fetch(`${url}/api/time`);
  await time.body?.cancel();
  assertEquals(time.headers.get("ratelimit"), '"default";r=9;t=1');
});

/** The status of a request with these fields. */
async function statusOf(
  url: string,
  headers: Record<string, string>,
  body?: URLSearchParams,
): Promise<number> {
  const method = body === undefined ? "GET" : "POST";
  const init = { method, headers, body, redirect: "manual" } as const;
  return (await ask(url, init)).status;
}

Deno.test("08_security.ts keeps forgers and strangers out", async () => {
  await using program = await example("08_security.ts");
  const url = await program.url();
  const note = (text: string) => new URLSearchParams({ note: text });
  const evil = { origin: "https://evil.example" };
  assertEquals(await statusOf(`${url}/notes`, evil, note("forged")), 403);
  assertEquals(await statusOf(`${url}/notes`, {}, note("<i>mine")), 303);
  assertEquals(
    await statusOf(`${url}/notes`, {}, note("a".repeat(20_000))),
    413,
  );
  assertEquals(await statusOf(`${url}/notes/`, {}, note("b")), 308);

  const page = await fetch(`${url}/`);
  const text = await page.text();
  assertMatch(text, /&#60;i&#62;mine/);
  const [, nonce] = /<script nonce="([^"]+)"/.exec(text) ?? [];
  assertStringIncludes(
    page.headers.get("content-security-policy") ?? "",
    `script-src 'nonce-${nonce}'`,
  );

  const ada = { authorization: `Basic ${btoa("ada:lovelace")}` };
  assertEquals(await statusOf(`${url}/admin`, {}), 401);
  assertEquals(await statusOf(`${url}/admin`, ada), 200);
  const remove = new URLSearchParams({ _method: "delete" });
  assertEquals(await statusOf(`${url}/admin/notes/2`, {}, remove), 401);
  assertEquals(await statusOf(`${url}/admin/notes/2`, ada, remove), 303);

  const token = { authorization: "Bearer demo-token" };
  assertEquals(await statusOf(`${url}/api/notes`, token), 200);
  assertEquals(await statusOf(`${url}/api/notes`, ada), 200);
  const stranger = await fetch(`${url}/api/notes`);
  await stranger.body?.cancel();
  assertEquals([stranger.status, stranger.headers.get("www-authenticate")], [
    401,
    'Bearer realm="restricted", Basic realm="restricted", charset="UTF-8"',
  ]);
  assertEquals(
    await askJson(`${url}/api/notes`, { headers: token }),
    [200, ["Hello <b>world</b>"]],
  );
});

Deno.test("05_compression.ts packs answers, unpacks uploads and saves both", async () => {
  await using program = await example("05_compression.ts");
  const url = await program.url();
  // Deno's fetch unpacks, and does not tell of what.
  const plain = await fetch(`${url}/report`);
  const rows = await plain.json();
  assertEquals([rows.length, rows[1999].name], [2000, "row 1999"]);
  assertEquals(plain.headers.get("cache-control"), "public, max-age=60");
  assertEquals(plain.headers.get("vary"), "Accept-Encoding");
  const tag = plain.headers.get("etag") ?? "";
  const headers = { "if-none-match": tag, "accept-encoding": "br" };
  assertEquals((await ask(`${url}/report`, { headers })).status, 304);
  const ticks = await ask(`${url}/ticks`);
  assertEquals(ticks.type, "text/event-stream");
  assertEquals(ticks.body, "data: tick 1\n\ndata: tick 2\n\ndata: tick 3\n\n");
  const missing = await fetch(`${url}/none`);
  await missing.body?.cancel();
  assertEquals(missing.headers.get("cache-control"), "max-age=5");

  async function upload(text: string): Promise<Response> {
    const packed = new Blob([text]).stream()
      .pipeThrough(new CompressionStream("gzip"));
    const body = await new Response(packed).bytes();
    const headers = { "content-encoding": "gzip" };
    return await fetch(`${url}/lines`, { method: "POST", headers, body });
  }
  assertEquals(await (await upload("a\nb\n")).json(), { lines: 2 });
  const bomb = await upload("x".repeat(2_000_000));
  assertEquals((await bomb.json()).status, 413);
});

Deno.test("07_logging.ts writes lines that tell all and no secret", async () => {
  const dir = await Deno.makeTempDir();
  const file = join(dir, "access.log");
  try {
    await using program = await startServer("examples/07_logging.ts", [], {
      env: { PORT: "0", LOG_FILE: file },
    });
    const url = await program.url();
    const response = await fetch(`${url}/orders/7?token=s3cret&page=2`);
    assertMatch(response.headers.get("server-timing") ?? "", /^db;dur=/);
    const trace = response.headers.get("traceresponse") ?? "";
    const id = response.headers.get("x-request-id");
    assertEquals(await response.json(), {
      id: "7",
      askedWith: ["traceparent"],
    });
    assertEquals((await ask(`${url}/health`)).status, 200);
    assertEquals((await ask(`${url}/broken`)).status, 500);
    program.kill("SIGTERM");
    assertEquals((await program.ended()).code, 0);
    const log = await Deno.readTextFile(file);
    const [order, broken, ...rest] = log.trim().split("\n")
      .map((line) => JSON.parse(line));
    assertEquals(rest, []);
    assertEquals([order.requestId, order.status], [id, 200]);
    assertEquals(trace.split("-").slice(1, 3), [order.traceId, order.spanId]);
    assertEquals(order.path, "/orders/7?token=[redacted]&page=2");
    assertEquals([order.route, order.order], ["/orders/:id", { id: "7" }]);
    assertEquals([broken.level, broken.status], ["error", 500]);
    assertMatch(broken.error.stack, /no such column\n.*07_logging/);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("start.ts serves all of it on 127.0.0.1", async () => {
  await using program = await example("start.ts");
  const url = await program.url();
  assertMatch(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  await checkSite(url);
  await checkUsersApi(url);
  await checkHealth(url);
  const response = await fetch(`${url}/`);
  await response.body?.cancel();
  assertMatch(response.headers.get("x-request-id") ?? "", /^\S{8,}$/);
});

Deno.test({
  name: "01_hello.ts ends on SIGTERM with code 0",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using program = await example("01_hello.ts");
    await program.url();
    program.kill("SIGTERM");
    const { code, stderr } = await program.ended();
    assertEquals([code, stderr], [0, ""]);
  },
});

Deno.test("11_testing/app.ts keeps a guest book", async () => {
  await using program = await example("11_testing/app.ts");
  const url = `${await program.url()}/entries`;
  const entry = { name: "Ada", text: "hello" };
  const body = JSON.stringify(entry);
  assertEquals(await askJson(url, { method: "POST", body }), [201, entry]);
  assertEquals(await askJson(url), [200, [entry]]);
});

Deno.test("12_cookies.ts logs in and out, and speaks the client's language", async () => {
  await using program = await example("12_cookies.ts");
  const url = await program.url();
  const login = await fetch(`${url}/login`, {
    method: "POST",
    body: new URLSearchParams({ user: "Ann <3" }),
    redirect: "manual",
  });
  assertEquals([login.status, login.headers.get("location")], [303, "/"]);
  await login.body?.cancel();
  const [cookie, ...rest] = login.headers.getSetCookie()[0].split("; ");
  assertEquals(rest, ["Path=/", "HttpOnly", "SameSite=Lax"]);
  const page = async (headers: Record<string, string>) =>
    (await ask(`${url}/`, { headers })).body;
  assertMatch(
    await page({ cookie, "accept-language": "de-CH" }),
    /^Hallo Ann &#60;3/,
  );
  assertMatch(await page({ cookie }), /^Hello Ann/);
  const forged = cookie.replace("Ann", "Eve");
  assertNotEquals(forged, cookie);
  assertMatch(await page({ cookie: forged }), /action="\/login"/);
  const logout = await fetch(`${url}/logout`, {
    method: "POST",
    redirect: "manual",
  });
  await logout.body?.cancel();
  assertMatch(logout.headers.getSetCookie()[0], /^user=.*Max-Age=0/);
  assertEquals((await ask(`${url}/login`, { method: "POST" })).status, 415);
});

Deno.test("every example is tested", async () => {
  const sources = await Promise.all(
    [
      "integration/examples_test.ts",
      "integration/deploy_test.ts",
      "integration/notes_api_test.ts",
      "integration/notes_test.ts",
      "system/deploy.ts",
    ].map((name) => Deno.readTextFile(join(ROOT, "tests", name))),
  );
  const tests = sources.join("");
  const examples = await Array.fromAsync(
    walk(join(ROOT, "examples"), {
      exts: ["ts"],
      includeDirs: false,
      skip: [/_test\.ts$/],
    }),
    ({ path }) => relative(join(ROOT, "examples"), path),
  );
  // Of an example that is a folder, the folder.
  const names = new Set(
    examples.map((name) => name.split(SEPARATOR)[0]),
  );
  const programs = [...names].filter((name) =>
    /^(?:\d\d_|start|deploy)/.test(name)
  );
  assertEquals(programs.length, names.size - 1, "all but print_url.ts");
  for (const name of programs) assertStringIncludes(tests, name);
});
