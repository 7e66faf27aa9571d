import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Router } from "../../src/routing/mod.ts";
import { HttpResponse } from "../../src/http/response.ts";
import { makeRequest } from "../unit/routing/make_request.ts";
import { always } from "./arbitraries.ts";

// A pattern is static texts and `:` for a parameter, perhaps with a wildcard at
// the end; a path is texts.
const texts = fc.constantFrom("a", "b", "ab", "7");
const pattern = fc.record({
  segments: fc.array(fc.oneof(texts, fc.constant(":")), {
    minLength: 1,
    maxLength: 4,
  }),
  hasRest: fc.boolean(),
});
const paths = fc.array(fc.oneof(texts, fc.constantFrom("", "%2F", "c")), {
  minLength: 1,
  maxLength: 5,
});

type Pattern = { segments: string[]; hasRest: boolean };

function textOf({ segments, hasRest }: Pattern): string {
  const parts = segments.map((segment, at) =>
    segment === ":" ? `:p${at}` : segment
  );
  return `/${parts.join("/")}${hasRest ? "/*rest" : ""}`;
}

/** What a pattern is worth for a path: the lower the better; null: no match. */
function rank({ segments, hasRest }: Pattern, path: string[]): string | null {
  const length = segments.length;
  if (path.length < length || (path.length > length && !hasRest)) return null;
  let digits = "";
  for (let at = 0; at < length; at++) {
    const decoded = decodeURIComponent(path[at]);
    if (segments[at] === ":" ? decoded === "" : segments[at] !== decoded) {
      return null;
    }
    digits += segments[at] === ":" ? "2" : "1";
  }
  // An exact end is better than a wildcard of nothing.
  return digits + (hasRest ? "3" : "0");
}

function winner(patterns: readonly Pattern[], path: string[]): string | null {
  const ranked = patterns.flatMap((one) => {
    const digits = rank(one, path);
    return digits === null ? [] : [{ digits, text: textOf(one) }];
  });
  ranked.sort((one, other) => one.digits < other.digits ? -1 : 1);
  return ranked.at(0)?.text ?? null;
}

Deno.test("Router picks the route that comparing all of them picks", () => {
  const patterns = fc.uniqueArray(pattern, { selector: textOf, maxLength: 12 });
  let matched = 0;
  always(patterns, paths, (drawn, path) => {
    const router = new Router();
    for (const one of drawn) router.get(textOf(one), () => new HttpResponse());
    const request = makeRequest("GET", `/${path.join("/")}`);
    const response = router.handle(request);
    assert(response instanceof HttpResponse, "no promise is needed");
    const expected = winner(drawn, path);
    assertEquals(request.route, expected);
    assertEquals(response.status, expected === null ? 404 : 200);
    if (expected !== null) matched++;
  });
  assert(matched > 30, `${matched} matched`);
});
