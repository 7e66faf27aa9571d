/** One connection of the end-to-end fuzzer: how it is sent, what comes back. */
import net from "node:net";
import { RawClient } from "../support/raw_client.ts";
import { type RawResponse, readResponse } from "../support/raw_response.ts";
import { randomPieces } from "../support/mutate.ts";
import type { Prng } from "../unit/grammar/prng.ts";

/** How a client ends a connection. */
export type Ending = "half-close" | "wait" | "leave" | "reset";

/** How the bytes are sent. */
export interface Plan {
  /** In which pieces. */
  readonly pieces: readonly Uint8Array[];
  /** Whether other tasks run between two pieces. */
  readonly pauses: boolean;
  /** What the client does behind the last. */
  readonly ending: Ending;
}

/** What came back. */
export interface Seen {
  /** The answers, interim ones too. */
  readonly answers: readonly RawResponse[];
  /** How the connection ended. */
  readonly end: "closed" | "reset" | "left";
}

const HEAD_END = [13, 10, 13, 10];
const ENDINGS: readonly Ending[] = [
  ...Array<Ending>(14).fill("half-close"),
  "wait",
  "wait",
  "leave",
  "leave",
  "reset",
];

/** A plan for the bytes, the same for the same generator. */
export function planOf(bytes: Uint8Array, random: Prng): Plan {
  const pauses = random.next() < 0.4;
  const ending = random.pick(ENDINGS);
  const isBodyLate = pauses && random.next() < 0.4;
  const pieces = isBodyLate
    ? cutBehindHead(bytes)
    : randomPieces(bytes, random, 6);
  return { pieces, pauses, ending };
}

// Where a handler may run, and ask for the body, before any of it is there.
function cutBehindHead(bytes: Uint8Array): Uint8Array[] {
  const end = bytes.findIndex((_, at) =>
    HEAD_END.every((byte, offset) => bytes[at + offset] === byte)
  );
  const cut = end < 0 ? bytes.length : end + HEAD_END.length;
  return [bytes.subarray(0, cut), bytes.subarray(cut)];
}

/** A plan for people to read. */
export function showPlan({ pieces, pauses, ending }: Plan): string {
  const lengths = pieces.map((piece) => piece.length).join("+");
  return `pieces of ${lengths}${pauses ? " with pauses" : ""}, ${ending}`;
}

/**
 * Sends the bytes as planned and reads the answers to `methods`; rejects when
 * something is no answer, or the connection does not end.
 */
export async function exchange(
  port: number,
  plan: Plan,
  methods: readonly string[],
): Promise<Seen> {
  if (plan.ending === "reset") return await sendAndReset(port, plan);
  using client = await RawClient.connect(port);
  const sent = await sendPieces(client, plan);
  if (plan.ending === "leave") return { answers: [], end: "left" };
  if (sent && plan.ending === "half-close") {
    await client.closeWrite().catch(() => {});
  }
  const answers = await readAnswers(client, methods);
  return { answers, end: client.end === "reset" ? "reset" : "closed" };
}

// Enough for the bytes to arrive and a handler to run.
async function turns(): Promise<void> {
  for (let left = 3; left > 0; left--) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

// False if the server has closed meanwhile, which it may.
async function sendPieces(client: RawClient, plan: Plan): Promise<boolean> {
  for (const piece of plan.pieces) {
    try {
      await client.send(piece);
    } catch {
      return false;
    }
    if (plan.pauses) await turns();
  }
  return true;
}

async function readAnswers(
  client: RawClient,
  methods: readonly string[],
): Promise<RawResponse[]> {
  const answers: RawResponse[] = [];
  for (let finals = 0;;) {
    const answer = await readResponse(client, methods[finals]);
    if (answer === null) break;
    answers.push(answer);
    if (answer.status >= 200) finals++;
  }
  const rest = await client.readAll();
  if (rest !== "") throw new Error(`No answer: ${JSON.stringify(rest)}`);
  return answers;
}

function sendAndReset(port: number, plan: Plan): Promise<Seen> {
  const { promise, resolve, reject } = Promise.withResolvers<Seen>();
  const socket = net.connect(port, "127.0.0.1");
  socket.on("error", reject);
  socket.once("close", () => resolve({ answers: [], end: "left" }));
  socket.once("connect", () => {
    // A server that closes first is no fault.
    socket.removeAllListeners("error").on("error", () => {});
    for (const piece of plan.pieces) socket.write(piece);
    setTimeout(() => socket.resetAndDestroy(), plan.pauses ? 2 : 0);
  });
  return promise;
}
