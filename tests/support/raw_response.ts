/** Responses as a client reads them from bytes, without a library between. */

const DECODER = new TextDecoder();
const LATIN1 = new TextDecoder("latin1");

/** One response. */
export interface RawResponse {
  /** The status line, without its end. */
  readonly line: string;
  readonly status: number;
  /** The field lines in order, names in lower case. */
  readonly fields: readonly (readonly [string, string])[];
  /** The value of a field, repeats joined, or null. */
  header(name: string): string | null;
  readonly body: Uint8Array;
  readonly text: string;
  /** The sizes of the chunks; null without chunks. */
  readonly chunks: readonly number[] | null;
  readonly trailers: readonly (readonly [string, string])[];
  /** False if the connection ended before the message did. */
  readonly complete: boolean;
}

/** Where the bytes come from. */
export interface ByteInput {
  /** The next `count` bytes, fewer at the end. */
  take(count: number): Promise<Uint8Array>;
  /** All up to and with `mark`; null at the end. */
  takeUntil(mark: string): Promise<string | null>;
  /** All to the end. */
  takeAll(): Promise<Uint8Array>;
}

interface Content {
  readonly body: Uint8Array;
  readonly chunks: readonly number[] | null;
  readonly trailers: readonly (readonly [string, string])[];
  readonly complete: boolean;
}

/** Reads one response, an interim one too; null if the connection has ended. */
export async function readResponse(
  input: ByteInput,
  method = "GET",
): Promise<RawResponse | null> {
  const head = await input.takeUntil("\r\n\r\n");
  if (head === null) return null;
  const [line, ...lines] = head.slice(0, -4).split("\r\n");
  const fields = lines.map(readField);
  const header = (name: string) => findField(fields, name);
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1]);
  if (!status) throw new Error(`No status line: ${JSON.stringify(line)}`);
  const bodiless = method === "HEAD" || status < 200 || status === 204 ||
    status === 304;
  const content: Content = bodiless
    ? { body: new Uint8Array(0), chunks: null, trailers: [], complete: true }
    : await readContent(input, header);
  const text = DECODER.decode(content.body);
  return { line, status, fields, header, text, ...content };
}

function readField(line: string): readonly [string, string] {
  const match = /^([!#$%&'*+.^_`|~\w-]+): ([^\r\n]*)$/.exec(line);
  if (match === null) throw new Error(`No field: ${JSON.stringify(line)}`);
  return [match[1].toLowerCase(), match[2]];
}

function findField(
  fields: readonly (readonly [string, string])[],
  name: string,
): string | null {
  const found = fields.filter(([key]) => key === name);
  return found.length === 0 ? null : found.map(([, value]) => value).join(", ");
}

async function readContent(
  input: ByteInput,
  header: (name: string) => string | null,
): Promise<Content> {
  const length = header("content-length");
  const coding = header("transfer-encoding");
  if (length !== null && coding !== null) {
    throw new Error("Both Content-Length and Transfer-Encoding");
  }
  if (coding !== null) return await readChunks(input, coding);
  const body = length === null
    ? await input.takeAll()
    : await input.take(readLength(length));
  const complete = length === null || body.length === Number(length);
  return { body, chunks: null, trailers: [], complete };
}

function readLength(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`Content-Length is ${text}`);
  return Number(text);
}

async function readChunks(
  input: ByteInput,
  coding: string,
): Promise<Content> {
  if (coding !== "chunked") throw new Error(`Transfer-Encoding is ${coding}`);
  const chunks: number[] = [];
  const pieces: Uint8Array[] = [];
  for (;;) {
    const line = await input.takeUntil("\r\n");
    if (line === null) break;
    const size = parseInt(line, 16);
    if (!/^[0-9a-f]+\r\n$/.test(line)) throw new Error(`Chunk line ${line}`);
    if (size === 0) return await endChunks(input, chunks, pieces);
    const piece = await input.take(size);
    pieces.push(piece);
    chunks.push(piece.length);
    if (piece.length < size) break;
    const end = LATIN1.decode(await input.take(2));
    if (end.length < 2) break;
    if (end !== "\r\n") throw new Error("A chunk has no CRLF behind it");
  }
  return { body: join(pieces), chunks, trailers: [], complete: false };
}

async function endChunks(
  input: ByteInput,
  chunks: readonly number[],
  pieces: readonly Uint8Array[],
): Promise<Content> {
  const trailers: (readonly [string, string])[] = [];
  for (;;) {
    const line = await input.takeUntil("\r\n");
    const complete = line === "\r\n";
    if (line === null || complete) {
      return { body: join(pieces), chunks, trailers, complete };
    }
    trailers.push(readField(line.slice(0, -2)));
  }
}

/** One array of many. */
export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
