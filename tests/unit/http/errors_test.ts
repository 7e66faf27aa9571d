import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { HttpError } from "../../../src/http/errors.ts";

Deno.test("HttpError has a status and a message", () => {
  const error = new HttpError(404, "no such user");
  assertInstanceOf(error, Error);
  assertEquals(error.status, 404);
  assertEquals(error.message, "no such user");
  assertEquals(error.name, "HttpError");
  assertEquals(`${error}`, "HttpError: no such user");
  assert(error.stack?.includes("errors_test.ts"));
});

Deno.test("HttpError has defaults", () => {
  const error = new HttpError(503);
  assertEquals(error.message, "Service Unavailable");
  assertEquals(error.type, "about:blank");
  assertEquals(error.extensions, {});
  assertEquals(error.headers, undefined);
  assertEquals(error.cause, undefined);
  assertEquals(new HttpError(499).message, "");
});

Deno.test("HttpError carries its options", () => {
  const cause = new Error("below");
  const headers = { "retry-after": "5" };
  const error = new HttpError(429, "slow down", {
    cause,
    headers,
    type: "https://example.com/slow",
    extensions: { wait: 5 },
  });
  assertStrictEquals(error.cause, cause);
  assertStrictEquals(error.headers, headers);
  assertEquals(error.type, "https://example.com/slow");
  assertEquals(error.extensions, { wait: 5 });
});

Deno.test("HttpError refuses a status that is no error", () => {
  for (const status of [399, 600, 200, 0, -1, 404.5, NaN, Infinity]) {
    assertThrows(() => new HttpError(status), RangeError, `${status}`);
  }
  for (const status of [400, 599]) {
    assertEquals(new HttpError(status).status, status);
  }
});
