/** The API of examples/10_notes, without a socket. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import type { HttpServer } from "@x/httpserver";
import { createApp, type NotesOptions } from "../../examples/10_notes/app.ts";
import type { Note } from "../../examples/10_notes/store.ts";

/** An application of its own in memory, closed at the end of the test. */
function start(options: Partial<NotesOptions> = {}): HttpServer {
  return createApp({
    database: ":memory:",
    passwordIterations: 10,
    logSink: () => {},
    ...options,
  });
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly header: (name: string) => string | null;
}

/** A browser of sorts: it keeps the cookie that it gets. */
class Client {
  cookie = "";
  readonly #server: HttpServer;

  constructor(server: HttpServer) {
    this.#server = server;
  }

  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await this.#server.inject({
      ...{ method, path: `/api${path}`, body: body as object },
      headers: { accept: "application/json", cookie: this.cookie, ...headers },
    });
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) this.cookie = set.split(";")[0];
    const text = await response.text();
    return {
      status: response.status,
      body: text === "" ? {} : JSON.parse(text),
      header: (name) => response.header(name),
    };
  }

  async signUp(name: string, password = "correct horse"): Promise<this> {
    const { status } = await this.ask("POST", "/account", { name, password });
    assertEquals(status, 201);
    return this;
  }

  async write(text: string, pinned = false): Promise<Note> {
    const { status, body } = await this.ask("POST", "/notes", { text, pinned });
    assertEquals(status, 201);
    return body as unknown as Note;
  }

  change(note: Note, text: string, version = note.version): Promise<Answer> {
    const headers = { "if-match": `"${version}"` };
    return this.ask("PUT", `/notes/${note.id}`, { text }, headers);
  }

  async texts(query = ""): Promise<string[]> {
    const { body } = await this.ask("GET", `/notes${query}`);
    return (body.notes as Note[]).map(({ text }) => text);
  }
}

Deno.test("createApp() of the notes: signing up, out and in", async () => {
  await using server = start();
  const ada = new Client(server);
  assertEquals((await ada.ask("GET", "/session")).body, { user: null });
  const who = { name: "Ada", password: "correct horse" };
  const up = await ada.ask("POST", "/account", who);
  assertEquals([up.status, up.body], [201, { user: { name: "Ada" } }]);
  assertMatch(
    up.header("set-cookie") ?? "",
    /^session=[\w-]{43}\.[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  assertEquals((await ada.ask("GET", "/session")).body, up.body);

  const { cookie } = ada;
  assertEquals((await ada.ask("DELETE", "/session")).status, 204);
  assertEquals((await ada.ask("GET", "/session")).body, { user: null });
  // The session itself has ended, whoever has kept its cookie.
  ada.cookie = cookie;
  assertEquals((await ada.ask("GET", "/session")).body, { user: null });

  for (const wrong of [{ ...who, password: "wrong" }, { ...who, name: "no" }]) {
    const { status, body } = await ada.ask("POST", "/session", wrong);
    assertEquals([status, body.detail], [401, "Name or password is wrong"]);
  }
  const back = await ada.ask("POST", "/session", { ...who, name: "ADA" });
  assertEquals([back.status, back.body], [200, { user: { name: "Ada" } }]);
  assertNotEquals(ada.cookie, cookie);
});

Deno.test("createApp() of the notes: a session ends after 30 days, a forged cookie is none", async () => {
  let now = Date.now();
  await using server = start({ now: () => now });
  const ada = await new Client(server).signUp("ada");
  now += 30 * 24 * 3_600_000 - 1;
  assertEquals((await ada.ask("GET", "/notes")).status, 200);
  const { cookie } = ada;
  ada.cookie = cookie.replace(/.$/, (last) => last === "A" ? "B" : "A");
  assertEquals((await ada.ask("GET", "/notes")).status, 401);
  ada.cookie = cookie;
  now += 1;
  const late = await ada.ask("GET", "/notes");
  assertEquals(late.status, 401);
  assertEquals(late.header("www-authenticate"), 'Cookie realm="notes"');
});

Deno.test("createApp() of the notes: writing, reading, changing, deleting", async () => {
  let now = 1_000;
  await using server = start({ now: () => now });
  const ada = await new Client(server).signUp("ada");
  const note = await ada.write("Milk\nand bread");
  assertEquals([note.version, note.createdAt, note.pinned], [1, 1_000, false]);
  const read = await ada.ask("GET", `/notes/${note.id}`);
  assertEquals([read.status, read.header("etag")], [200, '"1"']);
  const seen = { "if-none-match": '"1"' };
  const again = await ada.ask("GET", `/notes/${note.id}`, undefined, seen);
  assertEquals(again.status, 304);

  now = 2_000;
  const changed = await ada.change(note, "Milk\nand cheese");
  assertEquals([changed.status, changed.header("etag")], [200, '"2"']);
  assertEquals(changed.body.updatedAt, 2_000);
  assertEquals(await ada.texts(), ["Milk\nand cheese"]);
  // Somebody has seen the first version only.
  assertEquals((await ada.change(note, "Milk")).status, 412);
  const blind = await ada.ask("PUT", `/notes/${note.id}`, { text: "x" });
  assertEquals(blind.status, 428);

  assertEquals((await ada.ask("DELETE", `/notes/${note.id}`)).status, 204);
  for (const method of ["GET", "DELETE"]) {
    assertEquals((await ada.ask(method, `/notes/${note.id}`)).status, 404);
  }
  assertEquals((await ada.change(note, "x")).status, 404);
});

Deno.test("createApp() of the notes: nobody gets at the notes of another", async () => {
  await using server = start();
  const ada = await new Client(server).signUp("ada");
  const bob = await new Client(server).signUp("bob");
  const note = await ada.write("secret of Ada");
  await bob.write("Bob's own");
  assertEquals(await bob.texts(), ["Bob's own"]);
  assertEquals(await bob.texts("?q=secret"), []);
  assertEquals((await bob.ask("GET", `/notes/${note.id}`)).status, 404);
  assertEquals((await bob.change(note, "mine")).status, 404);
  assertEquals((await bob.ask("DELETE", `/notes/${note.id}`)).status, 404);
  assertEquals(await ada.texts(), ["secret of Ada"]);
  const stranger = new Client(server);
  for (const path of ["/notes", `/notes/${note.id}`]) {
    assertEquals((await stranger.ask("GET", path)).status, 401);
  }
});

Deno.test("createApp() of the notes: pages, pinned ones first, each note once", async () => {
  let now = 0;
  await using server = start({ now: () => now });
  const ada = await new Client(server).signUp("ada");
  const expected: string[] = [];
  for (let n = 0; n < 23; n++) {
    // Some share a time: the cursor must tell them apart.
    now = Math.floor(n / 4);
    await ada.write(`note ${n}`, n % 10 === 0);
    expected.push(`note ${n}`);
  }
  const texts: string[] = [];
  let cursor: unknown = "";
  for (let pages = 0; cursor !== null; pages++) {
    assert(pages < 5);
    const query = cursor === "" ? "" : `&cursor=${cursor}`;
    const { body } = await ada.ask("GET", `/notes?limit=7${query}`);
    assertEquals(body.total, 23);
    texts.push(...(body.notes as Note[]).map(({ text }) => text));
    cursor = body.next;
  }
  assertEquals(texts.slice(0, 3), ["note 20", "note 10", "note 0"]);
  assertEquals(texts.toSorted(), expected.toSorted());
});

Deno.test("createApp() of the notes: searching by words and their beginnings, accents or not", async () => {
  await using server = start();
  const ada = await new Client(server).signUp("ada");
  await ada.write("Café in Zürich");
  const shopping = await ada.write("Shopping\ncoffee, 'quoted' \"text\"");
  const found = (query: string) => ada.texts(`?q=${encodeURIComponent(query)}`);
  assertEquals(await found("cafe"), ["Café in Zürich"]);
  assertEquals(await found("zur caf"), ["Café in Zürich"]);
  assertEquals((await found("")).length, 2);
  assertEquals((await found("c")).length, 2);
  for (const none of ["fe", "?!", "cafe coffee", "NOT cafe", '" OR "']) {
    assertEquals(await found(none), [], none);
  }
  assertEquals((await found('"TEXT" quoted*')).length, 1);
  await ada.change(shopping, "Tea");
  assertEquals(await found("coffee"), []);
  assertEquals(await found("tea"), ["Tea"]);
  await ada.ask("DELETE", `/notes/${shopping.id}`);
  assertEquals(await found("tea"), []);
});

const LONG = "x".repeat(20_001);
const FAULTS: [path: string, body: unknown, pointers: string[]][] = [
  ["/account", { name: "a", password: "short" }, ["#/name", "#/password"]],
  ["/account", { name: "<b>ob", password: "long enough" }, ["#/name"]],
  ["/session", { name: "", password: 7 }, ["#/name", "#/password"]],
  ["/notes", { text: LONG }, ["#/text"]],
  // SQLite would give back the part before it, and another character.
  ["/notes", { text: "a\0b" }, ["#/text"]],
  ["/notes", { text: "a\ud800b" }, ["#/text"]],
  ["/notes", { text: 7, pinned: "yes", id: 1 }, ["#/text", "#/pinned", "#/id"]],
];

Deno.test("createApp() of the notes: what is wrong is told as problem details", async () => {
  await using server = start();
  const ada = await new Client(server).signUp("ada");
  for (const [path, content, pointers] of FAULTS) {
    const { status, body, header } = await ada.ask("POST", path, content);
    assertEquals([status, body.status], [422, 422]);
    assertEquals(header("content-type"), "application/problem+json");
    const errors = body.errors as { pointer: string; detail: string }[];
    assertEquals(errors.map(({ pointer }) => pointer), pointers);
  }
  assertEquals((await ada.ask("POST", "/notes", [])).status, 422);
  const type = { "content-type": "application/json" };
  assertEquals((await ada.ask("POST", "/notes", "{", type)).status, 400);
  assertEquals(
    (await ada.ask("POST", "/notes", { text: "x".repeat(2e5) })).status,
    413,
  );
  for (const query of ["limit=0", "limit=x", "limit=101", "cursor=1.2.3"]) {
    assertEquals((await ada.ask("GET", `/notes?${query}`)).status, 400, query);
  }
  const taken = { name: "ADA", password: "long enough" };
  assertEquals((await ada.ask("POST", "/account", taken)).status, 409);
});

Deno.test("createApp() of the notes: attempts to sign in are limited, forged requests refused", async () => {
  await using server = start({ attempts: 3 });
  const client = new Client(server);
  const who = { name: "ada", password: "guess" };
  for (const expected of [401, 401, 401, 429]) {
    const { status } = await client.ask("POST", "/session", who);
    assertEquals(status, expected);
  }
  const { status, header } = await client.ask("POST", "/account", who);
  assertEquals(status, 429, "signing up counts as well");
  assertMatch(header("retry-after") ?? "", /^\d+$/);
  assertEquals((await client.ask("GET", "/session")).status, 200);
  const cross = { "sec-fetch-site": "cross-site" };
  const forged = await client.ask("DELETE", "/session", undefined, cross);
  assertEquals(forged.status, 403);
});

Deno.test("createApp() of the notes: the site is guarded, tagged and compressed", async () => {
  await using server = start();
  const page = await server.inject({
    path: "/",
    headers: { "accept-encoding": "gzip" },
  });
  assertEquals([page.status, page.header("content-encoding")], [200, "gzip"]);
  assertMatch(
    page.header("content-security-policy") ?? "",
    /default-src 'none'/,
  );
  assertEquals(page.header("cache-control"), "private, no-cache");
  const tag = page.header("etag") ?? "";
  const headers = { "accept-encoding": "gzip", "if-none-match": tag };
  const again = await server.inject({ path: "/", headers });
  assertEquals([again.status, again.header("etag")], [304, tag]);
  const missing = await server.inject({ path: "/none.js" });
  assertEquals(missing.status, 404);
});

Deno.test("createApp() of the notes: health and metrics tell of the application", async () => {
  await using server = start();
  for (const path of ["live", "ready", "startup"]) {
    const { status } = await server.inject({ path: `/health/${path}` });
    assertEquals(status, 200, path);
  }
  await server.inject({ path: "/api/session" });
  const metrics = await (await server.inject({ path: "/metrics" })).text();
  assertMatch(
    metrics,
    /http_server_requests_total\{method="GET",route="\/api\/session",status="200"\} 1\n/,
  );
});
