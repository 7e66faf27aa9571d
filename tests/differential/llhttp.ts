/** llhttp, the parser of Node.js, as the WebAssembly inside `npm:undici`. */
import wasm from "undici/lib/llhttp/llhttp-wasm.js";
import { latin1 } from "../../src/grammar/latin1.ts";
import { Collector, type Peer, type Reading } from "./reading.ts";

const REQUEST = 1;
const OK = 0;
const PAUSED_UPGRADE = 22;

/** What is used of the exports; pointers are numbers. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  llhttp_alloc(type: number): number;
  llhttp_free(parser: number): void;
  malloc(size: number): number;
  free(at: number): void;
  llhttp_execute(parser: number, at: number, length: number): number;
  llhttp_get_method(parser: number): number;
  llhttp_method_name(method: number): number;
  llhttp_errno_name(errno: number): number;
  llhttp_should_keep_alive(parser: number): number;
}

let collector = new Collector();
let staysOpen = true;

function text(at: number, length: number): string {
  return latin1(new Uint8Array(exports.memory.buffer), at, at + length);
}

function textUpToNul(at: number): string {
  const bytes = new Uint8Array(exports.memory.buffer);
  return latin1(bytes, at, bytes.indexOf(0, at));
}

type Span = (parser: number, at: number, length: number) => number;

function span(take: (text: string) => void): Span {
  return (_parser, at, length) => {
    take(text(at, length));
    return 0;
  };
}

function onHeadersComplete(parser: number): number {
  const method = exports.llhttp_get_method(parser);
  collector.headers(textUpToNul(exports.llhttp_method_name(method)));
  return 0;
}

function onMessageComplete(parser: number): number {
  staysOpen = exports.llhttp_should_keep_alive(parser) !== 0;
  collector.complete();
  return 0;
}

const env = {
  wasm_on_message_begin: () => {
    collector.begin();
    return 0;
  },
  wasm_on_url: span((part) => collector.target(part)),
  wasm_on_status: () => 0,
  wasm_on_header_field: span((part) => collector.name(part)),
  wasm_on_header_value: span((part) => collector.value(part)),
  wasm_on_headers_complete: onHeadersComplete,
  wasm_on_body: span((part) => collector.body(part)),
  wasm_on_message_complete: onMessageComplete,
};
const module = new WebAssembly.Module(Uint8Array.from(wasm));
// The module's own declaration of what it exports is all there is to check.
const exports = new WebAssembly.Instance(module, { env })
  .exports as unknown as Exports;
exports._initialize();

function read(bytes: Uint8Array): Reading {
  collector = new Collector();
  staysOpen = true;
  const parser = exports.llhttp_alloc(REQUEST);
  const at = exports.malloc(bytes.length + 1);
  new Uint8Array(exports.memory.buffer).set(bytes, at);
  const errno = exports.llhttp_execute(parser, at, bytes.length);
  exports.free(at);
  exports.llhttp_free(parser);
  const { messages } = collector;
  const isSwitched = errno === PAUSED_UPGRADE;
  if (errno === OK || isSwitched) {
    const isLast = isSwitched || !staysOpen;
    return { messages, fault: null, isLast, isSwitched };
  }
  const fault = textUpToNul(exports.llhttp_errno_name(errno));
  return fault === "HPE_CLOSED_CONNECTION"
    ? { messages, fault: null, isLast: true, isSwitched }
    : { messages, fault, isLast: false, isSwitched };
}

/** llhttp with no leniency. */
export const llhttp: Peer = { name: "llhttp", isSevenBit: false, read };
