import { assertEquals } from "@std/assert";
import { contentDisposition } from "../../../src/http/content_disposition.ts";

Deno.test("contentDisposition() writes names that all clients read alike", () => {
  const cases: [string, string][] = [
    ["a.txt", 'filename="a.txt"'],
    ["a b;c,d.txt", 'filename="a b;c,d.txt"'],
    ["", 'filename=""'],
    ["ü.txt", "filename=\"_.txt\"; filename*=UTF-8''%C3%BC.txt"],
    ["😀", "filename=\"_\"; filename*=UTF-8''%F0%9F%98%80"],
    ['a"b', "filename=\"a_b\"; filename*=UTF-8''a%22b"],
    ["a\\b", "filename=\"a_b\"; filename*=UTF-8''a%5Cb"],
    ["100%", "filename=\"100_\"; filename*=UTF-8''100%25"],
    ["a\r\nx: y", "filename=\"a__x: y\"; filename*=UTF-8''a%0D%0Ax%3A%20y"],
    ["é'()*!", "filename=\"_'()*!\"; filename*=UTF-8''%C3%A9%27%28%29%2A%21"],
    ["\ud800", "filename=\"_\"; filename*=UTF-8''%EF%BF%BD"],
  ];
  for (const [name, expected] of cases) {
    assertEquals(
      contentDisposition("attachment", name),
      `attachment; ${expected}`,
      name,
    );
  }
  assertEquals(contentDisposition("inline", "a"), 'inline; filename="a"');
});
