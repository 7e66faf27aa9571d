/**
 * {@linkcode bodyLimit}: how much content a request may have.
 *
 * @example Small bodies only
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { bodyLimit } from "@x/httpserver/middleware/body-limit";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer();
 * server.post("/", bodyLimit(4), async (request) => ok(await request.text()));
 * const response = await server.inject({ method: "POST", body: "too long" });
 * assertEquals(response.status, 413);
 * ```
 *
 * @module
 */

import { checkNumber } from "../http/checks.ts";
import type { Middleware } from "../http/handler.ts";
import { bodyOf } from "../http/request.ts";

/**
 * Makes a middleware that sets the most bytes of content that requests may have,
 * in place of the server's `limits.bodyBytes`: more, or less. A request that
 * declares more is answered 413 before a byte of it is read or invited; one in
 * chunks once it has sent more. Nothing is held in memory for it.
 *
 * The innermost limit counts: that of a router's middleware before the server's,
 * and the `bodyBytes` of a route before both.
 *
 * It reads and sets nothing. Its place: before whatever reads the content.
 *
 * @param bytes The most bytes, from 0.
 * @throws {RangeError} If it is not a safe integer from 0.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { bodyLimit } from "@x/httpserver/middleware/body-limit";
 * import { assertEquals } from "@std/assert";
 *
 * const server = new HttpServer()
 *   .use("/notes", bodyLimit(10))
 *   .post("/notes", async (request) => ok(await request.text()));
 * async function post(body: string): Promise<number> {
 *   const request = { method: "POST", path: "/notes", body };
 *   return (await server.inject(request)).status;
 * }
 * assertEquals(await post("short"), 200);
 * assertEquals(await post("longer than that"), 413);
 * ```
 */
export function bodyLimit(bytes: number): Middleware {
  const bounds = { least: 0, whole: true, unit: "bytes" };
  checkNumber("the limit of bodyLimit", bytes, bounds);
  return function bodyLimit(request, next) {
    const body = bodyOf(request);
    if (body !== null) body.limit = bytes;
    return next();
  };
}
