/** Messages that an application author can meet. */
import { API, checkMistakes } from "../../support/messages.ts";

const {
  HttpResponse,
  badRequest,
  created,
  html,
  json,
  notFound,
  ok,
  redirect,
  text,
} = API;

Deno.test("answers and their helpers tell what is wrong with them, and how to mend it", async () => {
  await checkMistakes([
    [
      () => new HttpResponse("text"),
      TypeError,
      'Cannot make an HttpResponse of "text": pass { status, headers, body }, or call a helper such as text("hello")',
    ],
    [
      () => new HttpResponse("text", { status: 201 }),
      TypeError,
      'Cannot make an HttpResponse of "text": pass { status, headers, body }, or call a helper such as text("hello")',
    ],
    [
      () => new HttpResponse(null, { status: 204 }),
      TypeError,
      'Cannot make an HttpResponse of null: pass { status, headers, body }, or call a helper such as text("hello")',
    ],
    [
      () => new HttpResponse(404),
      TypeError,
      'Cannot make an HttpResponse of 404: pass { status, headers, body }, or call a helper such as text("hello")',
    ],
    [
      () => new HttpResponse({ statusCode: 201 }),
      TypeError,
      'Cannot find "statusCode" among the options of HttpResponse: there are status',
    ],
    [
      () => new HttpResponse({ body: { a: 1 } }),
      TypeError,
      "Cannot answer with a body that is a plain object: take text, a Uint8Array, a stream or an async iterable, or call json(value)",
    ],
    [
      () => new HttpResponse({ body: 5 }),
      TypeError,
      "Cannot answer with a body that is 5: take text, a Uint8Array, a stream or an async iterable, or call json(value)",
    ],
    [
      () => new HttpResponse({ body: Promise.resolve("x") }),
      TypeError,
      "Cannot answer with a body that is a Promise: take text, a Uint8Array, a stream or an async iterable, or call json(value)",
    ],
    [
      () => new HttpResponse({ body: [1] }),
      TypeError,
      "Cannot answer with a body that is an array: take text, a Uint8Array, a stream or an async iterable, or call json(value)",
    ],
    [
      () => new HttpResponse({ body: new Blob(["x"]) }),
      TypeError,
      "Cannot answer with a body that is a Blob: take text, a Uint8Array, a stream or an async iterable, or call json(value)",
    ],
    [
      () => new HttpResponse({ body: new ArrayBuffer(3) }),
      TypeError,
      "Cannot answer with a body that is an ArrayBuffer: take text, a Uint8Array, a stream or an async iterable, or call json(value)",
    ],
    [
      () => new HttpResponse({ body: new FormData() }),
      TypeError,
      "Cannot answer with a body that is a FormData: take text, a Uint8Array, a stream or an async iterable, or call json(value)",
    ],
    [
      () => new HttpResponse({ body: [1].values() }),
      TypeError,
      "Cannot answer with a body that is an Iterator: take text, a Uint8Array, a stream or an async iterable, or call json(value)",
    ],
    [
      () => new HttpResponse({ body: () => "x" }),
      TypeError,
      "Cannot answer with a body that is a function: take text, a Uint8Array, a stream or an async iterable, or call json(value)",
    ],
    [
      () => new HttpResponse({ status: "200" }),
      RangeError,
      'Cannot answer with status "200": take an integer from 200 to 599',
    ],
    [
      () => new HttpResponse({ status: 101 }),
      RangeError,
      "Cannot answer with status 101: take an integer from 200 to 599",
    ],
    [
      () => new HttpResponse({ status: 600 }),
      RangeError,
      "Cannot answer with status 600: take an integer from 200 to 599",
    ],
    [
      () => new HttpResponse({ headers: { "x-a": null } }),
      TypeError,
      'Cannot send null as the value of header "x-a": pass a string',
    ],
    [
      () => new HttpResponse({ headers: { "x-a": {} } }),
      TypeError,
      'Cannot send a plain object as the value of header "x-a": pass a string',
    ],
    [
      () => new HttpResponse({ headers: "a: b" }),
      TypeError,
      'Cannot make headers of "a: b": pass a record such as { "cache-control": "no-store" }, pairs or Headers',
    ],
    [
      () => new HttpResponse({ headers: [["a"]] }),
      TypeError,
      'Cannot send undefined as the value of header "a": pass a string',
    ],
    [
      () => new HttpResponse({ headers: ["a", "b"] }),
      TypeError,
      'Cannot send undefined as the value of header "a": pass a string',
    ],
    [
      () => new HttpResponse({ headers: { "x-a": "a\r\nb: c" } }),
      TypeError,
      'Cannot send a control or non-latin1 character in header "x-a": "a\\r\\nb: c": encode it, as by encodeURIComponent(value)',
    ],
    [
      () => new HttpResponse({ headers: { "x-a": "gr€" } }),
      TypeError,
      'Cannot send a control or non-latin1 character in header "x-a": "gr€": encode it, as by encodeURIComponent(value)',
    ],
    [
      () => new HttpResponse({ headers: { "x a": "b" } }),
      TypeError,
      'Cannot use a header name that is not a token: "x a": take one such as "content-type"',
    ],
    [
      () => new HttpResponse().headers.set("x:", "b"),
      TypeError,
      'Cannot use a header name that is not a token: "x:": take one such as "content-type"',
    ],
    [
      () => new HttpResponse().headers.set("x-a"),
      TypeError,
      'Cannot send undefined as the value of header "x-a": pass a string',
    ],
    [
      () => new HttpResponse().headers.set("x-a", 5),
      TypeError,
      'Cannot send 5 as the value of header "x-a": pass a string',
    ],
    [
      () => new HttpResponse().headers.append("x-a", new Date(0)),
      TypeError,
      'Cannot send a Date as the value of header "x-a": pass a string',
    ],
    [
      () => new HttpResponse().header("x-a", "v"),
      TypeError,
      'Cannot set "x-a" by header(), which reads: call headers.set(name, value)',
    ],
    [
      () => json(undefined),
      TypeError,
      "Cannot send undefined as JSON: pass a value that JSON has, such as null or {}",
    ],
    [
      () => json({ a: 1n }),
      TypeError,
      "Cannot send a plain object as JSON: write a BigInt as a string or a number",
    ],
    [
      () => json(() => 1),
      TypeError,
      "Cannot send a function as JSON: pass a value that JSON has, such as null or {}",
    ],
    [
      () => json(Symbol("x")),
      TypeError,
      "Cannot send Symbol(x) as JSON: pass a value that JSON has, such as null or {}",
    ],
    [
      () => json(Promise.resolve(1)),
      TypeError,
      "Cannot send a Promise as JSON: await it first",
    ],
    [
      () => json({ a: Promise.resolve(1) }),
      TypeError,
      "Cannot send a Promise as JSON: await it first",
    ],
    [
      () => json(new Map([[1, 2]])),
      TypeError,
      "Cannot send a Map as JSON: send Object.fromEntries(map) or [...map]",
    ],
    [
      () => json(new Set([1])),
      TypeError,
      "Cannot send a Set as JSON: send [...set]",
    ],
    [
      () => json({}, 201),
      TypeError,
      "Cannot use 201 as options of an answer: take an object with any of status",
    ],
    [
      () => json({}, { statusCode: 201 }),
      TypeError,
      'Cannot find "statusCode" among the options of an answer: there are status',
    ],
    [
      () => ok({}, 201),
      TypeError,
      "Cannot use 201 as options of an answer: take an object with any of status",
    ],
    [
      () => ok(new Response("x")),
      TypeError,
      "Cannot send a Response as JSON: return it as it is",
    ],
    [
      () => ok(ok("x")),
      TypeError,
      "Cannot send an HttpResponse as JSON: return it as it is",
    ],
    [
      () => ok(new Blob(["x"])),
      TypeError,
      "Cannot send a Blob as JSON: send its bytes(), or its stream()",
    ],
    [
      () => ok(new FormData()),
      TypeError,
      "Cannot send a FormData as JSON: send Object.fromEntries(it)",
    ],
    [
      () => ok(Promise.resolve(1)),
      TypeError,
      "Cannot send a Promise as JSON: await it first",
    ],
    [
      () => ok(() => 1),
      TypeError,
      "Cannot send a function as JSON: pass a value that JSON has, such as null or {}",
    ],
    [
      () => ok(new Error("x")),
      TypeError,
      "Cannot send an Error as JSON: throw it, or send its message",
    ],
    [
      () => ok(Symbol()),
      TypeError,
      "Cannot send Symbol() as JSON: pass a value that JSON has, such as null or {}",
    ],
    [
      () => text(5),
      TypeError,
      "Cannot answer by text() with 5: pass a string, or call ok(value) for any other value",
    ],
    [
      () => text(undefined),
      TypeError,
      "Cannot answer by text() with undefined: pass a string, or call ok(value) for any other value",
    ],
    [
      () => text({}),
      TypeError,
      "Cannot answer by text() with a plain object: pass a string, or call ok(value) for any other value",
    ],
    [
      () => html(Promise.resolve("x")),
      TypeError,
      "Cannot answer by html() with a Promise: pass a string, or call ok(value) for any other value",
    ],
    [
      () => html({}),
      TypeError,
      "Cannot answer by html() with a plain object: pass a string, or call ok(value) for any other value",
    ],
    [
      () => redirect(),
      TypeError,
      "Cannot use undefined as a location: take a URL or a path without control characters",
    ],
    [
      () => redirect(301, "/x"),
      TypeError,
      'Cannot use "/x" as options of redirect(): take an object with any of status',
    ],
    [
      () => redirect("/x", 301),
      TypeError,
      "Cannot use 301 as options of redirect(): take an object with any of status",
    ],
    [
      () => redirect("/x", { status: 200 }),
      RangeError,
      "Cannot redirect with status 200: take one of 300, 301, 302, 303, 307, 308",
    ],
    [
      () => redirect("/x\r\ny"),
      TypeError,
      'Cannot use "/x\\r\\ny" as a location: take a URL or a path without control characters',
    ],
    [
      () => redirect(""),
      TypeError,
      'Cannot use "" as a location: take a URL or a path without control characters',
    ],
    [
      () => redirect("/x", { permament: true }),
      TypeError,
      'Cannot find "permament" among the options of redirect(): do you mean "permanent"? there are status',
    ],
    [
      () => created({}, { location: {} }),
      TypeError,
      "Cannot use a plain object as a location: take a URL or a path without control characters",
    ],
    [
      () => created({ id: 1 }, "/users/1"),
      TypeError,
      'Cannot use "/users/1" as options of created(): take an object with any of status',
    ],
    [
      () => badRequest({ error: "x" }),
      TypeError,
      "Cannot make an HttpError with a plain object as its message: take a string, and further members as { extensions } third",
    ],
    [
      () => notFound({ a: 1 }),
      TypeError,
      "Cannot make an HttpError with a plain object as its message: take a string, and further members as { extensions } third",
    ],
  ]);
});
