/** Random valid requests with the log that they must give. */
import type { Prng } from "../unit/grammar/prng.ts";
import { bytesOf, encodeBytes } from "./notation.ts";

const LETTERS =
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const TOKEN = LETTERS + "!#$%&'*+-.^_`|~";
const PATH = LETTERS + "/-._~:@!$&'()*+,;=%[]";
const QUERY = PATH + "?{}|^`\\";
const VALUE = LETTERS + ' \t!"#$%,:;\\<>()[]{}\x80\xa0\xe9\xff';
const BODY = LETTERS + "\r\n\0:; \xff";
const SPACES = ["", " ", "\t", " \t "];
const HOSTS = ["a", "example.com:8080", "127.0.0.1", "[::1]", "[1::2]:80"];
const HEX_CASES = [
  (size: number) => size.toString(16),
  (size: number) => size.toString(16).toUpperCase(),
  (size: number) => size.toString(16).padStart(8, "0"),
];
const EXTENSIONS = ["", "", "", ";a", ";a=b", ' ; a = "b;\\"c"', ";a;b"];

/** A request and its log. */
export interface RandomRequest {
  /** The bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The log, as of {@linkcode transcribe}. */
  readonly log: readonly string[];
  /** Whether another request may follow. */
  readonly keepAlive: boolean;
}

interface Draft {
  text: string;
  readonly log: string[];
}

function addLine(draft: Draft, name: string, value: string, random: Prng) {
  const around = [random.pick(SPACES), random.pick(SPACES)];
  draft.text += `${name}:${around[0]}${value}${around[1]}\r\n`;
}

function addField(draft: Draft, name: string, value: string, random: Prng) {
  addLine(draft, name, value, random);
  draft.log.push(`field ${escape(name)}: ${escape(value)}`.trimEnd());
}

function escape(text: string): string {
  return encodeBytes(bytesOf(text));
}

function token(random: Prng): string {
  return random.pick(TOKEN) + random.text(TOKEN, 12);
}

function value(random: Prng): string {
  return random.text(VALUE, 30).replace(/^[ \t]+|[ \t]+$/g, "");
}

function target(random: Prng): string {
  const query = random.next() < 0.5 ? "" : `?${random.text(QUERY, 20)}`;
  return `/${random.text(PATH, 30)}${query}`;
}

// A prefix keeps names and methods from meaning something.
function addRequestLine(draft: Draft, random: Prng, minor: number): string[] {
  const method = random.pick(["GET", "POST", "PUT", `X${token(random)}`]);
  const host = random.pick(HOSTS);
  const isAbsolute = random.next() < 0.2;
  const path = isAbsolute ? `http://${host}${target(random)}` : target(random);
  draft.text += `${method} ${path} HTTP/1.${minor}\r\n`;
  draft.log.push(`request ${escape(method)} ${escape(path)} HTTP/1.${minor}`);
  return isAbsolute ? [`absolute ${host}`] : [];
}

function addFields(draft: Draft, random: Prng) {
  for (let left = random.integer(0, 8); left > 0; left--) {
    addField(draft, `x-${token(random)}`, value(random), random);
  }
}

function addChunks(draft: Draft, body: string, random: Prng) {
  for (let at = 0; at < body.length;) {
    const end = Math.min(body.length, at + random.integer(1, 20));
    const size = random.pick(HEX_CASES)(end - at);
    const data = body.slice(at, end);
    draft.text += `${size}${random.pick(EXTENSIONS)}\r\n${data}\r\n`;
    at = end;
  }
  draft.text += `0${random.pick(EXTENSIONS)}\r\n`;
  addTrailers(draft, random);
}

function addTrailers(draft: Draft, random: Prng) {
  for (let left = random.integer(0, 2); left > 0; left--) {
    const name = token(random);
    const text = value(random);
    // The section is given as it came.
    draft.text += `${name}: ${text}\r\n`;
    draft.log.push(`trailer ${escape(`${name}: ${text}`)}`.trimEnd());
  }
  draft.text += "\r\n";
}

/** Makes a request. */
export function randomRequest(random: Prng): RandomRequest {
  const minor = random.next() < 0.2 ? 0 : 1;
  const draft: Draft = { text: random.next() < 0.1 ? "\r\n" : "", log: [] };
  const facts = addRequestLine(draft, random, minor);
  addFields(draft, random);
  if (minor === 1 || random.next() < 0.5) {
    addField(draft, "hOst", random.pick(HOSTS), random);
  }
  const option = random.pick(["", "close", "keep-alive", "a , Close"]);
  if (option !== "") addField(draft, "Connection", option, random);
  addBody(draft, random, minor, facts);
  const keepAlive = minor === 1
    ? !/close/i.test(option)
    : option === "keep-alive";
  draft.log.push(keepAlive ? "end, keep-alive" : "end, close");
  return { bytes: bytesOf(draft.text), log: draft.log, keepAlive };
}

function addBody(
  draft: Draft,
  random: Prng,
  minor: number,
  facts: readonly string[],
) {
  const body = random.text(BODY, 60);
  const kind = random.integer(0, minor === 1 ? 2 : 1);
  const isChunked = kind === 2;
  const hasBody = isChunked || (kind === 1 && body !== "");
  const framing: [string, string] = isChunked
    ? ["Transfer-Encoding", "Chunked"]
    : ["content-length", `${body.length}`];
  if (kind > 0) addField(draft, ...framing, random);
  const expects = random.next() < 0.2;
  if (expects) addField(draft, "Expect", "100-continue", random);
  addFields(draft, random);
  draft.text += "\r\n";
  draft.log.push(...facts);
  if (expects && hasBody && minor === 1) draft.log.push("expect-continue");
  const length = hasBody ? `length ${body.length}` : "none";
  draft.log.push(`body ${isChunked ? "chunked" : length}`);
  if (hasBody && body !== "") draft.log.push(`data "${escape(body)}"`);
  if (isChunked) addChunks(draft, body, random);
  else if (hasBody) draft.text += body;
}
