import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { HttpError } from "../../../src/http/errors.ts";
import {
  type BodySource,
  MemoryBodySource,
  RequestBody,
  StreamBodySource,
} from "../../../src/http/request_body.ts";
import { bytes, PieceSource } from "./fixtures.ts";

function memory(text: string, limit?: number): RequestBody {
  return new RequestBody(new MemoryBodySource(bytes(text)), limit);
}

function pieces(...texts: string[]): RequestBody {
  return new RequestBody(new PieceSource(texts));
}

async function rejectsWith(
  status: number,
  read: () => Promise<unknown>,
): Promise<HttpError> {
  const error = await assertRejects(read, HttpError);
  assertEquals(error.status, status);
  return error;
}

Deno.test("RequestBody reads bytes and text at once or piece by piece", async () => {
  for (const make of [() => memory("grün"), () => pieces("gr", "ü", "n")]) {
    assertEquals(await make().bytes(), bytes("grün"));
    assertEquals(await make().text(), "grün");
    assertEquals(await new Response(make().stream()).text(), "grün");
  }
});

Deno.test("RequestBody joins a character that was cut between pieces", async () => {
  const euro = bytes("€");
  const parts = [euro.slice(0, 1), euro.slice(1)];
  const source: BodySource = new StreamBodySource(
    ReadableStream.from(parts),
    null,
  );
  assertEquals(await new RequestBody(source).text(), "€");
});

Deno.test("RequestBody.text() drops a byte order mark and replaces bad UTF-8", async () => {
  assertEquals(await memory("\ufeffa").text(), "a");
  const source = new MemoryBodySource(new Uint8Array([0x61, 0xff]));
  assertEquals(await new RequestBody(source).text(), "a\ufffd");
});

Deno.test("RequestBody reads an empty content", async () => {
  assertEquals(await memory("").bytes(), new Uint8Array(0));
  assertEquals(await pieces().text(), "");
});

Deno.test("RequestBody is read once", async () => {
  const reads: ((body: RequestBody) => unknown)[] = [
    (body) => body.bytes(),
    (body) => body.text(),
    (body) => body.json(),
    (body) => body.formData("application/x-www-form-urlencoded"),
    (body) => body.stream(),
  ];
  for (const first of reads) {
    for (const second of reads) {
      if (first === second && first === reads[4]) continue;
      const body = memory("1");
      assertFalse(body.used);
      await first(body);
      assert(body.used);
      await assertRejects(
        async () => await second(body),
        TypeError,
        "twice",
      );
    }
  }
});

Deno.test("RequestBody.stream() gives the same stream each time", async () => {
  const body = pieces("a");
  const stream = body.stream();
  assertStrictEquals(body.stream(), stream);
  await stream.cancel();
});

Deno.test("RequestBody.stream() reads nothing before it is asked to", async () => {
  const source = new PieceSource(["a", "b", "c"]);
  const reader = new RequestBody(source).stream().getReader();
  await Promise.resolve();
  assertEquals(source.reads, 0);
  assertEquals((await reader.read()).value, bytes("a"));
  assertEquals(source.reads, 1);
  await reader.cancel();
  assertEquals([source.reads, source.cancelled], [1, 1]);
});

Deno.test("RequestBody refuses a declared length over the limit unread", async () => {
  const reads: ((body: RequestBody) => unknown)[] = [
    (body) => body.bytes(),
    (body) => body.text(),
    (body) => body.json(),
    (body) => body.stream(),
    (body) => body.checkLength(),
  ];
  for (const read of reads) {
    const source = new PieceSource(["123456"], 6);
    const body = new RequestBody(source, 5);
    const error = await rejectsWith(413, async () => await read(body));
    assertEquals(error.message, "The request body is larger than 5 bytes");
    assertEquals(source.reads, 0);
  }
});

Deno.test("RequestBody refuses what counts up to more than the limit", async () => {
  const make = () => new RequestBody(new PieceSource(["123", "456", "7"]), 5);
  await rejectsWith(413, () => make().bytes());
  await rejectsWith(413, () => make().text());
  const reader = make().stream().getReader();
  assertEquals((await reader.read()).value, bytes("123"));
  await rejectsWith(413, () => reader.read());
});

Deno.test("RequestBody refuses a whole content over the limit", async () => {
  const source: BodySource = {
    ...{ length: null, read: () => Promise.resolve(null), cancel() {} },
    takeWhole: (use) => use(bytes("123456")),
    trailers: () => {
      throw new Error("not here");
    },
  };
  await rejectsWith(413, () => new RequestBody(source, 5).bytes());
});

Deno.test("RequestBody takes exactly as much as the limit", async () => {
  assertEquals(await memory("12345", 5).text(), "12345");
  const counted = new RequestBody(new PieceSource(["123", "45"]), 5);
  assertEquals(await counted.text(), "12345");
  assertEquals(await memory("", 0).text(), "");
});

Deno.test("RequestBody.limit can be set before the first read", async () => {
  const body = memory("12345", 4);
  assertEquals(body.limit, 4);
  body.limit = 5;
  assertEquals(body.limit, 5);
  assertEquals(await body.text(), "12345");
});

Deno.test("RequestBody.limit has no end unless given", () => {
  assertEquals(memory("").limit, Infinity);
});

Deno.test("RequestBody.length tells the declared length", () => {
  assertEquals(memory("grün").length, 5);
  assertEquals(pieces("a").length, null);
});

Deno.test("RequestBody.json() reads JSON", async () => {
  const cases: [text: string, value: unknown][] = [
    ['{"a":[1,null]}', { a: [1, null] }],
    [" 1 ", 1],
    ["null", null],
    ['"x"', "x"],
    ["\ufeff{}", {}],
  ];
  for (const [text, value] of cases) {
    assertEquals(await memory(text).json(), value);
  }
});

Deno.test("RequestBody.json() answers 400 to what is no JSON", async () => {
  for (const text of ["", "{", "{'a':1}", "undefined", "NaN", "1 2"]) {
    const error = await rejectsWith(400, () => memory(text).json());
    assert(error.cause instanceof SyntaxError);
    assertEquals(error.message, "The request body is not valid JSON");
  }
});

Deno.test("RequestBody.formData() reads both kinds of form", async () => {
  const urlencoded = await memory("a=1&b=%C3%A4+x&a=2")
    .formData("Application/X-WWW-Form-Urlencoded; charset=UTF-8");
  assertEquals(urlencoded.getAll("a"), ["1", "2"]);
  assertEquals(urlencoded.get("b"), "ä x");

  const multipart = await memory(
    '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' +
      '--x\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\n' +
      "Content-Type: text/plain\r\n\r\nhello\r\n--x--\r\n",
  ).formData("multipart/form-data; boundary=x");
  assertEquals(multipart.get("a"), "1");
  const file = multipart.get("f");
  assert(file instanceof File);
  assertEquals([file.name, await file.text()], ["f.txt", "hello"]);
});

Deno.test("RequestBody.formData() answers 415 to another type and reads nothing", async () => {
  const types = [
    null,
    "",
    "application/json",
    "text/plain",
    "multipart/form-dataX",
    "multipart/mixed; boundary=x",
    "xmultipart/form-data",
  ];
  for (const type of types) {
    const body = memory("a=1");
    await rejectsWith(415, () => body.formData(type));
    assertFalse(body.used);
  }
});

Deno.test("RequestBody.formData() answers 400 to a malformed form", async () => {
  const cases: [text: string, type: string][] = [
    ["hello", "multipart/form-data; boundary=x"],
    ["hello", "multipart/form-data"],
  ];
  for (const [text, type] of cases) {
    await rejectsWith(400, () => memory(text).formData(type));
  }
});

Deno.test("RequestBody passes on what breaks below", async () => {
  const source: BodySource = {
    ...{ length: null, takeWhole: () => null, cancel() {} },
    read: () => Promise.reject(new Error("connection lost")),
    trailers: () => {
      throw new Error("not here");
    },
  };
  await assertRejects(() => new RequestBody(source).json(), Error, "lost");
  const stream = new RequestBody(source).stream();
  await assertRejects(() => new Response(stream).text(), Error, "lost");
});

Deno.test("RequestBody.trailers() wants the content read to its end", async () => {
  const unread = pieces("a");
  assertThrows(() => unread.trailers(), TypeError, "read the body");

  const streamed = pieces("a");
  const reader = streamed.stream().getReader();
  await reader.read();
  assertThrows(() => streamed.trailers(), TypeError, "read the body");
  assert((await reader.read()).done);
  assertEquals(streamed.trailers().get("x-sum"), "7");

  const whole = pieces("a", "b");
  await whole.text();
  assertEquals(whole.trailers().get("x-sum"), "7");

  const inMemory = memory("a");
  await inMemory.bytes();
  assertEquals(inMemory.trailers().size, 0);
});

Deno.test("RequestBody.trailers() throws after the stream was cancelled", async () => {
  const body = pieces("a");
  await body.stream().cancel();
  assertThrows(() => body.trailers(), TypeError);
});

Deno.test("MemoryBodySource gives its bytes once", async () => {
  const source = new MemoryBodySource(bytes("a"));
  assertEquals(source.length, 1);
  assertEquals(await source.read(), bytes("a"));
  assertEquals(await source.read(), null);
  const cancelled = new MemoryBodySource(bytes("a"));
  cancelled.cancel();
  assertEquals(await cancelled.read(), null);
});

Deno.test("StreamBodySource reads and cancels a web stream", async () => {
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.enqueue(bytes("a")),
    cancel() {
      cancelled = true;
    },
  });
  const source = new StreamBodySource(stream, 7);
  assertEquals([source.length, source.takeWhole()], [7, null]);
  assertEquals(await source.read(), bytes("a"));
  const body = new RequestBody(source);
  await body.stream().cancel();
  assert(cancelled);
  assertEquals(source.trailers().size, 0);
});

Deno.test("RequestBody.peek() leaves the content to the next reader", async () => {
  const body = new RequestBody(new MemoryBodySource(bytes("abc")), 3);
  assertEquals(await body.peek(), bytes("abc"));
  assertEquals([body.used, body.length], [false, 3]);
  assertEquals(await body.peek(), bytes("abc"));
  assertEquals(await body.text(), "abc");
  await assertRejects(() => body.peek(), TypeError, "twice");
  const long = new RequestBody(new MemoryBodySource(bytes("abcd")), 3);
  await assertRejects(() => long.peek(), HttpError, "3 bytes");
  const lowered = new RequestBody(new MemoryBodySource(bytes("abc")), 3);
  await lowered.peek();
  lowered.limit = 2;
  await assertRejects(() => lowered.text(), HttpError, "2 bytes");
});

Deno.test("RequestBody.decode() puts a decoder before the readers, limits with it", async () => {
  const doubled = (source: MemoryBodySource) => {
    const text = source.takeWhole((all) => new TextDecoder().decode(all));
    return new MemoryBodySource(bytes(text + text));
  };
  const make = (limit: number) => {
    const body = new RequestBody(new MemoryBodySource(bytes("abc")), limit);
    body.decode((source) => doubled(source as MemoryBodySource));
    return body;
  };
  assertEquals([make(6).length, await make(6).text()], [6, "abcabc"]);
  await assertRejects(() => make(5).text(), HttpError, "5 bytes");
  const body = make(6);
  await body.text();
  assertThrows(() => body.decode((source) => source), TypeError, "before");
});

Deno.test("RequestBody gives its source up when it is over the limit", async () => {
  let isCancelled = false;
  const stream = new ReadableStream({
    pull: (controller) => controller.enqueue(bytes("abc")),
    cancel: () => void (isCancelled = true),
  });
  const body = new RequestBody(new StreamBodySource(stream, null), 5);
  await assertRejects(() => body.bytes(), HttpError, "5 bytes");
  assert(isCancelled);
});
