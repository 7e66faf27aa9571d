/**
 * {@linkcode WireResponse}: an answer as it stood on the wire.
 *
 * @module
 */

import { HeaderList } from "../http/headers.ts";

/** Where the bytes of an answer come from. */
export interface WireInput {
  /** All up to and with `mark`; `null` if the connection ends before. */
  readUntil(mark: string): Promise<string | null>;
  /** The next `count` bytes, fewer at the end. */
  readBytes(count: number): Promise<Uint8Array<ArrayBuffer>>;
}

const UTF8 = new TextDecoder();

/** An answer, an interim one (1xx) too. */
export class WireResponse {
  /** The status line, without its end. */
  readonly line: string;
  /** The status code, 100 to 599. */
  readonly status: number;
  /** The fields, in the order that they came in. */
  readonly headers: HeaderList;
  /** The content, without its framing. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** The fields behind a chunked content. */
  readonly trailers: HeaderList;

  /** Puts together what was read. */
  constructor(
    line: string,
    headers: HeaderList,
    body: Uint8Array<ArrayBuffer>,
    trailers: HeaderList,
  ) {
    this.line = line;
    this.status = Number(line.slice(9, 12));
    this.headers = headers;
    this.body = body;
    this.trailers = trailers;
  }

  /** The value of a field, repeats joined, or `null`. */
  header(name: string): string | null {
    return this.headers.get(name);
  }

  /** The content as text, read as UTF-8. */
  text(): string {
    return UTF8.decode(this.body);
  }

  /** The content as JSON. */
  json<T = unknown>(): T {
    return JSON.parse(this.text());
  }
}

function badAnswer(what: string, text: string): Error {
  return new Error(`Cannot read the answer: ${what}: ${JSON.stringify(text)}`);
}

function readFields(lines: readonly string[]): HeaderList {
  const headers = new HeaderList();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) throw badAnswer("a line is no field", line);
    headers.append(line.slice(0, colon), line.slice(colon + 1));
  }
  return headers;
}

async function readLine(input: WireInput): Promise<string> {
  const line = await input.readUntil("\r\n");
  if (line === null) throw badAnswer("the connection ended in it", "");
  return line.slice(0, -2);
}

async function readExactly(
  input: WireInput,
  count: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await input.readBytes(count);
  if (bytes.length === count) return bytes;
  throw badAnswer(`${bytes.length} bytes came of ${count}`, UTF8.decode(bytes));
}

async function readChunks(
  input: WireInput,
): Promise<[Uint8Array<ArrayBuffer>, HeaderList]> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const line = await readLine(input);
    const size = /^[0-9a-f]+/i.exec(line)?.[0];
    if (size === undefined) throw badAnswer("a chunk has no size", line);
    if (parseInt(size, 16) === 0) break;
    chunks.push(await readExactly(input, parseInt(size, 16)));
    const end = await readLine(input);
    if (end !== "") throw badAnswer("a chunk is longer than its size", end);
  }
  const lines: string[] = [];
  for (;;) {
    const line = await readLine(input);
    if (line === "") break;
    lines.push(line);
  }
  const body = new Uint8Array(await new Blob(chunks).arrayBuffer());
  return [body, readFields(lines)];
}

/**
 * Reads one answer (RFC 9112 6.3).
 *
 * @param method The method of its request: the answer to HEAD has no content.
 * @throws {Error} If the connection ends before the answer does, or it is none.
 */
export async function readWireResponse(
  input: WireInput,
  method: string,
): Promise<WireResponse> {
  const head = await input.readUntil("\r\n\r\n");
  if (head === null) throw badAnswer("the connection ended before it", "");
  const [line, ...lines] = head.slice(0, -4).split("\r\n");
  if (!/^HTTP\/1\.1 [1-5]\d\d /.test(line)) {
    throw badAnswer("its first line is no status line", line);
  }
  const headers = readFields(lines);
  const status = Number(line.slice(9, 12));
  const isBodiless = method === "HEAD" || status < 200 || status === 204 ||
    status === 304;
  if (!isBodiless && headers.has("transfer-encoding")) {
    return new WireResponse(line, headers, ...await readChunks(input));
  }
  const length = headers.get("content-length");
  const body = isBodiless
    ? new Uint8Array(0)
    : length === null
    ? await input.readBytes(Infinity)
    : await readExactly(input, Number(length));
  return new WireResponse(line, headers, body, new HeaderList());
}
