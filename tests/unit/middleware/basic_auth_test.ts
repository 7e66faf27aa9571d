import { assertEquals, assertThrows } from "@std/assert";
import { HttpServer, ok } from "@x/httpserver";
import {
  basicAuth,
  type BasicAuthOptions,
} from "../../../src/middleware/basic_auth.ts";

const USERS = { ada: "lovelace", "grace": "hop:per", "jürgen": "pässwörd €" };

function site(options: BasicAuthOptions = { users: USERS }): HttpServer {
  const server = new HttpServer({ log: () => {} });
  server.use(basicAuth(options)).get("/", (request) => ok(request.state.user));
  return server;
}

function encode(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(String.fromCharCode(...bytes));
}

/** The user that is let in, or the status. */
async function ask(
  server: HttpServer,
  authorization?: string,
): Promise<string | number> {
  const headers: Record<string, string> = authorization === undefined
    ? {}
    : { authorization };
  const response = await server.inject({ headers });
  return response.status === 200 ? await response.text() : response.status;
}

Deno.test("basicAuth() lets users in with their password", async () => {
  const table: [userPass: string, user: string][] = [
    ["ada:lovelace", "ada"],
    ["grace:hop:per", "grace"],
    ["jürgen:pässwörd €", "jürgen"],
    // The same characters, decomposed.
    ["jürgen:pässwörd €".normalize("NFD"), "jürgen"],
  ];
  const servers = [site(), site({ users: new Map(Object.entries(USERS)) })];
  for (const server of servers) {
    for (const [userPass, user] of table) {
      assertEquals(await ask(server, `Basic ${encode(userPass)}`), user);
    }
  }
  assertEquals(
    await ask(servers[0], `bAsIc   ${encode("ada:lovelace")}`),
    "ada",
  );
});

Deno.test("basicAuth() refuses everybody else with 401", async () => {
  const good = encode("ada:lovelace");
  const table: (string | undefined)[] = [
    undefined,
    "",
    "Basic",
    "Basic ",
    `Bearer ${good}`,
    `Basic${good}`,
    `Basic ${good} ${good}`,
    `Basic ${good}, Basic ${good}`,
    `Basic "${good}"`,
    `Basic ${good}!`,
    "Basic A",
    `Basic ${encode("ada:Lovelace")}`,
    `Basic ${encode("ada:lovelac")}`,
    `Basic ${encode("ada:lovelacee")}`,
    `Basic ${encode("ada:")}`,
    `Basic ${encode("ada")}`,
    `Basic ${encode("Ada:lovelace")}`,
    `Basic ${encode(" ada:lovelace")}`,
    `Basic ${encode(":lovelace")}`,
    `Basic ${encode(":")}`,
    `Basic ${encode("nobody:lovelace")}`,
    `Basic ${encode("ada\0:lovelace")}`,
    `Basic ${encode("ada:lovelace\n")}`,
    `Basic ${encode("__proto__:x")}`,
    `Basic ${encode("constructor:x")}`,
    // Latin-1, which is no UTF-8.
    `Basic ${btoa("j\u00fcrgen:p\u00e4ssw\u00f6rd")}`,
    `Basic ${encode("\ufeffada:lovelace")}`,
  ];
  const server = site();
  for (const authorization of table) {
    assertEquals(await ask(server, authorization), 401, authorization);
  }
});

Deno.test("basicAuth() challenges with its realm and UTF-8", async () => {
  const response = await site({ users: USERS, realm: 'the "staff"' }).inject(
    {},
  );
  assertEquals(
    response.header("www-authenticate"),
    String.raw`Basic realm="the \"staff\"", charset="UTF-8"`,
  );
  assertEquals(response.header("content-type"), "application/problem+json");
});

Deno.test("basicAuth() asks verify, at once or later, and takes true alone", async () => {
  const seen: string[] = [];
  const table: [verdict: unknown, status: string | number][] = [
    [true, "ada"],
    [Promise.resolve(true), "ada"],
    [false, 401],
    [Promise.resolve(false), 401],
    ["yes", 401],
    [1, 401],
    [null, 401],
    [undefined, 401],
    [Promise.resolve({}), 401],
    [{}, 401],
  ];
  for (const [verdict, expected] of table) {
    const server = site({
      verify(user, password, request) {
        seen.push(`${user} ${password} ${request.method}`);
        return verdict as boolean;
      },
    });
    const answer = await ask(server, `Basic ${encode("ada:a:b")}`);
    assertEquals(answer, expected, `${verdict}`);
  }
  assertEquals(new Set(seen), new Set(["ada a:b GET"]));
});

Deno.test("basicAuth() lets nobody in when verify fails", async () => {
  const failures: BasicAuthOptions["verify"][] = [
    () => {
      throw new Error("no database");
    },
    () => Promise.reject(new Error("no database")),
  ];
  for (const verify of failures) {
    const answer = await ask(site({ verify }), `Basic ${encode("a:b")}`);
    assertEquals(answer, 500);
  }
});

Deno.test("basicAuth() throws for options that would let anybody or nobody in", () => {
  const table: [options: unknown, message: string][] = [
    [{}, "neither"],
    [{ users: USERS, verify: () => true }, "both"],
    [{ users: {} }, "without a user"],
    [{ users: { ada: "" } }, '"ada"'],
    [{ users: { ada: undefined } }, '"ada"'],
    [{ users: { "a:b": "c" } }, '"a:b"'],
    [{ users: { "": "c" } }, '""'],
    [{ users: { "a\n": "c" } }, String.raw`"a\n"`],
    [{ users: "ada:lovelace" }, '"users"'],
    [{ verify: true }, '"verify"'],
    [{ users: USERS, realm: "a\r\nb" }, String.raw`"a\r\nb"`],
    [{ users: USERS, realm: 7 }, "7"],
    [{ users: USERS, charset: "latin1" }, '"charset"'],
    [undefined, "undefined"],
  ];
  for (const [options, message] of table) {
    assertThrows(
      () => basicAuth(options as BasicAuthOptions),
      TypeError,
      message,
    );
  }
});
