import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  evaluateConditions,
  ifRangeMatches,
  type Validators,
} from "../../../src/http/conditional.ts";
import { formatHttpDate } from "../../../src/grammar/dates.ts";

const CHANGED = Date.UTC(2024, 4, 1, 12) + 250;
const BEFORE = formatHttpDate(CHANGED - 1000);
const SAME = formatHttpDate(CHANGED);
const AFTER = formatHttpDate(CHANGED + 1000);
const STRONG: Validators = { etag: '"v1"', lastModified: CHANGED };
const WEAK: Validators = { etag: 'W/"v1"', lastModified: CHANGED };
const DATED: Validators = { lastModified: CHANGED };
const NOTHING: Validators = { exists: false };

type Fields = Record<string, string>;
type Case = [string, Fields, Validators, string];

function evaluateAll(cases: Case[]): void {
  const answers: Record<string, string> = {
    go: "proceed",
    304: "not-modified",
    412: "precondition-failed",
  };
  for (const [method, fields, validators, expected] of cases) {
    assertEquals(
      evaluateConditions(method, new Headers(fields), validators),
      answers[expected],
      `${method} ${JSON.stringify(fields)} ${JSON.stringify(validators)}`,
    );
  }
}

Deno.test("evaluateConditions() proceeds when there are no conditions", () => {
  evaluateAll([
    ["GET", {}, STRONG, "go"],
    ["PUT", {}, STRONG, "go"],
    ["GET", {}, {}, "go"],
    ["GET", { "if-range": '"v2"' }, STRONG, "go"],
  ]);
});

Deno.test("evaluateConditions() compares If-Match strongly", () => {
  evaluateAll([
    ["PUT", { "if-match": '"v1"' }, STRONG, "go"],
    ["PUT", { "if-match": '"v0", "v1"' }, STRONG, "go"],
    ["GET", { "if-match": '"v1"' }, STRONG, "go"],
    ["PUT", { "if-match": '"v2"' }, STRONG, "412"],
    ["GET", { "if-match": '"v2"' }, STRONG, "412"],
    ["PUT", { "if-match": 'W/"v1"' }, STRONG, "412"],
    ["PUT", { "if-match": '"v1"' }, WEAK, "412"],
    ["PUT", { "if-match": 'W/"v1"' }, WEAK, "412"],
    ["PUT", { "if-match": '"v1"' }, DATED, "412"],
    ["PUT", { "if-match": "v1" }, STRONG, "412"],
    ["PUT", { "if-match": "" }, STRONG, "412"],
    ["PUT", { "if-match": "*" }, STRONG, "go"],
    ["PUT", { "if-match": "*" }, {}, "go"],
    ["PUT", { "if-match": "*" }, NOTHING, "412"],
    ["PUT", { "if-match": '"v1"' }, NOTHING, "412"],
    ["PUT", { "if-match": '"v1"' }, { ...STRONG, exists: false }, "412"],
  ]);
});

Deno.test("evaluateConditions() reads If-Unmodified-Since without If-Match only", () => {
  evaluateAll([
    ["PUT", { "if-unmodified-since": SAME }, STRONG, "go"],
    ["PUT", { "if-unmodified-since": AFTER }, DATED, "go"],
    ["PUT", { "if-unmodified-since": BEFORE }, DATED, "412"],
    ["GET", { "if-unmodified-since": BEFORE }, DATED, "412"],
    ["PUT", { "if-unmodified-since": BEFORE }, { etag: '"v1"' }, "go"],
    ["PUT", { "if-unmodified-since": "yesterday" }, DATED, "go"],
    ["PUT", { "if-unmodified-since": "" }, DATED, "go"],
    [
      "PUT",
      { "if-match": '"v1"', "if-unmodified-since": BEFORE },
      STRONG,
      "go",
    ],
    [
      "PUT",
      { "if-match": '"v2"', "if-unmodified-since": AFTER },
      STRONG,
      "412",
    ],
  ]);
});

Deno.test("evaluateConditions() compares If-None-Match weakly", () => {
  evaluateAll([
    ["GET", { "if-none-match": '"v1"' }, STRONG, "304"],
    ["HEAD", { "if-none-match": '"v1"' }, STRONG, "304"],
    ["PUT", { "if-none-match": '"v1"' }, STRONG, "412"],
    ["DELETE", { "if-none-match": '"v1"' }, STRONG, "412"],
    ["GET", { "if-none-match": 'W/"v1"' }, STRONG, "304"],
    ["GET", { "if-none-match": '"v1"' }, WEAK, "304"],
    ["GET", { "if-none-match": 'W/"v1"' }, WEAK, "304"],
    ["GET", { "if-none-match": '"v0", W/"v1"' }, STRONG, "304"],
    ["GET", { "if-none-match": '"v0"' }, STRONG, "go"],
    ["PUT", { "if-none-match": '"v0"' }, STRONG, "go"],
    ["GET", { "if-none-match": "v1" }, STRONG, "go"],
    ["GET", { "if-none-match": '"V1"' }, STRONG, "go"],
    ["GET", { "if-none-match": '"v1"' }, DATED, "go"],
    ["GET", { "if-none-match": "*" }, STRONG, "304"],
    ["GET", { "if-none-match": "*" }, {}, "304"],
    ["PUT", { "if-none-match": "*" }, {}, "412"],
    ["PUT", { "if-none-match": "*" }, NOTHING, "go"],
    ["GET", { "if-none-match": '"*"' }, STRONG, "go"],
  ]);
});

Deno.test("evaluateConditions() reads If-Modified-Since for GET and HEAD without If-None-Match", () => {
  evaluateAll([
    ["GET", { "if-modified-since": SAME }, DATED, "304"],
    ["HEAD", { "if-modified-since": SAME }, DATED, "304"],
    ["GET", { "if-modified-since": AFTER }, DATED, "304"],
    ["GET", { "if-modified-since": BEFORE }, DATED, "go"],
    ["POST", { "if-modified-since": SAME }, DATED, "go"],
    ["PUT", { "if-modified-since": AFTER }, DATED, "go"],
    ["get", { "if-modified-since": SAME }, DATED, "go"],
    ["GET", { "if-modified-since": SAME }, { etag: '"v1"' }, "go"],
    ["GET", { "if-modified-since": "now" }, DATED, "go"],
    ["GET", { "if-modified-since": `${SAME}, ${SAME}` }, DATED, "go"],
    [
      "GET",
      { "if-modified-since": "Wednesday, 01-May-24 12:00:00 GMT" },
      DATED,
      "304",
    ],
    [
      "GET",
      { "if-none-match": '"v0"', "if-modified-since": AFTER },
      STRONG,
      "go",
    ],
    [
      "GET",
      { "if-none-match": '"v1"', "if-modified-since": BEFORE },
      STRONG,
      "304",
    ],
    [
      "GET",
      { "if-none-match": "", "if-modified-since": SAME },
      STRONG,
      "go",
    ],
  ]);
});

Deno.test("evaluateConditions() tries If-Match before If-None-Match", () => {
  evaluateAll([
    ["GET", { "if-match": '"v2"', "if-none-match": '"v1"' }, STRONG, "412"],
    ["GET", { "if-match": '"v1"', "if-none-match": '"v1"' }, STRONG, "304"],
    ["GET", { "if-match": '"v1"', "if-none-match": '"v2"' }, STRONG, "go"],
    [
      "GET",
      { "if-match": '"v1"', "if-modified-since": SAME },
      STRONG,
      "304",
    ],
    [
      "GET",
      { "if-unmodified-since": SAME, "if-modified-since": SAME },
      STRONG,
      "304",
    ],
    [
      "GET",
      { "if-unmodified-since": BEFORE, "if-none-match": '"v1"' },
      STRONG,
      "412",
    ],
  ]);
});

Deno.test("evaluateConditions() ignores conditions when the method selects nothing", () => {
  const fields = { "if-match": '"v2"', "if-none-match": "*" };
  evaluateAll([
    ["OPTIONS", fields, STRONG, "go"],
    ["TRACE", fields, STRONG, "go"],
    ["CONNECT", fields, STRONG, "go"],
  ]);
});

Deno.test("evaluateConditions() agrees with the precedence of RFC 9110 13.2.2 in every combination", () => {
  const matches = [undefined, '"v1"', '"v2"'];
  const dates = [undefined, BEFORE, AFTER];
  let combinations = 0;
  for (const im of matches) {
    for (const ius of dates) {
      for (const inm of matches) {
        for (const ims of dates) {
          for (const method of ["GET", "PUT"]) {
            const fields = new Headers();
            if (im) fields.set("if-match", im);
            if (ius) fields.set("if-unmodified-since", ius);
            if (inm) fields.set("if-none-match", inm);
            if (ims) fields.set("if-modified-since", ims);
            // The steps of the section, by their numbers.
            const step12 = im ? im === '"v1"' : ius !== BEFORE;
            const step3 = inm ? inm === '"v2"' : true;
            const step4 = inm || method === "PUT" || ims !== AFTER;
            let expected = "proceed";
            if (!step12) expected = "precondition-failed";
            else if (!step3 && method === "PUT") {
              expected = "precondition-failed";
            } else if (!step3 || !step4) expected = "not-modified";
            const result = evaluateConditions(method, fields, STRONG);
            assertEquals(result, expected, JSON.stringify([...fields, method]));
            combinations++;
          }
        }
      }
    }
  }
  assertEquals(combinations, 162);
});

Deno.test("evaluateConditions() throws when the own tag lacks its quotes", () => {
  for (const etag of ["v1", "", 'w/"v1"', '"a b"']) {
    assertThrows(
      () => evaluateConditions("GET", new Headers(), { etag }),
      TypeError,
      JSON.stringify(etag),
    );
  }
});

Deno.test("ifRangeMatches() takes a strong tag or a date that is exact and past", () => {
  const later = CHANGED + 60_000;
  const cases: [string | null, Validators, boolean][] = [
    [null, STRONG, true],
    ['"v1"', STRONG, true],
    ['"v2"', STRONG, false],
    ['W/"v1"', STRONG, false],
    ['"v1"', WEAK, false],
    ['W/"v1"', WEAK, false],
    ['"v1"', DATED, false],
    ['"v1", "v2"', STRONG, false],
    ["*", STRONG, false],
    ["v1", STRONG, false],
    ["", STRONG, false],
    [SAME, DATED, true],
    [SAME, WEAK, true],
    ["Wednesday, 01-May-24 12:00:00 GMT", DATED, true],
    [BEFORE, DATED, false],
    [AFTER, DATED, false],
    [SAME, { etag: '"v1"' }, false],
    ["yesterday", DATED, false],
  ];
  for (const [field, validators, expected] of cases) {
    const result = ifRangeMatches(field, validators, later);
    assertEquals(result, expected, `${field} ${JSON.stringify(validators)}`);
  }
});

Deno.test("ifRangeMatches() refuses a date within its own second", () => {
  const second = CHANGED - 250;
  assert(!ifRangeMatches(SAME, DATED, second));
  assert(!ifRangeMatches(SAME, DATED, second + 999));
  assert(ifRangeMatches(SAME, DATED, second + 1000));
});

Deno.test("ifRangeMatches() throws when the own tag lacks its quotes", () => {
  assertThrows(() => ifRangeMatches(null, { etag: "v1" }), TypeError, '"v1"');
});
