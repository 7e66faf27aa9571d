import { assertEquals } from "@std/assert";
import {
  BAD_CONTENT_LENGTH,
  BAD_HOST,
  BAD_TARGET,
  BAD_TRANSFER_ENCODING,
  CHUNKED_BODY,
  Framing,
  HeadParser,
  LENGTH_AND_CODING,
  LENGTH_BODY,
  NO_BODY,
  NOT_IMPLEMENTED,
} from "../../../src/protocol/mod.ts";
import { bytesOf } from "../../support/notation.ts";

const FROM = 5;

function headOf(line: string, fields: string[]): string {
  return `${line}\r\n${fields.map((field) => `${field}\r\n`).join("")}\r\n`;
}

/** Reads a head that does not start at the buffer's first byte. */
function read(framing: Framing, line: string, fields: string[]): number {
  const head = new HeadParser();
  const bytes = bytesOf("x".repeat(FROM) + headOf(line, fields) + "xxx");
  assertEquals(head.parse(bytes, FROM, bytes.length), bytes.length - 3);
  return framing.read(head, bytes, FROM);
}

interface Found {
  body?: number;
  contentLength?: number;
  keepAlive?: boolean;
  expectContinue?: boolean;
  absolute?: boolean;
}

const PLAIN: Required<Found> = {
  body: NO_BODY,
  contentLength: 0,
  keepAlive: true,
  expectContinue: false,
  absolute: false,
};

function foundOf(framing: Framing): Found {
  const { body, contentLength, keepAlive } = framing;
  const { expectContinue, absolute } = framing;
  return { body, contentLength, keepAlive, expectContinue, absolute };
}

const GET = "GET / HTTP/1.1";
const OLD_GET = "GET / HTTP/1.0";
const HOST = "Host: a";
const CASES: [string, string[], Found][] = [
  [GET, [HOST], {}],
  [GET, [HOST, "Content-Length: 7"], { body: LENGTH_BODY, contentLength: 7 }],
  [GET, [HOST, "Content-Length: 0"], {}],
  [GET, [HOST, "Transfer-Encoding: chunked"], { body: CHUNKED_BODY }],
  [GET, [HOST, "Connection: close"], { keepAlive: false }],
  [OLD_GET, [], { keepAlive: false }],
  [OLD_GET, ["Connection: keep-alive"], {}],
  [GET, [HOST, "Expect: 100-continue"], {}],
  [GET, [HOST, "Expect: 100-continue", "Content-Length: 1"], {
    body: LENGTH_BODY,
    contentLength: 1,
    expectContinue: true,
  }],
  [GET, [HOST, "Connection: upgrade", "Upgrade: a"], {}],
  ["GET http://b/ HTTP/1.1", [HOST], { absolute: true }],
];

Deno.test("Framing.read() finds what the fields say", () => {
  for (const [line, fields, found] of CASES) {
    const framing = new Framing();
    assertEquals(read(framing, line, fields), 0, headOf(line, fields));
    assertEquals(foundOf(framing), { ...PLAIN, ...found }, fields.join());
  }
});

Deno.test("Framing.read() forgets the head before", () => {
  for (const [first, firstFields] of CASES) {
    for (const [line, fields, found] of CASES) {
      const framing = new Framing();
      read(framing, first, firstFields);
      assertEquals(read(framing, line, fields), 0);
      assertEquals(foundOf(framing), { ...PLAIN, ...found }, fields.join());
    }
  }
});

Deno.test("Framing.read() forgets a head that was refused", () => {
  const framing = new Framing();
  read(framing, GET, [HOST, "Transfer-Encoding: gzip, chunked"]);
  assertEquals(read(framing, GET, [HOST, "Transfer-Encoding: chunked"]), 0);
  read(framing, GET, [HOST, HOST]);
  assertEquals(read(framing, GET, [HOST]), 0);
});

Deno.test("Framing.read() tells where the authority stands", () => {
  const cases: [string, string[], string][] = [
    [GET, ["A: b", "Host:  c:80 "], "c:80"],
    ["GET http://d:1/e HTTP/1.1", ["Host: c"], "d:1"],
    ["GET http://d HTTP/1.1", ["Host: c"], "d"],
    ["GET http://d?e HTTP/1.1", ["Host: c"], "d"],
    ["OPTIONS * HTTP/1.1", ["Host: [::1]:8080"], "[::1]:8080"],
    [OLD_GET, [], ""],
  ];
  for (const [line, fields, authority] of cases) {
    const framing = new Framing();
    assertEquals(read(framing, line, fields), 0);
    const { authorityStart, authorityEnd } = framing;
    if (authority === "") assertEquals([authorityStart, authorityEnd], [0, 0]);
    assertEquals(
      headOf(line, fields).slice(authorityStart, authorityEnd),
      authority,
    );
  }
});

Deno.test("Framing.read() refuses before it looks at less grave faults", () => {
  const both = ["Content-Length: 1", "Transfer-Encoding: chunked"];
  const cases: [string, string[], number][] = [
    ["GET b:80 HTTP/1.1", [HOST, ...both], LENGTH_AND_CODING],
    [GET, both, LENGTH_AND_CODING],
    [OLD_GET, both, BAD_TRANSFER_ENCODING],
    [GET, ["Content-Length: 1", "Content-Length: 1"], BAD_CONTENT_LENGTH],
    ["GET b:80 HTTP/1.1", [], BAD_HOST],
    ["GET b:80 HTTP/1.1", [HOST], BAD_TARGET],
    ["CONNECT b:80 HTTP/1.1", [HOST], NOT_IMPLEMENTED],
  ];
  for (const [line, fields, fault] of cases) {
    assertEquals(read(new Framing(), line, fields), fault, fields.join());
  }
});
