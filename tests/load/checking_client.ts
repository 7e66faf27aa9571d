/** Clients that ask without a pause and check each answer. */
import { connect, send, times } from "../system/load.ts";

/** What clients have seen. */
export interface Tally {
  /** Requests that were answered in full. */
  answered: number;
  /** New connections that ended before the first byte of an answer. */
  reset: number;
  /** Kept connections that ended so. */
  closed: number;
  /** Answers that broke off or were wrong, and second tries that failed. */
  readonly failures: string[];
}

const BODY = "x".repeat(10_000);
const REQUESTS: readonly (readonly [request: string, content: string])[] = [
  ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "hello"],
  ["GET /slow/30 HTTP/1.1\r\nHost: a\r\n\r\n", "slow"],
  [
    `POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
    `{"bytes":${BODY.length}}`,
  ],
];

const DECODER = new TextDecoder();

/** Reads an answer; what came of it before the connection ended. */
async function readAnswer(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(4096);
  for (let answer = "";;) {
    const count = await conn.read(buffer).catch(() => null);
    if (count === null) return answer;
    answer += DECODER.decode(buffer.subarray(0, count), { stream: true });
    const [head, content] = answer.split("\r\n\r\n");
    const length = /^content-length: (\d+)$/mi.exec(head)?.[1];
    if (content !== undefined && content.length >= Number(length)) {
      return answer;
    }
  }
}

/** Asks once; the answer, empty if the connection ended before its first byte. */
async function ask(conn: Deno.Conn, request: string): Promise<string> {
  try {
    await send(conn, request);
  } catch {
    // Reset while it was sent; what was answered before can still be read.
  }
  return await readAnswer(conn);
}

function check(tally: Tally, answer: string, content: string): boolean {
  const isRight = answer.startsWith("HTTP/1.1 200 ") &&
    answer.endsWith(`\r\n\r\n${content}`);
  if (isRight) tally.answered++;
  else tally.failures.push(answer);
  return isRight;
}

async function askOnce(port: number, request: string): Promise<string> {
  let conn: Deno.Conn;
  try {
    conn = await connect(port);
  } catch {
    return "";
  }
  try {
    return await ask(conn, request);
  } finally {
    conn.close();
  }
}

/** A connection for each request. */
async function askFreshly(
  port: number,
  tally: Tally,
  isOver: () => boolean,
): Promise<void> {
  for (let at = 0; !isOver(); at++) {
    const [request, content] = REQUESTS[at % REQUESTS.length];
    let answer = await askOnce(port, request);
    if (answer === "") {
      tally.reset++;
      answer = await askOnce(port, request);
    }
    check(tally, answer, content);
  }
}

/** Requests in a row on a connection, until the server ends it. */
async function askKept(
  port: number,
  tally: Tally,
  isOver: () => boolean,
): Promise<void> {
  let conn: Deno.Conn | null = null;
  for (let at = 0; !isOver(); at++) {
    const [request, content] = REQUESTS[at % REQUESTS.length];
    const kept: boolean = conn !== null;
    conn ??= await connect(port);
    const answer = await ask(conn, request);
    const isLost = answer === "";
    if (isLost && kept) tally.closed++;
    else if (isLost) tally.reset++;
    if (isLost) check(tally, await askOnce(port, request), content);
    else check(tally, answer, content);
    if (isLost || /^connection: close\r$/mi.test(answer)) {
      conn.close();
      conn = null;
    }
  }
  conn?.close();
}

/** Has clients ask until `work` is done; half of them keep their connections. */
export async function checkMeanwhile(
  port: number,
  clients: number,
  work: () => Promise<void>,
): Promise<Tally> {
  const tally: Tally = { answered: 0, reset: 0, closed: 0, failures: [] };
  let over = false;
  const asking = times(
    clients,
    (at) => (at % 2 ? askKept : askFreshly)(port, tally, () => over),
  );
  // Should a client fail, the work ends in time all the same.
  asking.catch(() => {});
  try {
    await work();
  } finally {
    over = true;
  }
  await asking;
  return tally;
}
