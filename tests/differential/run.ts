/** Compares all parsers on inputs, and the differences with the README. */
import { encodeBytes } from "../support/notation.ts";
import { compare } from "./compare.ts";
import { httpParserJs } from "./http_parser_js.ts";
import { llhttp } from "./llhttp.ts";
import { readOurs } from "./ours.ts";
import { inSevenBits, type Peer } from "./reading.ts";

/** A kind of difference and how often it was seen. */
export interface Difference {
  readonly peer: string;
  /** Our fault, or `accepts`. */
  readonly ours: string;
  /** Their fault, or `accepts`. */
  readonly theirs: string;
  count: number;
  /** The first input of the kind. */
  readonly example: string;
}

/** What came of a comparison. */
export interface Outcome {
  readonly runs: number;
  /** One refuses what the other accepts. */
  readonly differences: readonly Difference[];
  /** Inputs that both accept and read in another way. */
  readonly misreadings: readonly string[];
}

const PEERS: readonly Peer[] = [llhttp, httpParserJs];
const ROW =
  /^\| ([\w-]+) +\| (?:`([^`]+)`|accepts) +\| (?:`([^`]+)`|accepts) /gm;

/** Reads each input with all parsers. */
export function compareAll(
  inputs: Iterable<Uint8Array<ArrayBuffer>>,
): Outcome {
  const found = new Map<string, Difference>();
  const misreadings: string[] = [];
  let runs = 0;
  for (const bytes of inputs) {
    runs++;
    for (const peer of PEERS) compareOne(peer, bytes, found, misreadings);
  }
  return { runs, differences: [...found.values()], misreadings };
}

function compareOne(
  peer: Peer,
  bytes: Uint8Array<ArrayBuffer>,
  found: Map<string, Difference>,
  misreadings: string[],
): void {
  const reading = readOurs(bytes);
  const ours = peer.isSevenBit ? inSevenBits(reading) : reading;
  const difference = compare(ours, peer.read(bytes));
  if (difference === null) return;
  const example = encodeBytes(bytes);
  if (difference.kind === "other") {
    misreadings.push(
      `${example}\nours: ${difference.ours}\n${peer.name}: ${difference.theirs}`,
    );
    return;
  }
  const { ours: own, theirs } = difference;
  const key = keyOf(peer.name, own, theirs);
  const known = found.get(key);
  if (known !== undefined) known.count++;
  else {
    found.set(key, { peer: peer.name, ours: own, theirs, count: 1, example });
  }
}

/** The name of a kind of difference. */
export function keyOf(peer: string, ours: string, theirs: string): string {
  return `${peer}: ${ours} / ${theirs}`;
}

/** The kinds that the README explains. */
export function explained(): Set<string> {
  const text = Deno.readTextFileSync(new URL("README.md", import.meta.url));
  const rows = [...text.matchAll(ROW)];
  return new Set(
    rows.flatMap(([, peer, ours = "accepts", theirs = "accepts"]) =>
      peer === "both"
        ? PEERS.map(({ name }) => keyOf(name, ours, theirs))
        : [keyOf(peer, ours, theirs)]
    ),
  );
}

/** The kinds that the README does not explain. */
export function unexplained({ differences }: Outcome): Difference[] {
  const known = explained();
  return differences.filter(({ peer, ours, theirs }) =>
    !known.has(keyOf(peer, ours, theirs))
  );
}
