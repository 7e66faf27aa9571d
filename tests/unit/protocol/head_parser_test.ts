import { assert, assertEquals, assertFalse } from "@std/assert";
import {
  BAD_FIELD_NAME,
  FIELD_STRIDE,
  FieldParser,
  FIELDS_TOO_LARGE,
  HeadParser,
  TOO_MANY_FIELDS,
} from "../../../src/protocol/mod.ts";
import { bytesOf } from "../../support/notation.ts";

/** Names and values found, each with the offset of its first byte. */
function fieldsOf(parser: FieldParser, section: string): unknown[] {
  const { offsets, count } = parser;
  return Array.from({ length: count }, (_, index) => {
    const slot = index * FIELD_STRIDE;
    const [start, end, valueStart, valueEnd] = offsets.subarray(slot, slot + 4);
    return [
      start,
      section.slice(start, end),
      valueStart,
      section.slice(valueStart, valueEnd),
    ];
  });
}

function parseFields(
  section: string,
  bytes = 1000,
  count = 100,
): [FieldParser, number] {
  const parser = new FieldParser(bytes, count);
  return [parser, parser.parse(bytesOf(section), 0, section.length)];
}

Deno.test("FieldParser finds names and values", () => {
  const section = "A: b\r\nCc:\t dd \t\r\nE:\r\nF: \r\ng:h i\r\n\r\nrest";
  const [parser, end] = parseFields(section);
  assertEquals(end, section.length - "rest".length);
  assertEquals(fieldsOf(parser, section), [
    [0, "A", 3, "b"],
    [6, "Cc", 11, "dd"],
    [17, "E", 19, ""],
    [21, "F", 24, ""],
    [26, "g", 28, "h i"],
  ]);
});

Deno.test("FieldParser counts offsets from the section's first byte", () => {
  const section = "A: b\r\n\r\n";
  const bytes = bytesOf(`xxxxx${section}xxxxx`);
  const parser = new FieldParser(1000, 100);
  assertEquals(parser.parse(bytes, 5, bytes.length), 5 + section.length);
  assertEquals(fieldsOf(parser, section), [[0, "A", 3, "b"]]);
});

Deno.test("FieldParser reads an empty section", () => {
  const [parser, end] = parseFields("\r\n");
  assertEquals([end, parser.count], [2, 0]);
});

Deno.test("FieldParser keeps more fields than it began with room for", () => {
  for (const count of [31, 32, 33, 64, 65, 1000]) {
    const section = "A: b\r\n".repeat(count) + "\r\n";
    const [parser, end] = parseFields(section, 100_000, count);
    assertEquals([end, parser.count], [section.length, count]);
    assertEquals(
      fieldsOf(parser, section).at(-1),
      [(count - 1) * 6, "A", (count - 1) * 6 + 3, "b"],
    );
  }
});

Deno.test("FieldParser looks at every byte of a value", () => {
  // Wherever a byte stands within the words that are scanned at once.
  for (let byte = 0; byte < 256; byte++) {
    const char = String.fromCharCode(byte);
    for (const filler of ["b", "\xff", " ", "\t", "~"]) {
      for (let length = 0; length < 12; length++) {
        for (let at = 0; at <= length; at++) {
          const value = filler.repeat(at) + char + filler.repeat(length - at);
          const isGood = byte === 9 || (byte > 31 && byte !== 127);
          const section = `A:.${value}.\r\n\r\n`;
          const [parser, end] = parseFields(section);
          assertEquals(end > 0, isGood, section);
          if (!isGood) continue;
          assertEquals([parser.offsets[2], parser.offsets[3]], [
            2,
            4 + value.length,
          ]);
        }
      }
    }
  }
});

Deno.test("FieldParser holds its bounds exactly", () => {
  const section = "A: b\r\nC: d\r\n\r\n";
  const { length } = section;
  assertEquals(parseFields(section, length, 2)[1], length);
  assertEquals(parseFields(section, length - 1, 2)[1], FIELDS_TOO_LARGE);
  assertEquals(parseFields(section, length, 1)[1], TOO_MANY_FIELDS);
  assertEquals(parseFields(section, length, 0)[1], TOO_MANY_FIELDS);
  assertEquals(parseFields("\r\n", 2, 0)[1], 2);
});

Deno.test("FieldParser.reset() makes ready for another section", () => {
  const parser = new FieldParser(1000, 100);
  const first = "A: b\r\nC: d\r\n\r\n";
  assertEquals(parser.parse(bytesOf(first), 0, 9), 0);
  parser.reset();
  assertEquals(parser.count, 0);
  const second = "E: f\r\n\r\n";
  assertEquals(parser.parse(bytesOf(second), 0, second.length), second.length);
  assertEquals(fieldsOf(parser, second), [[0, "E", 3, "f"]]);
});

Deno.test("FieldParser looks at no byte twice while it waits", () => {
  const parser = new FieldParser(1000, 100);
  const bytes = bytesOf("A: b\r\n\r\n");
  for (let to = 0; to < bytes.length; to++) {
    assertEquals(parser.parse(bytes, 0, to), 0);
    // What was read may be gone; only offsets are kept.
    if (to > 3) bytes[0] = 0;
  }
  assertEquals(parser.parse(bytes, 0, bytes.length), bytes.length);
});

Deno.test("HeadParser finds the parts of the head", () => {
  const head = "POST /a?b HTTP/1.0\r\nC: d\r\n\r\n";
  const bytes = bytesOf(`xyz${head}xyz`);
  const parser = new HeadParser();
  assertEquals(parser.parse(bytes, 3, bytes.length), 3 + head.length);
  assertEquals(head.slice(parser.methodStart, parser.methodEnd), "POST");
  assertEquals(head.slice(parser.targetStart, parser.targetEnd), "/a?b");
  assertEquals(parser.minorVersion, 0);
  assertEquals(parser.fieldsStart, head.indexOf("C"));
  assertEquals(fieldsOf(parser.fields, head.slice(parser.fieldsStart)), [
    [0, "C", 3, "d"],
  ]);
});

Deno.test("HeadParser counts the empty line before the head", () => {
  const head = "\r\nGET / HTTP/1.1\r\n\r\n";
  const parser = new HeadParser();
  assertEquals(parser.parse(bytesOf(head), 0, head.length), head.length);
  assertEquals([parser.methodStart, parser.methodEnd], [2, 5]);
  assertEquals([parser.targetStart, parser.targetEnd], [6, 7]);
  assertEquals(parser.fieldsStart, 18);
});

Deno.test("HeadParser.begun is true once a byte of the head was seen", () => {
  const head = bytesOf("\r\nGET / HTTP/1.1\r\n\r\n");
  const parser = new HeadParser();
  assertFalse(parser.begun);
  for (let to = 0; to < head.length; to++) {
    assertEquals(parser.parse(head, 0, to), 0);
    assertEquals(parser.begun, to > 2, `${to} bytes`);
  }
  parser.reset();
  assertFalse(parser.begun);
});

Deno.test("HeadParser.reset() forgets a head", () => {
  const parser = new HeadParser();
  const first = bytesOf("GET /?a HTTP/1.0\r\nB: c\r\n\r\n");
  assertEquals(parser.parse(first, 0, first.length), first.length);
  parser.reset();
  const second = bytesOf("PUT /a{b HTTP/1.1\r\n\r\n");
  // What may stand in a query must not be allowed in the next path.
  assert(parser.parse(second, 0, second.length) < 0);
});

Deno.test("HeadParser holds other limits than the defaults", () => {
  const limits = {
    requestLine: 100,
    headerBytes: 100,
    headerCount: 1,
    chunkLineBytes: 1,
    chunkExtensionBytes: 1,
    trailerBytes: 1,
  };
  const head = bytesOf("GET / HTTP/1.1\r\nA: b\r\nC: d\r\n\r\n");
  const parser = new HeadParser(limits);
  assertEquals(parser.parse(head, 0, head.length), TOO_MANY_FIELDS);
});

Deno.test("HeadParser refuses as soon as the fault arrives", () => {
  const text = "GET / HTTP/1.1\r\nA b";
  const head = bytesOf(text);
  const parser = new HeadParser();
  assertEquals(parser.parse(head, 0, text.length - 2), 0);
  assertEquals(parser.parse(head, 0, text.length - 1), BAD_FIELD_NAME);
});
