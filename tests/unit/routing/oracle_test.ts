// The tree and what is settled at compile time, against the rules applied one
// by one to every route and every prefix.
import { assert, assertEquals } from "@std/assert";
import { HttpResponse } from "../../../src/http/response.ts";
import { covers, splitPath } from "../../../src/routing/path.ts";
import {
  parsePattern,
  parsePrefix,
  type Segment,
} from "../../../src/routing/pattern.ts";
import { Router } from "../../../src/routing/mod.ts";
import { Prng } from "../grammar/prng.ts";
import { makeRequest } from "./make_request.ts";

const PARTS = ["a", "b", "7", ":x", ":y", ":r(\\d+)", ":s([a-z])"];
// No text matches both regexes, for which comes first depends on the order.
const TEXTS = ["a", "b", "7", "42", "", "zz", "%61", "a%2Fb"];

function randomPattern(random: Prng): string {
  let pattern = "";
  for (let count = random.integer(0, 3); count >= 0; count--) {
    // A name may stand only once in a pattern.
    pattern += "/" +
      random.pick(PARTS).replace(/^:./, (name) => `${name}${count}`);
  }
  return pattern + random.pick(["", "", "", "/*rest", "/:z?"]);
}

function randomPath(random: Prng): string {
  const length = random.integer(1, 4);
  const texts = Array.from({ length }, () => random.pick(TEXTS));
  return "/" + texts.join("/");
}

// One digit a segment: the smaller the better, the leftmost first.
function rankOf(
  segments: readonly Segment[],
  path: readonly string[],
): string | null {
  let rank = "";
  for (let at = 0; at <= path.length; at++) {
    const segment = segments[at];
    if (segment === undefined) return at === path.length ? rank + "0" : null;
    if (segment.kind === "rest") return rank + "9";
    if (at === path.length) return null;
    if (segment.kind === "static") {
      if (segment.text !== path[at]) return null;
      rank += "1";
    } else {
      if (path[at] === "" || segment.regex?.test(path[at]) === false) {
        return null;
      }
      const { regex } = segment;
      rank += regex === null ? "8" : regex.source.includes("d") ? "2" : "3";
    }
  }
  return null;
}

function bestOf(patterns: readonly string[], path: string): string | null {
  const decoded = splitPath(path).map(decodeURIComponent);
  const ranked = patterns.flatMap((pattern) =>
    parsePattern(pattern).variants.map((variant) => ({
      pattern,
      rank: rankOf(variant, decoded),
    }))
  ).filter(({ rank }) => rank !== null)
    .sort((one, other) => `${one.rank}` < `${other.rank}` ? -1 : 1);
  return ranked.length === 0 ? null : ranked[0].pattern;
}

function makeRouter(
  patterns: string[],
  prefixes: string[],
): { router: Router; added: string[] } {
  const router = new Router();
  const added: string[] = [];
  const answer = () => new HttpResponse();
  for (const prefix of prefixes) {
    router.use(prefix, async (_request, next) => {
      const response = await next();
      response.headers.append("trace", prefix);
      return response;
    });
  }
  for (const pattern of patterns) {
    try {
      router.get(pattern, answer);
      added.push(pattern);
    } catch (error) {
      assert(error instanceof TypeError);
    }
  }
  return { router, added };
}

Deno.test("Router agrees with the rules applied one by one", async () => {
  const prefixes = ["/", "/a", "/:x", "/:x/b", "/:r(\\d+)", "/a/7"];
  let matched = 0;
  let wrapped = 0;
  for (let seed = 1; seed <= 50; seed++) {
    const random = new Prng(seed);
    const patterns = Array.from({ length: 25 }, () => randomPattern(random));
    const { router, added } = makeRouter(patterns, prefixes);
    for (let count = 0; count < 100; count++) {
      const path = randomPath(random);
      const expected = bestOf(added, path);
      const request = makeRequest("GET", path);
      const response = await router.handle(request);
      assertEquals(request.route, expected, `seed ${seed}: ${path}`);
      const trace = prefixes.filter((prefix) =>
        covers(parsePrefix(prefix), splitPath(path))
      ).toReversed().join(", ");
      assertEquals(response.header("trace"), trace, `seed ${seed}: ${path}`);
      if (expected !== null) matched++;
      if (trace.includes(",")) wrapped++;
    }
  }
  assert(matched > 1000);
  assert(wrapped > 1000);
});
