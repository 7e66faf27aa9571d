/**
 * Micro benchmarks of the protocol core, on one warm parser as a connection has
 * it. Run with `deno bench tests/bench/micro/protocol_bench.ts`.
 */
import {
  appendConnection,
  appendContentLength,
  BodyDecoder,
  ByteBuffer,
  CHUNKED_BODY,
  DEFAULT_LIMITS,
  type EncodableFields,
  endHead,
  Framing,
  HeadParser,
  RequestReader,
  ResponseEncoder,
} from "../../../src/protocol/mod.ts";
import { HEADS } from "./heads.ts";

const UTF8 = new TextEncoder();

for (const { name, text, bytes } of HEADS) {
  const group = `head: ${name}`;
  const other = UTF8.encode(text.replace("GET /", "GET /x"));

  const parser = new HeadParser();
  Deno.bench({ name: "parse", group, baseline: true }, () => {
    parser.reset();
    if (parser.parse(bytes, 0, bytes.length) < 0) throw new Error();
  });

  const framed = new HeadParser();
  const framing = new Framing();
  Deno.bench({ name: "parse and framing", group }, () => {
    framed.reset();
    if (framed.parse(bytes, 0, bytes.length) < 0) throw new Error();
    if (framing.read(framed, bytes, 0) < 0) throw new Error();
  });

  // Every second head differs from the one before.
  const reader = new RequestReader();
  let turn = false;
  Deno.bench({ name: "reader, never the same", group }, () => {
    turn = !turn;
    const head = turn ? bytes : other;
    if (reader.parseHead(head, 0, head.length) < 0) throw new Error();
    reader.next();
  });

  const repeating = new RequestReader();
  Deno.bench({ name: "reader, always the same", group }, () => {
    if (repeating.parseHead(bytes, 0, bytes.length) < 0) throw new Error();
    repeating.next();
  });
}

function chunked(size: number, count: number): Uint8Array {
  const data = `${size.toString(16)}\r\n${"x".repeat(size)}\r\n`;
  return UTF8.encode(`${data.repeat(count)}0\r\n\r\n`);
}

const BODIES = {
  "64 chunks of 1 KiB": chunked(1024, 64),
  "4 chunks of 16 KiB": chunked(16 * 1024, 4),
  "1024 chunks of 1 B": chunked(1, 1024),
};
for (const [name, bytes] of Object.entries(BODIES)) {
  const decoder = new BodyDecoder(DEFAULT_LIMITS);
  Deno.bench({ name, group: "decode chunked" }, () => {
    decoder.begin(CHUNKED_BODY, 0);
    for (let at = 0; !decoder.done;) {
      at = decoder.decode(bytes, at, bytes.length);
      if (at < 0) throw new Error();
    }
  });
}

function fieldsOf(constant: boolean): EncodableFields {
  const names = ["Content-Type", "Cache-Control", "X-Request-Id"];
  return {
    names,
    keys: names.map((name) => name.toLowerCase()),
    values: ["text/plain; charset=utf-8", "no-store", "0123456789abcdef"],
    constant,
  };
}

const encoder = new ResponseEncoder(() => "OK");
encoder.setTime(Date.now());
const out = new ByteBuffer(16 * 1024);
const constantFields = fieldsOf(true);
const changingFields = fieldsOf(false);
const group = "encode a head";

Deno.bench({ name: "template", group, baseline: true }, () => {
  out.length = 0;
  encoder.appendHead(out, 200, constantFields, 1234);
});

Deno.bench({ name: "general", group }, () => {
  out.length = 0;
  encoder.beginHead(out, 200, changingFields);
  appendContentLength(out, 1234);
  endHead(out);
});

Deno.bench({ name: "template, close and a short text", group }, () => {
  out.length = 0;
  encoder.beginHead(out, 200, constantFields);
  appendConnection(out, false);
  appendContentLength(out, 13);
  endHead(out);
  out.appendUtf8("Hello, World!");
});
