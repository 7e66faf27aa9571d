import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import fc from "fast-check";
import { HttpError } from "../../src/http/errors.ts";
import {
  decodePath,
  decodeSegment,
  rawPath,
  rawQuery,
} from "../../src/http/target_path.ts";
import { always } from "./arbitraries.ts";

const text = fc.string({ unit: "grapheme", maxLength: 12 })
  .filter((drawn) => !drawn.includes("\0"));

Deno.test("decodeSegment() undoes one encoding, never two", () => {
  always(text, (drawn) => {
    const once = encodeURIComponent(drawn);
    assertEquals(decodeSegment(once), drawn);
    assertEquals(decodeSegment(encodeURIComponent(once)), once);
  });
});

Deno.test("decodePath() keeps segments apart", () => {
  always(fc.array(text, { minLength: 1, maxLength: 5 }), (segments) => {
    const path = `/${segments.map(encodeURIComponent).join("/")}`;
    const slashes = decodePath(path).split("/").length - 1;
    assertEquals(slashes, segments.length);
  });
});

Deno.test("decodePath() gives a text without NUL or throws an HttpError 400", () => {
  const part = fc.oneof(
    fc.constantFrom("%", "%2", "%2F", "%2f", "%00", "%c3", "%a9", "%25", "%ff"),
    fc.constantFrom("/", "a", ".", "..", "?"),
  );
  let refused = 0;
  always(fc.array(part, { maxLength: 8 }), (parts) => {
    const target = `/${parts.join("")}`;
    try {
      const path = decodePath(rawPath(target));
      assert(!path.includes("\0"), target);
      assert(path.startsWith("/"), target);
      assert(!path.includes("?"), target);
    } catch (error) {
      assertInstanceOf(error, HttpError);
      assertEquals(error.status, 400);
      refused++;
    }
  });
  assert(refused > 50, `${refused} were refused`);
});

Deno.test("rawPath() and rawQuery() make up the target", () => {
  const char = fc.constantFrom(..."/?&=a%.:@");
  always(fc.string({ unit: char, maxLength: 20 }), (drawn) => {
    const target = `/${drawn}`;
    const query = rawQuery(target);
    const mark = target.includes("?") ? "?" : "";
    assertEquals(rawPath(target) + mark + query, target);
    const absolute = `http://example.com${target}`;
    assertEquals(rawPath(absolute), rawPath(target));
    assertEquals(rawQuery(absolute), query);
  });
});
