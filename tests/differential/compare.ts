/** Where two parsers part. */
import type { Message, Reading } from "./reading.ts";

/** How two readings of the same bytes differ. */
export type Difference =
  /** Ours refuses, by this fault, what the other takes. */
  | { readonly kind: "stricter"; readonly ours: string; readonly theirs: "-" }
  /** The other refuses, by this fault, what ours takes. */
  | { readonly kind: "laxer"; readonly ours: "-"; readonly theirs: string }
  /** Both take it and read something else. */
  | { readonly kind: "other"; readonly ours: string; readonly theirs: string };

const PARTS = ["method", "target", "fields", "body", "trailers"] as const;

function show(message: Message, part: keyof Message): string {
  return JSON.stringify(message[part]);
}

function differentPart(ours: Reading, theirs: Reading): Difference | null {
  const count = Math.min(ours.messages.length, theirs.messages.length);
  for (let at = 0; at < count; at++) {
    for (const part of PARTS) {
      const one = show(ours.messages[at], part);
      const other = show(theirs.messages[at], part);
      if (one === other) continue;
      const place = `${part} of request ${at + 1}`;
      return { kind: "other", ours: `${place} ${one}`, theirs: other };
    }
  }
  return null;
}

/** The difference between two readings, or `null`. */
export function compare(ours: Reading, theirs: Reading): Difference | null {
  const part = differentPart(ours, theirs);
  if (part !== null) return part;
  const [own, other] = [ours.messages.length, theirs.messages.length];
  if (own === other) return null;
  if (own < other) {
    if (ours.isLast) return null;
    return ours.fault === null
      ? { kind: "other", ours: `${own} requests`, theirs: `${other}` }
      : { kind: "stricter", ours: ours.fault, theirs: "-" };
  }
  if (theirs.isLast) return null;
  return theirs.fault === null
    ? { kind: "other", ours: `${own} requests`, theirs: `${other}` }
    : { kind: "laxer", ours: "-", theirs: theirs.fault };
}
