/** Reads the cases of `tests/wire/*.md`, see the README there. */
import type { ProtocolLimits } from "../../src/protocol/mod.ts";
import { decodeBytes } from "./notation.ts";

/** One request, or a few on one connection, and what must be read of them. */
export interface WireCase {
  /** The file, without its extension. */
  readonly topic: string;
  /** File and heading. */
  readonly name: string;
  /** What the peer sends. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The limits that are not the defaults. */
  readonly limits: Partial<ProtocolLimits>;
  /** The log expected of `tests/support/transcript.ts`. */
  readonly events: readonly string[];
}

const FOLDER = new URL("../wire/", import.meta.url);
const BLOCK = /^```(\w+)\n(.*?)^```$/gms;
const REPEATED_LINE = /^(\d+) times (.*)$/;

/** All cases, in the order of files and headings. */
export function wireCases(): WireCase[] {
  const files = [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
    .filter((name) => name.endsWith(".md") && name !== "README.md").sort();
  return files.flatMap((file) => {
    const text = Deno.readTextFileSync(new URL(file, FOLDER));
    return parseFile(file.replace(".md", ""), text);
  });
}

function parseFile(topic: string, text: string): WireCase[] {
  const [, ...sections] = text.split(/^## /m);
  return sections.map((section) => {
    const heading = section.slice(0, section.indexOf("\n"));
    const name = `${topic}: ${heading}`;
    const blocks = new Map<string, string>();
    for (const [, kind, content] of section.matchAll(BLOCK)) {
      blocks.set(kind, content);
    }
    const request = blocks.get("http");
    const events = blocks.get("events");
    if (request === undefined || events === undefined) {
      throw new SyntaxError(`"${name}" lacks its http or events block`);
    }
    const limits = parseLimits(blocks.get("limits") ?? "");
    return {
      topic,
      name,
      bytes: decodeBytes(request),
      limits,
      events: parseEvents(events),
    };
  });
}

function linesOf(block: string): string[] {
  return block.split("\n").filter((line) => line !== "");
}

function parseEvents(block: string): string[] {
  return linesOf(block).flatMap((line) => {
    const [, count, repeated] = REPEATED_LINE.exec(line) ?? [];
    return count === undefined ? [line] : Array(Number(count)).fill(repeated);
  });
}

function parseLimits(block: string): Partial<ProtocolLimits> {
  const pairs = linesOf(block).map((line) => {
    const [name, value] = line.split(" ");
    return [name, Number(value)] as const;
  });
  return Object.fromEntries(pairs);
}
