import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { HttpError } from "../../../src/http/errors.ts";
import { HttpResponse, type ResponseBody } from "../../../src/http/response.ts";
import { compression } from "../../../src/middleware/compression.ts";
import { etag, type EtagOptions } from "../../../src/middleware/etag.ts";
import { jsonText } from "../../support/contents.ts";
import { fakeRequest, run } from "./fakes.ts";

type Fields = Record<string, string>;

interface Case {
  readonly method?: string;
  readonly sent?: Fields;
  readonly status?: number;
  readonly headers?: Fields;
  readonly body?: ResponseBody;
  readonly options?: EtagOptions;
}

function answerTo(one: Case = {}): Promise<HttpResponse> {
  const { method = "GET", sent = {}, status = 200, body = "hello" } = one;
  const response = new HttpResponse({ status, headers: one.headers, body });
  const request = fakeRequest({ method, headers: sent });
  return run(etag(one.options ?? {}), request, () => response);
}

async function tagOf(one: Case = {}): Promise<string | null> {
  return (await answerTo(one)).header("etag");
}

async function statusOf(one: Case): Promise<number> {
  try {
    return (await answerTo(one)).status;
  } catch (error) {
    if (error instanceof HttpError) return error.status;
    throw error;
  }
}

Deno.test("etag() makes the same tag of the same content, however it is held", async () => {
  const tag = await tagOf();
  assertMatch(tag ?? "", /^W\/"[\w-]{22}"$/);
  assertEquals(await tagOf({ body: new TextEncoder().encode("hello") }), tag);
  assertEquals(await tagOf({ method: "HEAD" }), tag);
  assertNotEquals(await tagOf({ body: "hellO" }), tag);
  assertNotEquals(await tagOf({ body: null }), tag);
  const strong = await tagOf({ options: { weak: false } });
  assertEquals(`W/${strong}`, tag);
});

Deno.test("etag() leaves answers without a tag where one would be wrong", async () => {
  const cases: readonly [string, Case][] = [
    ["a POST", { method: "POST" }],
    ["a PUT", { method: "PUT" }],
    ["an error", { status: 404 }],
    ["a part", { status: 206 }],
    ["a 201", { status: 201 }],
    ["a stream", { body: new Blob(["hello"]).stream() }],
    ["a HEAD that tells nothing of the content", {
      method: "HEAD",
      body: null,
    }],
    ["what nobody may keep", {
      headers: { "cache-control": "private, no-store" },
    }],
    ["a long content", { body: "x".repeat(11), options: { maxBytes: 10 } }],
  ];
  for (const [name, one] of cases) assertEquals(await tagOf(one), null, name);
  assert(await tagOf({ body: "x".repeat(10), options: { maxBytes: 10 } }));
  assertEquals(await tagOf({ headers: { etag: '"own"' } }), '"own"');
});

Deno.test("etag() evaluates the conditions in their order", async () => {
  const tag = await tagOf() ?? "";
  const changed = "Sun, 06 Nov 1994 08:49:37 GMT";
  const before = "Sun, 06 Nov 1994 08:49:36 GMT";
  const dated = { "last-modified": changed };
  const cases: readonly [Fields, Fields, number][] = [
    [{ "if-none-match": tag }, {}, 304],
    [{ "if-none-match": tag.slice(2) }, {}, 304],
    [{ "if-none-match": `"a", ${tag}, "b"` }, {}, 304],
    [{ "if-none-match": "*" }, {}, 304],
    [{ "if-none-match": '"other"' }, {}, 200],
    [{ "if-none-match": '"other"', "if-modified-since": changed }, dated, 200],
    [{ "if-modified-since": changed }, dated, 304],
    [{ "if-modified-since": before }, dated, 200],
    [{ "if-modified-since": changed }, {}, 200],
    [{ "if-unmodified-since": before }, dated, 412],
    [{ "if-unmodified-since": changed }, dated, 200],
    [{ "if-match": "*" }, {}, 200],
    [{ "if-match": '"other"' }, {}, 412],
    // A weak tag never matches strongly (RFC 9110 8.8.3.2).
    [{ "if-match": tag }, {}, 412],
    [{ "if-match": '"own"' }, { etag: '"own"' }, 200],
    [{ "if-match": '"own"', "if-none-match": '"own"' }, { etag: '"own"' }, 304],
    [{ "if-none-match": '"own"' }, { etag: "no tag" }, 200],
  ];
  for (const method of ["GET", "HEAD"]) {
    for (const [sent, headers, status] of cases) {
      const message = `${method} ${JSON.stringify(sent)}`;
      assertEquals(await statusOf({ method, sent, headers }), status, message);
    }
  }
  const post = { method: "POST", sent: { "if-none-match": "*" } };
  assertEquals(await statusOf({ ...post, headers: { etag: '"own"' } }), 200);
  const sent = { "if-none-match": "*" };
  assertEquals(await statusOf({ sent, status: 404 }), 404);
});

Deno.test("etag() keeps in a 304 what updates a cache, and what the client needs", async () => {
  const headers = {
    "content-type": "text/plain",
    "content-length": "5",
    "content-language": "en",
    "content-location": "/en",
    "cache-control": "max-age=60",
    "expires": "Sun, 06 Nov 1994 08:49:37 GMT",
    "vary": "Accept-Language",
    "set-cookie": "a=b",
    "access-control-allow-origin": "*",
    "etag": '"own"',
  };
  const sent = { "if-none-match": '"own"' };
  const response = await answerTo({ headers, sent });
  assertEquals([response.status, response.body], [304, null]);
  const {
    "content-type": _,
    "content-length": __,
    "content-language": ___,
    ...kept
  } = headers;
  assertEquals(Object.fromEntries(response.headers), kept);
});

Deno.test("etag() ends a stream that becomes a 304 or a 412 by a tag of the handler", async () => {
  for (
    const [field, status] of [["if-none-match", 304], [
      "if-unmodified-since",
      412,
    ]] as const
  ) {
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      cancel: () => void (isCancelled = true),
    });
    const headers = {
      "etag": '"own"',
      "last-modified": "Sun, 06 Nov 1994 08:49:37 GMT",
    };
    const sent = {
      [field]: field === "if-none-match"
        ? '"own"'
        : "Sun, 06 Nov 1994 08:49:36 GMT",
    };
    assertEquals(await statusOf({ body, headers, sent }), status);
    assert(isCancelled);
  }
});

Deno.test("etag() inside of compression() gives one tag for every coding", async () => {
  const content = jsonText(5000);
  async function ask(headers: Fields): Promise<HttpResponse> {
    const request = fakeRequest({ headers });
    return await run(
      compression(),
      request,
      () =>
        run(etag({ weak: false }), request, () =>
          new HttpResponse({
            headers: { "content-type": "text/plain" },
            body: content,
          })),
    );
  }
  const plain = await ask({});
  const coded = await ask({ "accept-encoding": "gzip" });
  const tag = plain.header("etag") ?? "";
  assertEquals(coded.header("etag"), `W/${tag}`);
  assertEquals(coded.header("content-encoding"), "gzip");
  const again = await ask({
    "accept-encoding": "gzip",
    "if-none-match": `W/${tag}`,
  });
  assertEquals(Object.fromEntries(again.headers), {
    etag: `W/${tag}`,
    vary: "Accept-Encoding",
  });
  assertEquals(again.status, 304);
});

Deno.test("etag() outside of compression() gives each coding a tag of its own", async () => {
  const content = jsonText(5000);
  async function ask(headers: Fields): Promise<HttpResponse> {
    const request = fakeRequest({ headers });
    return await run(
      etag(),
      request,
      () =>
        run(compression(), request, () =>
          new HttpResponse({
            headers: { "content-type": "text/plain" },
            body: content,
          })),
    );
  }
  const plain = await ask({});
  const coded = await ask({ "accept-encoding": "gzip" });
  const tag = coded.header("etag") ?? "";
  assertNotEquals(plain.header("etag"), tag);
  const again = await ask({ "accept-encoding": "gzip", "if-none-match": tag });
  assertEquals([again.status, again.header("vary")], [304, "Accept-Encoding"]);
  assertEquals(again.header("content-encoding"), null);
});

Deno.test("etag() refuses options that it cannot use", async () => {
  assertThrows(() => etag({ week: true } as EtagOptions), TypeError, '"week"');
  assertThrows(
    () => etag({ weak: "yes" } as unknown as EtagOptions),
    TypeError,
    '"yes"',
  );
  assertThrows(() => etag({ maxBytes: -1 }), RangeError, "Cannot use -1 as");
  await assertRejects(
    () => answerTo({ sent: { "if-match": '"a"' } }),
    HttpError,
  );
});
