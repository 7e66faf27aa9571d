/** What holds for the log of any bytes at all. */
import { assert, assertEquals } from "@std/assert";
import { ProtocolError } from "../../src/protocol/mod.ts";

const REFUSALS = new Set(
  Array.from({ length: 26 }, (_, index) => {
    const { status, code } = ProtocolError.of(-1 - index);
    return `refused ${status} ${code}`;
  }),
);
const LINE = /^(?:request|field|absolute|body|data|trailer) /;
const WORDS = new Set([
  "expect-continue",
  "upgrade",
  "end, keep-alive",
  "end, close",
  "need more",
]);
// Bytes that must not pass, in the notation of the log.
const CONTROL = /(?<!\\)(?:\\\\)*\\(?:[rn0]|x[01][0-9a-f]|x7f)/;

/**
 * Asserts that the log is of events or of one refusal, and that nothing got
 * through that a message must not have.
 */
export function assertLogRules(log: readonly string[], hint: string): void {
  log.forEach((line, index) => {
    if (line.startsWith("refused ")) {
      assert(REFUSALS.has(line), `${line} of ${hint}`);
      assertEquals(index, log.length - 1, hint);
      return;
    }
    assert(LINE.test(line) || WORDS.has(line), `${line} of ${hint}`);
    if (line.startsWith("data ")) return;
    assert(!CONTROL.test(line), `${line} of ${hint}`);
  });
  assertOneHost(log, hint);
}

// Of each request: one Host at most, and one way to frame the body.
function assertOneHost(log: readonly string[], hint: string): void {
  for (const request of log.join("\n").split(/^request /m).slice(1)) {
    const [head] = request.split(/^body /m);
    const count = (name: RegExp) => [...head.matchAll(name)].length;
    const isOld = /^.* HTTP\/1\.0$/m.test(head);
    const hosts = count(/^field host:/gim);
    assert(hosts === 1 || (isOld && hosts === 0), hint);
    const framings = count(/^field (?:content-length|transfer-encoding):/gim);
    assert(framings <= 1, hint);
  }
}
