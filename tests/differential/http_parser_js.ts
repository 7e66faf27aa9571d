/** `npm:http-parser-js`, once the parser of Node.js in JavaScript. */
import { Buffer } from "node:buffer";
import { HTTPParser } from "http-parser-js";
import { latin1 } from "../../src/grammar/latin1.ts";
import { Collector, type Peer, type Reading } from "./reading.ts";

/** What its callbacks are given of a head. */
interface Head {
  readonly method: number;
  readonly url: string;
  readonly headers: string[];
  readonly upgrade: boolean;
  readonly shouldKeepAlive: boolean;
}

function addFields(collector: Collector, flat: readonly string[]): void {
  for (let at = 0; at + 1 < flat.length; at += 2) {
    collector.field(flat[at], flat[at + 1]);
  }
}

function read(bytes: Uint8Array<ArrayBuffer>): Reading {
  const collector = new Collector();
  const { messages } = collector;
  const parser = new HTTPParser(HTTPParser.REQUEST);
  let isLast = false;
  let isSwitched = false;
  let isOver = false;
  parser[HTTPParser.kOnHeadersComplete] = (head: Head) => {
    collector.begin();
    collector.target(head.url);
    addFields(collector, head.headers);
    collector.headers(HTTPParser.methods[head.method]);
    if (isOver) return 0;
    isSwitched = head.upgrade;
    isLast = !head.shouldKeepAlive || isSwitched;
    return 0;
  };
  parser[HTTPParser.kOnHeaders] = (flat: string[]) =>
    addFields(collector, flat);
  parser[HTTPParser.kOnBody] = (buffer: Buffer, at: number, length: number) =>
    collector.body(latin1(buffer, at, at + length));
  parser[HTTPParser.kOnMessageComplete] = () => {
    // It reads on behind a close; that is left to its caller.
    if (!isOver) collector.complete();
    isOver ||= isLast;
  };
  const result = execute(parser, bytes);
  if (isOver) return { messages, fault: null, isLast: true, isSwitched };
  const fault = result instanceof Error ? result.message : null;
  return { messages, fault, isLast: false, isSwitched: false };
}

function execute(
  parser: InstanceType<typeof HTTPParser>,
  bytes: Uint8Array<ArrayBuffer>,
): number | Error {
  try {
    return parser.execute(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
    );
  } catch (error) {
    // Some faults escape it.
    return new Error(error instanceof Error ? error.name : "thrown");
  }
}

/** http-parser-js. */
export const httpParserJs: Peer = {
  name: "http-parser-js",
  isSevenBit: true,
  read,
};
