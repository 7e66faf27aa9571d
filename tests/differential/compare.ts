/** Where two parsers part. */
import type { Message, Reading } from "./reading.ts";

/** How two readings of the same bytes differ. */
export type Difference =
  /** Ours refuses, by this fault, what the other takes. */
  | {
    readonly kind: "stricter";
    readonly ours: string;
    readonly theirs: "accepts";
  }
  /** The other refuses, by this fault, what ours takes. */
  | {
    readonly kind: "laxer";
    readonly ours: "accepts";
    readonly theirs: string;
  }
  /** Both take it and read something else. */
  | { readonly kind: "other"; readonly ours: string; readonly theirs: string };

const HEAD = ["method", "target", "fields"] as const;
const PARTS = [...HEAD, "body", "trailers"] as const;

function show(message: Message, part: keyof Message): string {
  return JSON.stringify(message[part]);
}

function differentPart(ours: Reading, theirs: Reading): Difference | null {
  const count = Math.min(ours.messages.length, theirs.messages.length);
  for (let at = 0; at < count; at++) {
    const isHead = theirs.isSwitched && at === theirs.messages.length - 1;
    for (const part of isHead ? HEAD : PARTS) {
      const one = show(ours.messages[at], part);
      const other = show(theirs.messages[at], part);
      if (one === other) continue;
      const place = `${part} of request ${at + 1}`;
      return { kind: "other", ours: `${place} ${one}`, theirs: other };
    }
  }
  return null;
}

// The other leaves the body of a request to switch protocols to its caller;
// ours waits for it.
function isSwitch(ours: Reading, theirs: Reading): boolean {
  return theirs.isSwitched && ours.fault === null &&
    ours.messages.length === theirs.messages.length - 1;
}

/** The difference between two readings, or `null`. */
export function compare(ours: Reading, theirs: Reading): Difference | null {
  const part = differentPart(ours, theirs);
  if (part !== null) return part;
  const [own, other] = [ours.messages.length, theirs.messages.length];
  if (own === other) return null;
  if (own < other) {
    if (ours.isLast || isSwitch(ours, theirs)) return null;
    return ours.fault === null
      ? { kind: "other", ours: `${own} requests`, theirs: `${other}` }
      : { kind: "stricter", ours: ours.fault, theirs: "accepts" };
  }
  if (theirs.isLast) return null;
  return theirs.fault === null
    ? { kind: "other", ours: `${own} requests`, theirs: `${other}` }
    : { kind: "laxer", ours: "accepts", theirs: theirs.fault };
}
