import { assertEquals } from "@std/assert";
import {
  readWish,
  wishQuery,
} from "../../../../../src/handlers/static/listing/wish.ts";
import { makeRequest } from "../site.ts";

const USUAL = {
  sort: "name",
  order: "asc",
  search: "",
  isJson: false,
} as const;

Deno.test("readWish() reads the query and ignores what makes no sense", () => {
  const cases: [string, object][] = [
    ["", {}],
    ["?sort=size&order=desc", { sort: "size", order: "desc" }],
    ["?sort=date", { sort: "date" }],
    ["?order=desc", { order: "desc" }],
    ["?sort=SIZE&order=down", {}],
    ["?sort=constructor&order=__proto__", {}],
    ["?sort=size&sort=date", { sort: "size" }],
    ["?q=+a%26b+", { search: "a&b" }],
    [`?q=${"x".repeat(300)}`, { search: "x".repeat(255) }],
    [`?q=${"x".repeat(254)}%F0%9F%99%82`, {
      search: "x".repeat(254) + "\ufffd",
    }],
    ["?q=%ff", { search: "\ufffd" }],
    ["?format=json", { isJson: true }],
    ["?format=xml", {}],
  ];
  for (const [query, expected] of cases) {
    const wish = readWish(makeRequest(`/${query}`));
    assertEquals(wish, { ...USUAL, ...expected }, query);
  }
});

Deno.test("readWish() prefers JSON where Accept does", () => {
  const cases: [accept: string | null, query: string, isJson: boolean][] = [
    [null, "", false],
    ["*/*", "", false],
    ["application/json", "", true],
    ["application/*", "", true],
    ["text/html, application/json;q=0.9", "", false],
    ["text/html;q=0.5, application/json", "", true],
    [
      "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
      "",
      false,
    ],
    ["image/png", "", false],
    ["", "", false],
    ["application/json", "?format=html", false],
    ["text/html", "?format=json", true],
  ];
  for (const [accept, query, isJson] of cases) {
    const headers: Record<string, string> = accept === null ? {} : { accept };
    const wish = readWish(makeRequest(`/${query}`, { headers }));
    assertEquals(wish.isJson, isJson, `${accept} ${query}`);
  }
});

Deno.test("wishQuery() says only what is not usual", () => {
  assertEquals(wishQuery(USUAL), "");
  assertEquals(
    wishQuery({ sort: "size", order: "asc", search: "" }),
    "?sort=size&order=asc",
  );
  assertEquals(
    wishQuery({ sort: "name", order: "desc", search: "a&b" }),
    "?sort=name&order=desc&q=a%26b",
  );
  assertEquals(wishQuery({ ...USUAL, search: "ü" }), "?q=%C3%BC");
});
