import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import fc from "fast-check";
import {
  appendFields,
  ByteBuffer,
  isFieldValue,
  isToken,
  RequestReader,
} from "../../src/protocol/mod.ts";
import { latin1 } from "../../src/grammar/latin1.ts";
import { HeaderList, HeaderSection } from "../../src/http/headers.ts";
import { bytesOf } from "../support/notation.ts";
import { always, fieldText, token } from "./arbitraries.ts";

function encode(list: HeaderList): string {
  const out = new ByteBuffer(64);
  appendFields(out, list.lines);
  return latin1(out.bytes, 0, out.length);
}

Deno.test("HeaderList reads back what appendFields() wrote", () => {
  // A prefix keeps names from meaning something to the framing.
  const name = token.map((text) => `x-${text}`);
  always(fc.array(fc.tuple(name, fieldText), { maxLength: 9 }), (pairs) => {
    const section = encode(new HeaderList(pairs)) + "\r\n";
    const head = bytesOf(`GET / HTTP/1.1\r\nHost: a\r\n${section}`);
    const reader = new RequestReader();
    assertEquals(reader.parseHead(head, 0, head.length), head.length);
    const read = HeaderList.from(new HeaderSection(section).lines);
    assertEquals(
      [...read].toSorted(),
      [...new HeaderList(pairs)].toSorted(),
    );
    assertEquals(reader.head.fields.count, pairs.length + 1);
  });
});

Deno.test("HeaderList takes one line or throws a TypeError for any text", () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom("\r", "\n", "\0", ":", " ", "\u010d", "\ud800"),
      fc.integer({ min: 0, max: 0x1ff }).map(String.fromCharCode),
    ),
    maxLength: 8,
  });
  let taken = 0;
  always(fc.oneof(token, text), text, (name, value) => {
    try {
      const lines = encode(new HeaderList([[name, value]]));
      assert(isToken(name) && isFieldValue(value.trim()), lines);
      assertEquals(lines.split(/\r|\n/).length, 3);
      taken++;
    } catch (error) {
      assertInstanceOf(error, TypeError);
    }
  });
  assert(taken > 10, `${taken} were taken`);
});
