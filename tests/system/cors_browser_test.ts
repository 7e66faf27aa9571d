/** What Chromium makes of `cors` and `csrf`, with pages of two origins. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { html, HttpServer, ok, redirect } from "@x/httpserver";
import { cors, csrf, NONCE, secureHeaders } from "@x/httpserver/middleware";
import { Browser } from "./browser.ts";

/** A site of pages; `localhost` and `127.0.0.1` are sites of their own. */
class Pages implements AsyncDisposable {
  readonly server = new HttpServer({ log: () => {} });
  #port = 0;

  async listen(): Promise<this> {
    const address = await this.server.listen({ port: 0 });
    this.#port = (address as Deno.NetAddr).port;
    return this;
  }

  origin(host: "localhost" | "127.0.0.1"): string {
    return `http://${host}:${this.#port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.shutdown({ graceMs: 0 });
  }
}

/** Runs a fetch in the page: status and text, or the name of the error. */
function fetchIn(
  browser: Browser,
  url: string,
  init: Record<string, unknown> = {},
): Promise<unknown> {
  return browser.evaluate(
    `fetch(${JSON.stringify(url)}, ${JSON.stringify(init)}).then(
    async (response) => [response.status, await response.text(),
      response.headers.get("x-total"), response.headers.get("x-hidden")],
    (error) => error.name,
  )`,
  );
}

const BLOCKED = "TypeError";

Deno.test("Chromium lets a page of an allowed origin read, with credentials, and no other", async () => {
  await using pages = await new Pages().listen();
  await using api = await new Pages().listen();
  pages.server.get("/", () => html("<p>page"));
  const seen: string[] = [];
  api.server.use(cors({
    allowOrigins: [pages.origin("localhost")],
    allowCredentials: true,
    allowHeaders: ["X-Token", "Content-Type"],
    exposeHeaders: ["X-Total"],
    maxAge: 60,
  }));
  api.server
    .get("/login", () => ok("in", { headers: { "set-cookie": "who=ada" } }))
    .get("/me", (request) =>
      ok(request.cookies.get("who") ?? "nobody", {
        headers: { "x-total": "7", "x-hidden": "8" },
      }))
    .put("/me", async (request) => {
      seen.push(`PUT ${request.header("x-token")} ${await request.text()}`);
      return ok("put");
    })
    .delete("/me", () => ok("deleted"))
    .get("/broken", () => Promise.reject(new Error("a bug")));
  await using browser = await Browser.start();
  const url = api.origin("localhost");

  await browser.open(`${pages.origin("localhost")}/`);
  const withCookies = { credentials: "include" };
  await fetchIn(browser, `${url}/login`, withCookies);
  assertEquals(
    await fetchIn(browser, `${url}/me`, withCookies),
    [200, "ada", "7", null],
  );
  assertEquals(
    await fetchIn(browser, `${url}/me`, { credentials: "omit" }),
    [200, "nobody", "7", null],
  );

  const put = {
    method: "PUT",
    credentials: "include",
    headers: { "X-Token": "t", "Content-Type": "application/json" },
    body: "{}",
  };
  assertEquals(await fetchIn(browser, `${url}/me`, put), [
    200,
    "put",
    null,
    null,
  ]);
  assertEquals(seen, ["PUT t {}"]);
  const other = { ...put, headers: { "X-Other": "1" } };
  assertEquals(await fetchIn(browser, `${url}/me`, other), BLOCKED);
  assertEquals(seen.length, 1);
  // A refusal can be read too.
  const [status] = await fetchIn(browser, `${url}/none`) as [number];
  assertEquals(status, 404);
  const [broken] = await fetchIn(browser, `${url}/broken`) as [number];
  assertEquals(broken, 500);

  await browser.open(`${pages.origin("127.0.0.1")}/`);
  for (const init of [{}, withCookies, put]) {
    assertEquals(await fetchIn(browser, `${url}/me`, init), BLOCKED);
  }
  assertEquals(seen.length, 1);
});

Deno.test("Chromium reads an answer for all origins without credentials only", async () => {
  await using pages = await new Pages().listen();
  await using api = await new Pages().listen();
  pages.server.get("/", () => html("<p>page"));
  api.server.use(cors()).get("/", () => ok("open"))
    .patch("/", () => ok("patched"));
  await using browser = await Browser.start();
  await browser.open(`${pages.origin("localhost")}/`);
  const url = `${api.origin("127.0.0.1")}/`;
  assertEquals(await fetchIn(browser, url), [200, "open", null, null]);
  const patch = {
    method: "PATCH",
    headers: { Authorization: "Bearer x", "X-Any": "1" },
  };
  assertEquals(await fetchIn(browser, url, patch), [
    200,
    "patched",
    null,
    null,
  ]);
  const withCookies = { credentials: "include" };
  assertEquals(await fetchIn(browser, url, withCookies), BLOCKED);
});

/** A page with a form that posts to a URL. */
function formPage(action: string) {
  return html(
    `<form id="f" method="post" action="${action}"><input name="a" value="1">`,
  );
}

async function submit(browser: Browser, page: string): Promise<string> {
  await browser.open(page);
  await browser.leave(`document.querySelector("#f").submit()`);
  return String(await browser.evaluate(`document.body.innerText`));
}

Deno.test("Chromium cannot be made to post a form across sites, but within one", async () => {
  await using bank = await new Pages().listen();
  await using evil = await new Pages().listen();
  let transfers = 0;
  const seen: (string | null)[] = [];
  bank.server.use(csrf(), secureHeaders());
  bank.server.get("/", () => formPage("/transfer"))
    .post("/transfer", async (request) => {
      transfers++;
      seen.push(request.header("sec-fetch-site"));
      return ok(`transferred ${(await request.formData()).get("a")}`);
    })
    .get(
      "/login",
      () => ok("in", { headers: { "set-cookie": "who=ada; SameSite=Lax" } }),
    );
  const target = `${bank.origin("localhost")}/transfer`;
  evil.server.get("/", () => formPage(target))
    .post("/bounce", () => redirect(target, { status: 307 }))
    .get("/bouncing", () => formPage("/bounce"));
  await using browser = await Browser.start();
  await browser.open(`${bank.origin("localhost")}/login`);

  assertMatch(
    await submit(browser, `${bank.origin("localhost")}/`),
    /^transferred 1/,
  );
  assertEquals([transfers, seen], [1, ["same-origin"]]);
  // Another port of the same site, another site, and round about.
  for (
    const page of [
      `${evil.origin("localhost")}/`,
      `${evil.origin("127.0.0.1")}/`,
      `${evil.origin("127.0.0.1")}/bouncing`,
    ]
  ) {
    const text = await submit(browser, page);
    assertMatch(text, /403 Forbidden: The request comes from another site/);
  }
  const blind = { method: "POST", mode: "no-cors", body: "a=1" };
  await browser.open(`${evil.origin("127.0.0.1")}/`);
  await fetchIn(browser, target, blind);
  assertEquals(transfers, 1);
});

Deno.test("Chromium runs scripts with the nonce of secureHeaders and no others", async () => {
  await using pages = await new Pages().listen();
  pages.server
    .use(secureHeaders({
      contentSecurityPolicy: {
        "default-src": ["'none'"],
        "script-src": [NONCE],
      },
    }))
    .get("/", (request) =>
      html(
        `<body><script nonce="${request.state.cspNonce}">good = 1</script>` +
          `<script>bad = 1</script><script nonce="x">bad = 2</script>` +
          `<img src=x onerror="bad = 3">`,
      ));
  await using browser = await Browser.start();
  await browser.open(`${pages.origin("localhost")}/`);
  assertEquals(
    await browser.evaluate(`[typeof good, typeof bad]`),
    ["number", "undefined"],
  );
  assert(browser.problems.some((text) => text.includes("Content Security")));
});
