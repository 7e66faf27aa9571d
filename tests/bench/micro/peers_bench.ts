/**
 * The head parser beside others: each on one warm parser, each making the
 * method, the target and all fields as strings, as a server needs them; and
 * each once with nothing made.
 */
import { Buffer } from "node:buffer";
import { HTTPParser } from "http-parser-js";
import wasm from "undici/lib/llhttp/llhttp-wasm.js";
import { latin1 } from "../../../src/grammar/latin1.ts";
import { FIELD_STRIDE, HeadParser } from "../../../src/protocol/mod.ts";
import { HEADS } from "./heads.ts";

const PAUSED = 21;
const REQUEST = 1;

interface Llhttp {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  llhttp_alloc(type: number): number;
  malloc(size: number): number;
  llhttp_execute(parser: number, at: number, length: number): number;
}

// An instance for each way, so that neither pays for the other's callbacks.
function makeLlhttp(
  span: (memory: Uint8Array, at: number, length: number) => void,
) {
  let memory: Uint8Array = new Uint8Array();
  const take = (_parser: number, at: number, length: number) => {
    span(memory, at, length);
    return 0;
  };
  const nothing = () => 0;
  const env = {
    wasm_on_message_begin: nothing,
    wasm_on_url: take,
    wasm_on_status: nothing,
    wasm_on_header_field: take,
    wasm_on_header_value: take,
    wasm_on_headers_complete: nothing,
    wasm_on_body: nothing,
    wasm_on_message_complete: nothing,
  };
  const module = new WebAssembly.Module(Uint8Array.from(wasm));
  const exports = new WebAssembly.Instance(module, { env })
    .exports as unknown as Llhttp;
  exports._initialize();
  const parser = exports.llhttp_alloc(REQUEST);
  const at = exports.malloc(16 * 1024);
  memory = new Uint8Array(exports.memory.buffer);
  return (bytes: Uint8Array) => {
    memory.set(bytes, at);
    const code = exports.llhttp_execute(parser, at, bytes.length);
    if (code !== 0 && code !== PAUSED) throw new Error(`llhttp: ${code}`);
  };
}

for (const { name, bytes } of HEADS) {
  const group = `beside others: ${name}`;

  const lazy = new HeadParser();
  Deno.bench({ name: "ours, offsets", group, baseline: true }, () => {
    lazy.reset();
    if (lazy.parse(bytes, 0, bytes.length) < 0) throw new Error();
  });

  const eager = new HeadParser();
  Deno.bench({ name: "ours, all strings", group }, () => {
    eager.reset();
    if (eager.parse(bytes, 0, bytes.length) < 0) throw new Error();
    if (stringsOf(eager, bytes) === 0) throw new Error();
  });

  const empty = makeLlhttp(() => {});
  Deno.bench({ name: "llhttp (wasm), empty callbacks", group }, () => {
    empty(bytes);
  });

  let made = 0;
  const decoding = makeLlhttp((memory, at, length) => {
    made += latin1(memory, at, at + length).length;
  });
  Deno.bench({ name: "llhttp (wasm), all strings", group }, () => {
    decoding(bytes);
    if (made === 0) throw new Error();
  });

  const buffer = Buffer.from(bytes);
  const old = new HTTPParser(HTTPParser.REQUEST);
  old[HTTPParser.kOnHeadersComplete] = () => 0;
  old[HTTPParser.kOnMessageComplete] = () => {};
  Deno.bench({ name: "http-parser-js, all strings", group }, () => {
    old.execute(buffer);
  });
}

function stringsOf(
  { fields, fieldsStart, targetStart, targetEnd }: HeadParser,
  bytes: Uint8Array,
): number {
  const { offsets, count } = fields;
  let length = latin1(bytes, targetStart, targetEnd).length;
  for (let slot = 0; slot < count * FIELD_STRIDE; slot += FIELD_STRIDE) {
    const at = fieldsStart + offsets[slot];
    const valueAt = fieldsStart + offsets[slot + 2];
    length += latin1(bytes, at, fieldsStart + offsets[slot + 1]).length +
      latin1(bytes, valueAt, fieldsStart + offsets[slot + 3]).length;
  }
  return length;
}
