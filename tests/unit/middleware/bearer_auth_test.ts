import { assertEquals, assertFalse, assertThrows } from "@std/assert";
import { HttpError, HttpServer, ok } from "@x/httpserver";
import {
  bearerAuth,
  type BearerTokensOptions,
  type BearerVerifyOptions,
} from "../../../src/middleware/bearer_auth.ts";
import { assertType, type Same } from "../../support/types.ts";

interface Refusal {
  status: number;
  challenge: string | null;
}

async function ask(
  server: HttpServer,
  authorization?: string,
): Promise<string | Refusal> {
  const headers: Record<string, string> = authorization === undefined
    ? {}
    : { authorization };
  const response = await server.inject({ headers });
  if (response.status === 200) return await response.text();
  const challenge = response.header("www-authenticate");
  return { status: response.status, challenge };
}

function withTokens(options: BearerTokensOptions): HttpServer {
  const server = new HttpServer();
  server.use(bearerAuth(options)).get(
    "/",
    (request) => ok(request.state.token),
  );
  return server;
}

Deno.test("bearerAuth() lets known tokens in", async () => {
  const one = withTokens({ tokens: "abc-._~+/123==" });
  assertEquals(await ask(one, "Bearer abc-._~+/123=="), "abc-._~+/123==");
  assertEquals(await ask(one, "bEARER  abc-._~+/123=="), "abc-._~+/123==");
  const two = withTokens({ tokens: ["first", "second"] });
  assertEquals(await ask(two, "Bearer first"), "first");
  assertEquals(await ask(two, "Bearer second"), "second");
});

Deno.test("bearerAuth() refuses by the table of RFC 6750 3.1", async () => {
  const realm = 'Bearer realm="api"';
  const server = withTokens({ tokens: ["abc", "def"], realm: "api" });
  const table: [
    authorization: string | undefined,
    status: number,
    error: string,
  ][] = [
    [undefined, 401, ""],
    ["", 401, ""],
    ["Basic YTpi", 401, ""],
    ["Bearerabc", 401, ""],
    ["Bearer", 400, "invalid_request"],
    ["Bearer a b", 400, "invalid_request"],
    ["Bearer abc, Bearer def", 400, "invalid_request"],
    ["Bearer abc,def", 400, "invalid_request"],
    ['Bearer "abc"', 400, "invalid_request"],
    ["Bearer =abc", 400, "invalid_request"],
    ["Bearer ab=c", 400, "invalid_request"],
    ["Bearer abd", 401, "invalid_token"],
    ["Bearer ab", 401, "invalid_token"],
    ["Bearer abcd", 401, "invalid_token"],
    ["Bearer ABC", 401, "invalid_token"],
  ];
  for (const [authorization, status, error] of table) {
    assertEquals(await ask(server, authorization), {
      status,
      challenge: error === "" ? realm : `${realm}, error="${error}"`,
    }, authorization);
  }
});

Deno.test("bearerAuth() takes no token from the URL or the content", async () => {
  const server = new HttpServer();
  server.use(bearerAuth({ tokens: "abc" })).post("/", () => ok());
  const response = await server.inject({
    method: "POST",
    path: "/?access_token=abc",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "access_token=abc",
  });
  assertEquals(response.status, 401);
});

Deno.test("bearerAuth() hands on whom verify has found", async () => {
  const server = new HttpServer();
  const users = new Map([["t1", { name: "Ada" }]]);
  server
    .use(bearerAuth({
      verify: (token) => Promise.resolve(users.get(token) ?? null),
    }))
    .get("/", ({ state }) => {
      assertType<Same<typeof state.user, { name: string }>>();
      return ok(`${state.user.name} ${state.token}`);
    });
  assertEquals(await ask(server, "Bearer t1"), "Ada t1");
  assertEquals(await ask(server, "Bearer t2"), {
    status: 401,
    challenge: 'Bearer realm="restricted", error="invalid_token"',
  });
});

Deno.test("bearerAuth() lets nobody in for a verdict of nothing", async () => {
  for (const verdict of [null, undefined, false]) {
    for (const later of [false, true]) {
      const server = new HttpServer();
      server.use(bearerAuth({
        verify: () => (later ? Promise.resolve(verdict) : verdict) as boolean,
      })).get("/", () => ok());
      const refusal = await ask(server, "Bearer x") as Refusal;
      assertEquals(refusal.status, 401, `${verdict}`);
    }
  }
});

Deno.test("bearerAuth() challenges for what verify refuses by an HttpError", async () => {
  const challenge = 'Bearer realm="r", scope="read write"';
  const own = { headers: { "www-authenticate": "DPoP" } };
  const table: [error: Error, status: number, challenge: string | null][] = [
    [
      new HttpError(403, "read only"),
      403,
      `${challenge}, error="insufficient_scope"`,
    ],
    [new HttpError(401, "expired"), 401, `${challenge}, error="invalid_token"`],
    [new HttpError(403, "", own), 403, "DPoP"],
    [new HttpError(503), 503, null],
    [new Error("no database"), 500, null],
  ];
  for (const [error, status, challenge] of table) {
    for (const later of [false, true]) {
      const server = new HttpServer({ log: () => {} });
      server.use(bearerAuth({
        realm: "r",
        scope: "read write",
        verify(): boolean | Promise<boolean> {
          if (later) return Promise.reject(error);
          throw error;
        },
      })).get("/", () => ok());
      assertEquals(await ask(server, "Bearer x"), { status, challenge });
    }
  }
});

Deno.test("bearerAuth() does not take an error of the handler for one of verify", async () => {
  const server = new HttpServer();
  server.use(bearerAuth({ tokens: "abc" })).get("/", () => {
    throw new HttpError(403, "not yours");
  });
  assertEquals(await ask(server, "Bearer abc"), {
    status: 403,
    challenge: null,
  });
});

Deno.test("bearerAuth() throws for malformed options, without the token", () => {
  const table: [options: unknown, message: string][] = [
    [{}, "neither"],
    [{ tokens: "a", verify: () => true }, "both"],
    [{ tokens: [] }, '"tokens"'],
    [{ tokens: "" }, "letters"],
    [{ tokens: ["good", undefined] }, "letters"],
    [{ tokens: "secret word" }, "letters"],
    [{ tokens: 7 }, '"tokens"'],
    [{ verify: "x" }, '"verify"'],
    [{ tokens: "a", realm: "\n" }, String.raw`"\n"`],
    [{ tokens: "a", scope: 'a"b' }, '"scope"'],
    [{ tokens: "a", token: "b" }, '"token"'],
  ];
  for (const [options, message] of table) {
    const error = assertThrows(
      () => bearerAuth(options as BearerVerifyOptions<boolean>),
      TypeError,
      message,
    );
    assertFalse(error.message.includes("secret"));
  }
});
