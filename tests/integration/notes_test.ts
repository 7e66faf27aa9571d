/** examples/10_notes as a process: what an installation decides, and its end. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { type Program, startServer } from "../support/program.ts";

const KEYS = "a secret of the test that is long enough";

/** A folder for a database, removed at the end. */
class Folder implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(): Promise<Folder> {
    return new Folder(await Deno.makeTempDir({ prefix: "notes_" }));
  }

  start(env: Record<string, string> = {}): Promise<Program> {
    const NOTES_DATABASE = join(this.path, "notes.db");
    return startServer("examples/10_notes/main.ts", [], {
      env: { PORT: "0", NOTES_DATABASE, ...env },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

function post(
  url: string,
  content: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const body = JSON.stringify(content);
  return fetch(url, { method: "POST", headers, body });
}

/** Signs up and gives the cookie. */
async function signUp(
  url: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const who = { name: "ada", password: "correct horse" };
  const response = await post(`${url}/api/account`, who, headers);
  assertEquals(response.status, 201);
  await response.body?.cancel();
  return response.headers.getSetCookie()[0];
}

async function texts(url: string, cookie: string): Promise<string[]> {
  const response = await fetch(`${url}/api/notes`, { headers: { cookie } });
  assertEquals(response.status, 200);
  const { notes } = await response.json();
  return notes.map(({ text }: { text: string }) => text);
}

Deno.test("10_notes keeps notes and sessions when it is ended and started again", async () => {
  await using folder = await Folder.make();
  await using first = await folder.start();
  const url = await first.url();
  const cookie = (await signUp(url)).split(";")[0];
  const written = await post(`${url}/api/notes`, { text: "Milk" }, { cookie });
  assertEquals(written.status, 201);
  const { id } = await written.json();
  assertEquals(written.headers.get("location"), `/api/notes/${id}`);
  first.kill("SIGTERM");
  const { code, stdout, stderr } = await first.ended();
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "POST");

  await using second = await folder.start();
  assertEquals(await texts(await second.url(), cookie), ["Milk"]);
});

Deno.test("10_notes lets two processes serve one database", async () => {
  await using folder = await Folder.make();
  await using one = await folder.start();
  const first = await one.url();
  await using two = await folder.start();
  const second = await two.url();
  const cookie = (await signUp(first)).split(";")[0];
  const writing = [first, second, first, second].map((url, at) =>
    post(`${url}/api/notes`, { text: `${at}` }, { cookie })
  );
  for (const response of await Promise.all(writing)) {
    assertEquals(response.status, 201);
    await response.body?.cancel();
  }
  for (const url of [first, second]) {
    assertEquals((await texts(url, cookie)).sort(), ["0", "1", "2", "3"]);
  }
});

Deno.test("10_notes sets a secure cookie behind a proxy with TLS, signed by its keys", async () => {
  await using folder = await Folder.make();
  const env = { TRUSTED_PROXIES: "127.0.0.1", LOG_FORMAT: "json" };
  await using first = await folder.start({ ...env, NOTES_KEYS: KEYS });
  const url = await first.url();
  const https = {
    "x-forwarded-proto": "https",
    "x-forwarded-for": "192.0.2.7",
  };
  const set = await signUp(url, https);
  assertMatch(set, /^__Host-session=.*; Secure; HttpOnly; SameSite=Lax$/);
  const headers = { cookie: set.split(";")[0], ...https };
  const who = async (program: Program) =>
    await (await fetch(`${await program.url()}/api/session`, { headers }))
      .json();
  assertEquals(await who(first), { user: { name: "ada" } });
  const page = await fetch(url, { headers: https });
  await page.body?.cancel();
  assertMatch(page.headers.get("strict-transport-security") ?? "", /max-age/);
  first.kill("SIGTERM");
  const { stdout } = await first.ended();
  assertStringIncludes(stdout, '"remoteAddress":"192.0.2.7"');

  // The old key stays valid beside a new one, and no longer.
  const both = `${KEYS.toUpperCase()},${KEYS}`;
  await using second = await folder.start({ ...env, NOTES_KEYS: both });
  assertEquals(await who(second), { user: { name: "ada" } });
  await using third = await folder.start({
    ...env,
    NOTES_KEYS: KEYS.toUpperCase(),
  });
  assertEquals(await who(third), { user: null });
});
