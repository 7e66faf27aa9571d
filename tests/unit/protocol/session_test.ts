import { assertEquals } from "@std/assert";
import { latin1 } from "../../../src/grammar/latin1.ts";
import { BAD_HOST, RequestReader } from "../../../src/protocol/mod.ts";
import { bytesOf } from "../../support/notation.ts";

const FIRST = "GET /a HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n";

function methodOf(method: string): string {
  const head = bytesOf(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
  const reader = new RequestReader();
  assertEquals(reader.parseHead(head, 0, head.length), head.length);
  return reader.method(head, 0);
}

Deno.test("RequestReader.method() gives the method as sent", () => {
  const known = ["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"];
  const near = ["GEX", "get", "Get", "HEAP", "PUTS", "PU", "OPTIONZ", "TRACE"];
  for (const method of [...known, ...near]) {
    assertEquals(methodOf(method), method);
  }
});

/** Reads the heads one after the other and tells target and fields of each. */
function readAll(heads: string[]): unknown[] {
  const reader = new RequestReader();
  const bytes = bytesOf(heads.join(""));
  let from = 0;
  return heads.map((head) => {
    const end = reader.parseHead(bytes, from, bytes.length);
    if (end < 0) return end;
    assertEquals(end, from + head.length);
    const { targetStart, targetEnd, fields } = reader.head;
    const target = latin1(bytes, from + targetStart, from + targetEnd);
    assertEquals(reader.headText, head);
    assertEquals(reader.method(bytes, from), head.split(" ")[0].trim());
    assertEquals(reader.body.done, true);
    from = end;
    const { repeated } = reader;
    reader.next();
    return [target, fields.count, repeated];
  });
}

Deno.test("RequestReader reads a repeated head without parsing it again", () => {
  assertEquals(readAll([FIRST, FIRST, FIRST]), [
    ["/a", 2, false],
    ["/a", 2, true],
    ["/a", 2, true],
  ]);
});

Deno.test("RequestReader reads a head that is like the one before", () => {
  const cases: [string, unknown][] = [
    [FIRST.replace("/a", "/b"), ["/b", 2, false]],
    [FIRST.replace("B: c", "B: d"), ["/a", 2, false]],
    [FIRST.replace("B: c\r\n", ""), ["/a", 1, false]],
    [FIRST.replace("B: c", "B: c\r\nD: e"), ["/a", 3, false]],
    [FIRST.replace("c\r\n\r\n", "c\r\nDD: \r\n\r\n"), ["/a", 3, false]],
    [FIRST.replace("Host", "Hosh"), BAD_HOST],
  ];
  for (const [head, expected] of cases) {
    assertEquals(readAll([FIRST, head])[1], expected, head);
    assertEquals(readAll([FIRST, FIRST, head])[2], expected, head);
  }
  const other = FIRST.replace("/a", "/b");
  assertEquals(readAll([FIRST, other, FIRST]), [
    ["/a", 2, false],
    ["/b", 2, false],
    ["/a", 2, false],
  ]);
});

Deno.test("RequestReader reads a repeated head that arrives in pieces", () => {
  const bytes = bytesOf(FIRST + FIRST);
  const { length } = FIRST;
  for (let cut = 0; cut < length; cut++) {
    const reader = new RequestReader();
    assertEquals(reader.parseHead(bytes, 0, length), length);
    reader.next();
    assertEquals(reader.parseHead(bytes, length, length + cut), 0);
    assertEquals(reader.parseHead(bytes, length, 2 * length), 2 * length);
    assertEquals([reader.head.fields.count, reader.headText], [2, FIRST]);
  }
});

Deno.test("RequestReader reads the body of a repeated head", () => {
  const request = bytesOf(
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
  );
  const reader = new RequestReader();
  for (let run = 0; run < 3; run++) {
    const bodyAt = reader.parseHead(request, 0, request.length);
    assertEquals([bodyAt, reader.body.left], [request.length - 2, 2]);
    assertEquals(
      reader.body.decode(request, bodyAt, request.length),
      request.length,
    );
    assertEquals([reader.body.done, reader.repeated], [true, run > 0]);
    reader.next();
  }
});
