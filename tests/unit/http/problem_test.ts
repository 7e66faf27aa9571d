import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { HttpError } from "../../../src/http/errors.ts";
import type { HeadersLike } from "../../../src/http/headers.ts";
import {
  errorResponse,
  negotiateProblem,
  problem,
} from "../../../src/http/problem.ts";
import type { HttpRequest } from "../../../src/http/request.ts";
import { HttpResponse } from "../../../src/http/response.ts";
import { fakeRequest } from "./fixtures.ts";

const JSON_TYPE = "application/problem+json";
const TEXT_TYPE = "text/plain; charset=utf-8";
const BROWSER =
  "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

function accepting(accept: string | null): HttpRequest {
  return accept === null ? fakeRequest() : fakeRequest({}, ["Accept", accept]);
}

const ACCEPTED: [accept: string | null, type: string][] = [
  [null, JSON_TYPE],
  ["*/*", JSON_TYPE],
  ["", JSON_TYPE],
  ["application/problem+json", JSON_TYPE],
  ["application/json", JSON_TYPE],
  ["application/*", JSON_TYPE],
  ["application/json, text/plain, */*", JSON_TYPE],
  ["text/html;q=0.5, application/json", JSON_TYPE],
  ["image/png", JSON_TYPE],
  ["image/*,*/*;q=0.8", JSON_TYPE],
  ["nonsense", JSON_TYPE],
  ["text/plain", TEXT_TYPE],
  ["text/html", TEXT_TYPE],
  ["text/*", TEXT_TYPE],
  ["text/plain, application/json;q=0.9", TEXT_TYPE],
  [BROWSER, TEXT_TYPE],
];

Deno.test("errorResponse() chooses the type by Accept", () => {
  for (const [accept, type] of ACCEPTED) {
    const response = errorResponse(new HttpError(404), accepting(accept));
    assertEquals(response.header("content-type"), type, `Accept: ${accept}`);
    assertEquals(response.header("vary"), "Accept");
  }
});

Deno.test("negotiateProblem() chooses the type by Accept", () => {
  for (const [accept, type] of ACCEPTED) {
    const response = problem(404, "no such user");
    const answer = negotiateProblem(response, accepting(accept));
    assertEquals(answer.header("content-type"), type, `Accept: ${accept}`);
    assertStrictEquals(answer.error, response.error);
  }
});

Deno.test("errorResponse() renders an HttpError as problem details", async () => {
  const error = new HttpError(409, "the name is taken", {
    type: "https://example.com/taken",
    extensions: { name: "ann", tries: [1, 2] },
    headers: { "X-A": "1" },
  });
  const response = errorResponse(error, fakeRequest());
  assertEquals(response.status, 409);
  assertEquals(response.header("x-a"), "1");
  assertEquals(await response.json(), {
    type: "https://example.com/taken",
    title: "Conflict",
    status: 409,
    detail: "the name is taken",
    name: "ann",
    tries: [1, 2],
  });
  assertStrictEquals(response.error, error);
});

Deno.test("errorResponse() renders plain text that is never guessed to be HTML", async () => {
  const cases: [error: HttpError, text: string][] = [
    [new HttpError(404), "404 Not Found\n"],
    [new HttpError(404, ""), "404 Not Found\n"],
    [new HttpError(404, "<b>no</b>"), "404 Not Found: <b>no</b>\n"],
    [new HttpError(500, "secret"), "500 Internal Server Error\n"],
    [new HttpError(499), "499 Error\n"],
  ];
  for (const [error, text] of cases) {
    const response = errorResponse(error, accepting(BROWSER));
    assertEquals(await response.text(), text);
    assertEquals(response.header("x-content-type-options"), "nosniff");
  }
});

Deno.test("errorResponse() leaves out a detail that says no more than the title", async () => {
  for (const error of [new HttpError(404), new HttpError(404, "")]) {
    assertEquals(await errorResponse(error, fakeRequest()).json(), {
      type: "about:blank",
      title: "Not Found",
      status: 404,
    });
  }
});

Deno.test("errorResponse() tells nothing of anything else that was thrown", async () => {
  const secret = "password=hunter2";
  const thrown: unknown[] = [
    new Error(secret),
    new TypeError(secret),
    Object.assign(new Error(secret), { status: 404, headers: { a: secret } }),
    secret,
    { message: secret, status: 404 },
    undefined,
    null,
    Symbol(secret),
    new Proxy({}, {
      getPrototypeOf() {
        throw new Error(secret);
      },
    }),
  ];
  for (const error of thrown) {
    for (const accept of [null, "text/plain"]) {
      const response = errorResponse(error, accepting(accept));
      assertEquals(response.status, 500);
      const text = await response.text() +
        JSON.stringify([...response.headers]);
      assert(!text.includes(secret), text);
      assert(text.includes("Internal Server Error"));
      assertStrictEquals(response.error, error);
    }
  }
});

Deno.test("errorResponse() never sends the message of a 5xx", async () => {
  const cause = new Error("secret cause");
  for (const status of [500, 501, 502, 503, 599]) {
    const error = new HttpError(status, "secret", {
      cause,
      headers: { "Retry-After": "5" },
      extensions: { retry: 5, detail: "not this way either" },
    });
    for (const accept of [null, "text/html"]) {
      const response = errorResponse(error, accepting(accept));
      const text = await response.text();
      assert(!text.includes("secret") && !text.includes("either"), text);
      assertEquals(response.status, status);
      assertEquals(response.header("retry-after"), "5");
    }
  }
});

Deno.test("errorResponse() keeps extensions from changing the standard members", async () => {
  const error = new HttpError(400, "real", {
    extensions: { status: 200, title: "fake", type: "fake", detail: "fake" },
  });
  assertEquals(await errorResponse(error, fakeRequest()).json(), {
    type: "about:blank",
    title: "Bad Request",
    status: 400,
    detail: "real",
  });
});

Deno.test("errorResponse() keeps the status when headers or extensions are odd", async () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const odd: HttpError[] = [
    new HttpError(418, "tea", { headers: { "x-a": "a\r\nb: c" } }),
    new HttpError(418, "tea", { headers: { "bad name": "a" } }),
    new HttpError(418, "tea", { headers: 7 as unknown as HeadersLike }),
    new HttpError(418, "tea", { headers: null as unknown as HeadersLike }),
    new HttpError(418, "tea", { extensions: cycle }),
    new HttpError(418, "tea", { extensions: { big: 1n } }),
    new HttpError(418, "tea", {
      extensions: {
        get boom(): never {
          throw new Error("boom");
        },
      },
    }),
  ];
  for (const error of odd) {
    const response = errorResponse(error, fakeRequest());
    assertEquals(response.status, 418);
    assertEquals(await response.json(), {
      type: "about:blank",
      title: "I'm a teapot",
      status: 418,
      detail: "tea",
    });
    assertStrictEquals(response.error, error);
  }
});

Deno.test("errorResponse() drops fields that speak of another content", () => {
  const error = new HttpError(400, "no", {
    headers: {
      "Content-Type": "text/html",
      "Content-Length": "1",
      "Content-Encoding": "gzip",
      "Transfer-Encoding": "chunked",
      "Vary": "Origin",
      "Set-Cookie": ["a=1", "b=2"],
    },
  });
  const { headers } = errorResponse(error, fakeRequest());
  assertEquals([...headers], [
    ["vary", "Origin, Accept"],
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
    ["content-type", JSON_TYPE],
  ]);
});

Deno.test("errorResponse() leaves the error's own headers as they are", () => {
  const first = new HttpError(405, "no", { headers: { allow: "GET" } });
  errorResponse(first, fakeRequest()).headers.append("Vary", "Origin");
  const second = errorResponse(first, fakeRequest());
  assertEquals(second.header("vary"), "Accept");
  assertEquals(second.header("allow"), "GET");
});

Deno.test("problem() makes an answer that stands for an HttpError", async () => {
  const response = problem(422, "no such currency", {
    headers: { "x-a": "1" },
    type: "/problems/currency",
    extensions: { currency: "EUR" },
  });
  assertEquals(response.status, 422);
  assertEquals(response.header("content-type"), JSON_TYPE);
  assertEquals(response.header("x-a"), "1");
  assertEquals(await response.json(), {
    type: "/problems/currency",
    title: "Unprocessable Content",
    status: 422,
    detail: "no such currency",
    currency: "EUR",
  });
  assert(response.error instanceof HttpError);
  assertEquals(response.error.message, "no such currency");
});

Deno.test("problem() refuses what it cannot send", () => {
  assertThrows(() => problem(200, "fine"), RangeError, "200");
  assertThrows(() => problem(400, "a", { status: 302 }), RangeError, "302");
  assertThrows(
    () => problem(400, "a", { headers: { a: "\r\n" } }),
    TypeError,
    '"a"',
  );
  assertThrows(() => problem(400, "a", { extensions: { a: 1n } }), TypeError);
});

Deno.test("negotiateProblem() turns a problem into text and keeps its fields", async () => {
  const shared = problem(401, "log in", { headers: { "x-a": "1" } });
  shared.headers.append("Set-Cookie", "a=1");
  const response = negotiateProblem(shared, accepting(BROWSER));
  // It may be a constant: the next client gets JSON from it.
  assertEquals(shared.header("content-type"), "application/problem+json");
  assertEquals((await shared.json() as { status: number }).status, 401);
  assertEquals(await response.text(), "401 Unauthorized: log in\n");
  assertEquals([...response.headers].toSorted(), [
    ["content-type", TEXT_TYPE],
    ["set-cookie", "a=1"],
    ["vary", "Accept"],
    ["www-authenticate", 'Bearer realm="restricted"'],
    ["x-a", "1"],
    ["x-content-type-options", "nosniff"],
  ]);
});

Deno.test("negotiateProblem() leaves any other answer as it is", () => {
  const own = new HttpResponse({
    status: 404,
    headers: { "content-type": JSON_TYPE },
    body: "{}",
  });
  const changedBody = problem(404, "a");
  changedBody.body = '{"mine":true}';
  const changedType = problem(404, "a");
  changedType.headers.set("content-type", "application/json");
  const logged = new HttpResponse({ status: 500, body: "sorry" });
  logged.error = new HttpError(500);
  const request = accepting(BROWSER);
  for (const response of [own, changedBody, changedType, logged]) {
    const { body } = response;
    const fields = [...response.headers];
    negotiateProblem(response, request);
    assertEquals([response.body, [...response.headers]], [body, fields]);
  }
});

Deno.test("negotiateProblem() does nothing the second time", async () => {
  const request = accepting(BROWSER);
  const response = negotiateProblem(problem(404, "a"), request);
  response.headers.set("X-Content-Type-Options", "mine");
  negotiateProblem(response, request);
  assertEquals(await response.text(), "404 Not Found: a\n");
  assertEquals(response.header("x-content-type-options"), "mine");
});
