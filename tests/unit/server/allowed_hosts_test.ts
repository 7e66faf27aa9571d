import { assert, assertEquals, assertThrows } from "@std/assert";
import { hostMatcher } from "../../../src/server/allowed_hosts.ts";

Deno.test("hostMatcher() tells which authorities an entry allows", () => {
  const cases: [entry: string, allowed: string[], refused: string[]][] = [
    [
      "example.com",
      [
        "example.com",
        "EXAMPLE.com",
        "example.com.",
        "example.com:8080",
        "example.com:",
        "example.com.:80",
      ],
      [
        "",
        "com",
        "a.example.com",
        "notexample.com",
        "example.com.evil.example",
        "example.comm",
        "example.com..",
        ".example.com",
        "example.com:65536",
        "example.com:80:80",
        "example.com:a",
        "example.com,evil.example",
        "evil.example@example.com",
        "example.com/",
        "ex%61mple.com",
        " example.com",
        "example.com\n",
        ":80",
      ],
    ],
    ["Example.COM.", ["example.com", "example.com."], ["a.example.com"]],
    ["localhost", ["localhost", "localhost:3000"], ["localhost.localdomain"]],
    [
      "localhost:8080",
      ["localhost:8080", "LOCALHOST.:8080", "localhost:08080"],
      ["localhost", "localhost:80", "localhost:18080", "localhost:"],
    ],
    [
      ".example.com",
      ["example.com", "a.example.com", "A.b.Example.com.:80"],
      [
        "example.org",
        "notexample.com",
        "example.com.evil",
        "com",
        "..example.com",
      ],
    ],
    [
      "*.example.com",
      ["a.example.com", "a.b.example.com:80"],
      ["example.com", "xexample.com", ".example.com", "*.example.com", "-"],
    ],
    [
      ".example.com:8443",
      ["example.com:8443", "a.example.com:8443"],
      ["example.com", "a.example.com:443"],
    ],
    [
      "127.0.0.1",
      ["127.0.0.1", "127.0.0.1:80", "127.0.0.1."],
      ["127.0.0.2", "127.1", "2130706433", "0x7f.0.0.1", "127.0.0.01"],
    ],
    [
      "[::1]",
      ["[::1]", "[::1]:80", "[0:0:0:0:0:0:0:1]", "[::0.0.0.1]"],
      ["::1", "[::2]", "[::1", "[::1].", "[::1%251]", "1"],
    ],
    ["[2001:DB8::A]:80", ["[2001:db8:0::a]:80"], ["[2001:db8::a]"]],
    ["::1", ["[::1]", "[::1]:80"], ["::1", "[::2]"]],
    ["my_host-1", ["my_host-1"], ["my-host-1"]],
    ["xn--bcher-kva.example", ["xn--bcher-kva.example"], ["bücher.example"]],
  ];
  for (const [entry, allowed, refused] of cases) {
    const isAllowed = hostMatcher([entry]);
    for (const authority of allowed) {
      assert(isAllowed(authority), `${authority} by ${entry}`);
      assert(isAllowed(authority), `${authority} by ${entry}, again`);
    }
    for (const authority of refused) {
      assert(!isAllowed(authority), `${authority} not by ${entry}`);
    }
  }
});

Deno.test("hostMatcher() allows what any of its entries allows", () => {
  const isAllowed = hostMatcher([
    "a.example:80",
    "a.example:81",
    "b.example",
    "b.example:80",
    "c.example:80",
    "c.example",
    ".d.example",
    "*.e.d.example:90",
  ]);
  const cases: [authority: string, allowed: boolean][] = [
    ["a.example:80", true],
    ["a.example:81", true],
    ["a.example:82", false],
    ["a.example", false],
    ["b.example:99", true],
    ["c.example:99", true],
    ["x.e.d.example:91", true],
    ["evil.example", false],
  ];
  for (const [authority, allowed] of cases) {
    assertEquals(isAllowed(authority), allowed, authority);
  }
  assert(!hostMatcher([])("localhost"));
});

Deno.test("hostMatcher() takes linear time for long names", () => {
  const isAllowed = hostMatcher([".example.com", "a.example"]);
  for (const unit of ["a.", ".", "a", "-", ":", "["]) {
    assert(!isAllowed(`${unit.repeat(200_000)}example.com`), unit);
  }
});

Deno.test("hostMatcher() throws for what is no host", () => {
  const entries = [
    "",
    " ",
    ".",
    "*",
    "*.",
    "**.a",
    "*a",
    "a.*",
    "a.*.b",
    "..a",
    "a..b",
    "a b",
    " a",
    "a\n",
    "a,b",
    "http://a",
    "a/b",
    "a@b",
    "a:",
    "a:b",
    "a:65536",
    "a:-1",
    "a:1:2",
    ":80",
    "[::1",
    "[::g]",
    "[a]",
    "[::1]80",
    ".[::1]",
    "*.[::1]",
    ".::1",
    ".1",
    "*.0.0.1",
    "*.127.0.0.1",
    "bücher.example",
    "a".repeat(64),
    "a.".repeat(127) + "a",
  ];
  for (const entry of entries) {
    const error = assertThrows(() => hostMatcher(["b", entry]), TypeError);
    assert(error.message.includes(JSON.stringify(entry)), error.message);
  }
  for (const wrong of [undefined, null, 1, ["a"]]) {
    const entries = [wrong] as unknown as string[];
    assertThrows(() => hostMatcher(entries), TypeError);
  }
  assertThrows(() => hostMatcher("a" as unknown as string[]), TypeError, '"a"');
});
