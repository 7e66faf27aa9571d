/** What a server may answer to the bytes of one connection. */
import { assert, assertEquals } from "@std/assert";
import { transcribe } from "../support/transcript.ts";
import type { RawResponse } from "../support/raw_response.ts";
import type { Plan, Seen } from "./exchange.ts";

/** A request, as the parser reads it. */
interface ExpectedRequest {
  readonly method: string;
  readonly isOld: boolean;
  readonly expectsContinue: boolean;
}

/** What the parser reads of the bytes. */
export interface Expected {
  /** The requests whose heads are complete. */
  readonly requests: readonly ExpectedRequest[];
  /** The status that a bad head is refused with, or 0. */
  readonly refusal: number;
  /** Whether they end, or are refused, within a body. */
  readonly isBodyCut: boolean;
}

const REQUEST = /^request (\S+) .* HTTP\/1\.(\d)$/;
const MAY_CLOSE = /(?:^|,)\s*close\s*(?:,|$)/i;

/** Reads the bytes with the parser that the server has. */
export function expectedOf(bytes: Uint8Array): Expected {
  const requests: ExpectedRequest[] = [];
  let isInHead = true;
  let last = "";
  for (const line of transcribe([bytes])) {
    const [, method, minor] = REQUEST.exec(line) ?? [];
    if (method !== undefined) {
      const isOld = minor === "0";
      requests.push({ method, isOld, expectsContinue: false });
      isInHead = false;
    } else if (line === "expect-continue") {
      requests.push({
        ...requests[requests.length - 1],
        expectsContinue: true,
      });
      requests.splice(-2, 1);
    } else if (line.startsWith("end, ")) isInHead = true;
    last = line;
  }
  const [, status] = /^refused (\d+)/.exec(last) ?? [];
  return {
    requests,
    refusal: isInHead && status !== undefined ? Number(status) : 0,
    isBodyCut: !isInHead,
  };
}

function isClose(answer: RawResponse): boolean {
  return MAY_CLOSE.test(answer.header("connection") ?? "");
}

/** Throws if the answers are none that the bytes may get. */
export function checkSeen(expected: Expected, plan: Plan, seen: Seen): void {
  if (seen.end === "left") return;
  assertEquals(seen.end, "closed", "the connection was reset");
  const finals = seen.answers.filter(({ status }) => status >= 200);
  finals.forEach((answer, at) => {
    const isLast = at === finals.length - 1;
    checkFinal(answer, isLast);
    // What passes a body on as it comes can but cut its answer with it.
    const mayBeCut = isLast && expected.isBodyCut;
    assert(answer.complete || mayBeCut, `the content of ${answer.line} is cut`);
  });
  checkVersions(expected, seen.answers);
  checkCount(expected, plan, finals);
}

function checkFinal(answer: RawResponse, isLast: boolean): void {
  const { status, line } = answer;
  const isFine = status < 500 || status === 501 || status === 505;
  assert(isFine, `answered ${line}`);
  assert(answer.header("date") !== null, `no Date in ${line}`);
  assert(isLast || !isClose(answer), "an answer behind a close");
}

// HTTP/1.0 knows neither interim answers nor chunks, and nobody is told to
// continue who has not asked (RFC 9110 15.2, RFC 9112 6.1).
function checkVersions(
  expected: Expected,
  answers: readonly RawResponse[],
): void {
  let at = 0;
  for (const answer of answers) {
    const request = expected.requests[at];
    if (answer.status >= 200) at++;
    if (answer.status === 100) {
      assert(request?.expectsContinue, "100 to one who has not asked");
    }
    if (request?.isOld !== true) continue;
    assert(answer.status >= 200, `${answer.status} to HTTP/1.0`);
    assert(answer.chunks === null, "chunks to HTTP/1.0");
  }
}

function checkCount(
  expected: Expected,
  plan: Plan,
  finals: readonly RawResponse[],
): void {
  const { requests, refusal } = expected;
  const last = finals.at(-1);
  const count = requests.length + (refusal > 0 ? 1 : 0);
  // A head that does not end, or a bare CR, is answered 408 or nothing; on a
  // busy machine a client that pauses may be taken for such.
  const mayBeLate = plan.pauses || (plan.ending === "wait" && refusal === 0);
  if (last?.status === 408 && mayBeLate) {
    return assert(finals.length <= count + 1, "answers and a 408");
  }
  const closedEarly = last !== undefined && isClose(last) &&
    finals.length < count;
  if (closedEarly) return;
  assertEquals(finals.length, count, "answers");
  if (refusal > 0) assertEquals(last?.status, refusal, "the refusal's status");
}
