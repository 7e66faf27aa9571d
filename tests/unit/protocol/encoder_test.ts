import { assertEquals, assertThrows } from "@std/assert";
import { latin1 } from "../../../src/grammar/latin1.ts";
import {
  appendChunk,
  appendChunkedCoding,
  appendConnection,
  appendContentLength,
  appendContinue,
  appendEarlyHints,
  appendField,
  appendFields,
  appendLastChunk,
  ByteBuffer,
  type EncodableFields,
  endHead,
  ResponseEncoder,
} from "../../../src/protocol/mod.ts";
import { bytesOf } from "../../support/notation.ts";

const PHRASES: Record<number, string> = { 200: "OK", 404: "Not Found" };
const NOON = Date.UTC(2024, 0, 2, 12);
const NOON_FIELD = "Date: Tue, 02 Jan 2024 12:00:00 GMT\r\n";

function fieldsOf(
  pairs: [string, string][],
  constant = false,
): EncodableFields {
  return {
    names: pairs.map(([name]) => name),
    keys: pairs.map(([name]) => name.toLowerCase()),
    values: pairs.map(([, value]) => value),
    constant,
  };
}

function encoderAt(now: number): ResponseEncoder {
  const encoder = new ResponseEncoder((status) => PHRASES[status] ?? "");
  encoder.setTime(now);
  return encoder;
}

/** What the call appends to a buffer that has something already. */
function appended(append: (out: ByteBuffer) => void): string {
  const out = new ByteBuffer(4);
  out.appendLatin1("before");
  append(out);
  const text = latin1(out.bytes, 0, out.length);
  assertEquals(text.slice(0, 6), "before");
  return text.slice(6);
}

/** What stays of a call that throws. */
function assertRefused(append: (out: ByteBuffer) => void): void {
  const rest = appended((out) => assertThrows(() => append(out), TypeError));
  assertEquals(rest, "");
}

function headOf(
  encoder: ResponseEncoder,
  status: number,
  fields: EncodableFields,
): string {
  return appended((out) => encoder.beginHead(out, status, fields));
}

for (const constant of [false, true]) {
  const kind = constant ? "constant" : "changing";

  Deno.test(`ResponseEncoder.beginHead() appends line, Date and ${kind} fields`, () => {
    const fields = fieldsOf([["X-A", "b"], ["c", "\u00e9\u00ff"]], constant);
    const lines = `${NOON_FIELD}X-A: b\r\nc: \u00e9\u00ff\r\n`;
    const encoder = encoderAt(NOON);
    for (let run = 0; run < 2; run++) {
      assertEquals(
        headOf(encoder, 200, fields),
        `HTTP/1.1 200 OK\r\n${lines}`,
      );
      assertEquals(
        headOf(encoder, 404, fields),
        `HTTP/1.1 404 Not Found\r\n${lines}`,
      );
      // The space stands even before an empty phrase (RFC 9112 4).
      assertEquals(headOf(encoder, 299, fields), `HTTP/1.1 299 \r\n${lines}`);
    }
  });

  Deno.test(`ResponseEncoder.beginHead() tells the time set with ${kind} fields`, () => {
    const fields = fieldsOf([["a", "b"]], constant);
    const encoder = encoderAt(NOON);
    for (const status of [200, 404]) headOf(encoder, status, fields);
    const cases: [number, string][] = [
      [NOON, "12:00:00"],
      [NOON + 999, "12:00:00"],
      [NOON + 1000, "12:00:01"],
      [NOON + 1999, "12:00:01"],
      [NOON - 1, "11:59:59"],
    ];
    for (const [now, time] of cases) {
      encoder.setTime(now);
      for (const status of [200, 404, 200]) {
        const [, date] = headOf(encoder, status, fields).split("\r\n");
        assertEquals(date, `Date: Tue, 02 Jan 2024 ${time} GMT`);
      }
    }
  });

  Deno.test(`ResponseEncoder.beginHead() keeps the Date of ${kind} fields`, () => {
    const fields = fieldsOf([["x", "y"], ["dAtE", "then"]], constant);
    const encoder = encoderAt(NOON);
    const head = "HTTP/1.1 200 OK\r\nx: y\r\ndAtE: then\r\n";
    assertEquals(headOf(encoder, 200, fields), head);
    encoder.setTime(NOON + 60_000);
    assertEquals(headOf(encoder, 200, fields), head);
  });

  Deno.test(`ResponseEncoder.beginHead() leaves out own ones of ${kind} fields`, () => {
    const fields = fieldsOf([
      ["Connection", "close"],
      ["Content-Length", "5"],
      ["Keep-Alive", "timeout=5"],
      ["a", "b"],
      ["Proxy-Connection", "close"],
      ["Transfer-Encoding", "chunked"],
      ["UPGRADE", "websocket"],
    ], constant);
    assertEquals(
      headOf(encoderAt(NOON), 200, fields),
      `HTTP/1.1 200 OK\r\n${NOON_FIELD}a: b\r\n`,
    );
  });

  Deno.test(`ResponseEncoder.beginHead() appends nothing of bad ${kind} fields`, () => {
    const encoder = encoderAt(NOON);
    const fields = fieldsOf([["a", "b"], ["c", "d\r\ne: f"]], constant);
    for (let run = 0; run < 2; run++) {
      assertRefused((out) => encoder.beginHead(out, 200, fields));
    }
  });
}

Deno.test("ResponseEncoder.beginHead() mixes constant fields and statuses", () => {
  const encoder = encoderAt(NOON);
  const sets = [
    fieldsOf([["a", "1"]], true),
    fieldsOf([["a", "22"]], true),
    fieldsOf([["a", "333"]]),
  ];
  for (let run = 0; run < 30; run++) {
    const fields = sets[(run * 7) % 3];
    const status = run % 2 === 0 ? 200 : 404;
    encoder.setTime(NOON + Math.floor(run / 5) * 1000);
    assertEquals(
      headOf(encoder, status, fields),
      `HTTP/1.1 ${status} ${PHRASES[status]}\r\n` +
        NOON_FIELD.replace("0 GMT", `${Math.floor(run / 5)} GMT`) +
        `a: ${fields.values[0]}\r\n`,
    );
  }
});

Deno.test("ResponseEncoder.appendHead() appends what the parts of a head are", () => {
  const encoder = encoderAt(NOON);
  const sets = [true, false].flatMap((constant) => [
    fieldsOf([["a", "1"]], constant),
    fieldsOf([["b", "22"], ["Content-Length", "7"]], constant),
    fieldsOf([["Date", "then"]], constant),
  ]);
  for (let run = 0; run < 200; run++) {
    const fields = sets[(run * 7) % sets.length];
    const status = run % 3 === 0 ? 404 : 200;
    const length = (run * run) % 12_345;
    encoder.setTime(NOON + Math.floor(run / 20) * 1000);
    assertEquals(
      appended((out) => encoder.appendHead(out, status, fields, length)),
      appended((out) => {
        encoder.beginHead(out, status, fields);
        appendContentLength(out, length);
        endHead(out);
      }),
    );
  }
});

Deno.test("ResponseEncoder.appendHead() takes the longest length there is", () => {
  const encoder = encoderAt(NOON);
  // Whatever room the fields leave for it.
  for (let length = 0; length < 300; length++) {
    const fields = fieldsOf([["a", "x".repeat(length)]], true);
    for (const bytes of [0, Number.MAX_SAFE_INTEGER, 1]) {
      assertEquals(
        appended((out) => encoder.appendHead(out, 200, fields, bytes)),
        `HTTP/1.1 200 OK\r\n${NOON_FIELD}a: ${fields.values[0]}\r\n` +
          `Content-Length: ${bytes}\r\n\r\n`,
      );
    }
  }
});

for (const constant of [false, true]) {
  Deno.test(`ResponseEncoder.appendHead() appends nothing of bad fields, constant ${constant}`, () => {
    const encoder = encoderAt(NOON);
    const fields = fieldsOf([["a", "b"], ["c", "d\r\ne: f"]], constant);
    assertRefused((out) => encoder.appendHead(out, 200, fields, 5));
  });
}

Deno.test("appendField() refuses to split a response", () => {
  const bad: [string, string][] = [
    ["a", "b\r\nc: d"],
    ["a", "b\n"],
    ["a", "b\r"],
    ["a", "\0"],
    ["a", "\u010ab"],
    ["a", "\u{1F600}"],
    ["a\r\nb", "c"],
    ["a b", "c"],
    ["a:", "c"],
    ["", "c"],
    ["\u0141", "c"],
  ];
  for (const [name, value] of bad) {
    assertRefused((out) => appendField(out, name, value));
    const fields = fieldsOf([["fine", "x"], [name, value]]);
    assertRefused((out) => appendLastChunk(out, fields));
  }
});

Deno.test("appendField() quotes what it refuses", () => {
  assertThrows(
    () => appendField(new ByteBuffer(1), "a", "b\r\n"),
    TypeError,
    '"a" with value "b\\r\\n"',
  );
});

Deno.test("appendFields() keeps order, case and repeats", () => {
  const fields = fieldsOf([["Set-Cookie", "a=b"], ["b", ""], [
    "set-cookie",
    "c=d",
  ]]);
  assertEquals(
    appended((out) => appendFields(out, fields)),
    "Set-Cookie: a=b\r\nb: \r\nset-cookie: c=d\r\n",
  );
});

Deno.test("append functions append their one line", () => {
  const cases: [(out: ByteBuffer) => void, string][] = [
    [(out) => appendConnection(out, true), "Connection: keep-alive\r\n"],
    [(out) => appendConnection(out, false), "Connection: close\r\n"],
    [(out) => appendContentLength(out, 0), "Content-Length: 0\r\n"],
    [(out) => appendContentLength(out, 1e15), `Content-Length: ${1e15}\r\n`],
    [appendChunkedCoding, "Transfer-Encoding: chunked\r\n"],
    [endHead, "\r\n"],
    [appendContinue, "HTTP/1.1 100 Continue\r\n\r\n"],
  ];
  for (const [append, text] of cases) assertEquals(appended(append), text);
});

Deno.test("appendChunk() frames data", () => {
  const cases: [number, string][] = [
    [1, "1"],
    [9, "9"],
    [10, "a"],
    [15, "f"],
    [16, "10"],
    [255, "ff"],
    [65536, "10000"],
  ];
  for (const [length, size] of cases) {
    const data = bytesOf("x".repeat(length));
    assertEquals(
      appended((out) => appendChunk(out, data)),
      `${size}\r\n${"x".repeat(length)}\r\n`,
    );
  }
});

Deno.test("appendChunk() appends nothing for no data", () => {
  // It would be the last chunk.
  assertEquals(appended((out) => appendChunk(out, new Uint8Array(0))), "");
});

Deno.test("appendLastChunk() appends the trailers but none that frames", () => {
  assertEquals(appended((out) => appendLastChunk(out, null)), "0\r\n\r\n");
  const none = fieldsOf([]);
  assertEquals(appended((out) => appendLastChunk(out, none)), "0\r\n\r\n");
  const fields = fieldsOf([["A", "b"], ["Content-Length", "5"], ["c", "d"]]);
  assertEquals(
    appended((out) => appendLastChunk(out, fields)),
    "0\r\nA: b\r\nc: d\r\n\r\n",
  );
});

Deno.test("appendEarlyHints() appends links", () => {
  const links = ["</a.css>; rel=preload", "</b.js>; rel=preload"];
  assertEquals(
    appended((out) => appendEarlyHints(out, links)),
    "HTTP/1.1 103 Early Hints\r\n" +
      "Link: </a.css>; rel=preload\r\nLink: </b.js>; rel=preload\r\n\r\n",
  );
});

Deno.test("appendEarlyHints() appends nothing when a link is refused", () => {
  const links = ["</a>", "</b>\r\nSet-Cookie: c"];
  assertRefused((out) => appendEarlyHints(out, links));
});
