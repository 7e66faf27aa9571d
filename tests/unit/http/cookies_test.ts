import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  deleteCookie,
  formatSetCookie,
  parseCookies,
  type SetCookie,
} from "../../../src/http/cookies.ts";
import { Prng } from "../grammar/prng.ts";

const COOKIE: SetCookie = { name: "sid", value: "1" };

Deno.test("parseCookies() reads pairs leniently", () => {
  const cases: [string, [string, string][]][] = [
    ["", []],
    ["a=1", [["a", "1"]]],
    ["a=1; b=2;c=3 ;\td\t=\t4\t", [
      ["a", "1"],
      ["b", "2"],
      ["c", "3"],
      ["d", "4"],
    ]],
    ["a=", [["a", ""]]],
    ["a=hello world; b=x=y", [["a", "hello world"], ["b", "x=y"]]],
    ["a=1; a=2", [["a", "1"]]],
    ["a=; a=2", [["a", ""]]],
    ["a=1; A=2", [["a", "1"], ["A", "2"]]],
    ['a="1"; b=""; c="; d=x"y"', [
      ["a", "1"],
      ["b", ""],
      ["c", '"'],
      ["d", 'x"y"'],
    ]],
    // A quoted value does not protect a semicolon (RFC 6265bis 5.6).
    ['a="1;b=2"', [["a", '"1'], ["b", '2"']]],
    ["a=%20%zz+", [["a", "%20%zz+"]]],
    ["a=1, b=2", [["a", "1, b=2"]]],
    ["a=1;;; ;b=2;", [["a", "1"], ["b", "2"]]],
    ["=1; =; =a=b", []],
    ["a; b=1; c", [["b", "1"]]],
    [";;;===;;;", []],
    ["a[0]=1; b c=2", [["a[0]", "1"], ["b c", "2"]]],
    ["a=\u00e9\u00a0", [["a", "\u00e9\u00a0"]]],
  ];
  for (const [header, pairs] of cases) {
    assertEquals([...parseCookies(header)], pairs, header);
  }
});

Deno.test("parseCookies() keeps names of Object.prototype as plain names", () => {
  const cookies = parseCookies("__proto__=a; constructor=b; toString=c");
  assertEquals(cookies.get("__proto__"), "a");
  assertEquals(cookies.get("constructor"), "b");
  assertEquals(cookies.get("hasOwnProperty"), undefined);
  assertEquals(Object.hasOwn({}, "a"), false);
});

Deno.test("parseCookies() takes linear time when the header is hostile", () => {
  const size = 500_000;
  const start = performance.now();
  for (const unit of ["a;", ";", "=", "a=b;", " ", '"']) {
    parseCookies(unit.repeat(size));
  }
  assert(performance.now() - start < 5000);
});

Deno.test("formatSetCookie() writes the attributes that are given", () => {
  const cases: [SetCookie, string][] = [
    [COOKIE, "sid=1"],
    [{ name: "sid", value: "" }, "sid="],
    [{ name: "sid", value: '"1"' }, 'sid="1"'],
    [{ name: "!#$%&'*+-.^_`|~", value: "a" }, "!#$%&'*+-.^_`|~=a"],
    [
      { name: "a", value: "!#$%&'()*+-./:<=>?@[]^_`{|}~" },
      "a=!#$%&'()*+-./:<=>?@[]^_`{|}~",
    ],
    [{ ...COOKIE, maxAge: 0 }, "sid=1; Max-Age=0"],
    [
      { ...COOKIE, expires: 784_111_777_999 },
      "sid=1; Expires=Sun, 06 Nov 1994 08:49:37 GMT",
    ],
    [
      { ...COOKIE, expires: new Date(0) },
      "sid=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    ],
    [{ ...COOKIE, domain: "example.com" }, "sid=1; Domain=example.com"],
    [{ ...COOKIE, domain: ".a-1.example" }, "sid=1; Domain=a-1.example"],
    [{ ...COOKIE, domain: "localhost" }, "sid=1; Domain=localhost"],
    [{ ...COOKIE, path: "/" }, "sid=1; Path=/"],
    [{ ...COOKIE, path: "/a b=,c" }, "sid=1; Path=/a b=,c"],
    [{ ...COOKIE, secure: false, httpOnly: false }, "sid=1"],
    [{ ...COOKIE, sameSite: "Strict" }, "sid=1; SameSite=Strict"],
    [{ ...COOKIE, priority: "High" }, "sid=1; Priority=High"],
    [
      {
        ...COOKIE,
        maxAge: 60,
        expires: 0,
        domain: "a.example",
        path: "/x",
        secure: true,
        httpOnly: true,
        sameSite: "None",
        partitioned: true,
        priority: "Low",
      },
      "sid=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT; " +
      "Domain=a.example; Path=/x; Secure; HttpOnly; SameSite=None; " +
      "Partitioned; Priority=Low",
    ],
  ];
  for (const [cookie, text] of cases) {
    assertEquals(formatSetCookie(cookie), text);
  }
});

Deno.test("formatSetCookie() throws a TypeError when a part cannot be sent", () => {
  // Typed as loosely as a caller in JavaScript could write it.
  const cases: Record<string, unknown>[] = [
    { name: "" },
    { name: "a b" },
    { name: "a=b" },
    { name: "a;b" },
    { name: "a\r\nb" },
    { name: "\u00e9" },
    { name: 1 },
    { value: "a b" },
    { value: "a;b" },
    { value: "a,b" },
    { value: 'a"b' },
    { value: '"' },
    { value: '"a' },
    { value: "a\\b" },
    { value: "a\r\nSet-Cookie: b=c" },
    { value: "a\n" },
    { value: "\0" },
    { value: "\x7f" },
    { value: "\u00e9" },
    { value: 1 },
    { value: undefined },
    { maxAge: 1.5 },
    { maxAge: NaN },
    { maxAge: Infinity },
    { maxAge: 2 ** 53 },
    { maxAge: "60" },
    { expires: NaN },
    { expires: new Date(NaN) },
    { expires: "tomorrow" },
    { domain: "" },
    { domain: "." },
    { domain: "a..b" },
    { domain: "a.example." },
    { domain: "-a.example" },
    { domain: "a-.example" },
    { domain: "a_b.example" },
    { domain: "a.example; Secure" },
    { domain: "a\r\nb" },
    { domain: "b\u00fccher.example" },
    { domain: "a".repeat(64) },
    { path: "" },
    { path: "a" },
    { path: "/a;b" },
    { path: "/a\r\nb" },
    { path: "/a\n" },
    { path: "/\u00e9" },
    { sameSite: "none" },
    { sameSite: "Lax; Secure" },
    { sameSite: true },
    { sameSite: "None" },
    { priority: "high" },
    { partitioned: true },
  ];
  for (const part of cases) {
    const cookie = { ...COOKIE, ...part } as SetCookie;
    const [value] = Object.values(part);
    const shown = "secure" in cookie || value === "None" || value === true
      ? ""
      : JSON.stringify(String(value));
    assertThrows(() => formatSetCookie(cookie), TypeError, shown);
  }
});

Deno.test("formatSetCookie() throws a RangeError when a part is out of bounds", () => {
  const cases: Partial<SetCookie>[] = [
    { maxAge: -1 },
    { expires: 253_402_300_800_000 },
    { value: "a".repeat(4096 - 2) },
    { path: "/" + "a".repeat(1024) },
    { domain: "a.".repeat(127) + "a" },
  ];
  for (const part of cases) {
    assertThrows(() => formatSetCookie({ ...COOKIE, ...part }), RangeError);
  }
});

Deno.test("formatSetCookie() takes what is just within the bounds", () => {
  const cases: Partial<SetCookie>[] = [
    { value: "a".repeat(4096 - 3) },
    { path: "/" + "a".repeat(1023) },
    { domain: "a.".repeat(126) + "a" },
    { maxAge: Number.MAX_SAFE_INTEGER },
  ];
  for (const part of cases) {
    const text = formatSetCookie({ ...COOKIE, ...part });
    assert(text.includes(String(Object.values(part)[0])));
  }
});

Deno.test("formatSetCookie() holds prefixed names to their rules", () => {
  const secure = true;
  const httpOnly = true;
  const path = "/";
  const cases: [string, Partial<SetCookie>, boolean][] = [
    ["__Secure-a", { secure }, true],
    ["__Secure-a", {}, false],
    ["__secure-a", {}, false],
    ["__Secure-a", { secure: false }, false],
    ["__Host-a", { secure, path }, true],
    ["__Host-a", { secure }, false],
    ["__Host-a", { path }, false],
    ["__Host-a", { secure, path: "/a" }, false],
    ["__HOST-a", { secure }, false],
    ["__Host-a", { secure, path, domain: "a.example" }, false],
    ["__Secure-a", { secure, domain: "a.example" }, true],
    ["__Http-a", { secure, httpOnly }, true],
    ["__Http-a", { secure }, false],
    ["__Host-Http-a", { secure, httpOnly, path }, true],
    ["__Host-Http-a", { secure, path }, false],
    ["__Host-Http-a", { secure, httpOnly }, false],
    ["__Hosta", {}, true],
  ];
  for (const [name, scope, isFine] of cases) {
    const cookie = { name, value: "1", ...scope };
    if (isFine) assert(formatSetCookie(cookie).startsWith(`${name}=1`));
    else assertThrows(() => formatSetCookie(cookie), TypeError, name);
  }
});

Deno.test("formatSetCookie() never lets a value become an attribute", () => {
  const random = new Prng(7);
  const alphabet = 'aaabbb1122;,="\\ \t\r\n/.-\0\u00e9';
  let written = 0;
  for (let run = 0; run < 20_000; run++) {
    const cookie = {
      name: random.text(alphabet, 2),
      value: random.text(alphabet, 2),
      domain: random.text(alphabet, 2),
      path: `/${random.text(alphabet, 2)}`,
    };
    let text: string;
    try {
      text = formatSetCookie(cookie);
    } catch (error) {
      assert(error instanceof TypeError);
      continue;
    }
    written++;
    assertEquals(text.split(";").length, 3, text);
    const value = cookie.value === '""' ? "" : cookie.value;
    assertEquals([...parseCookies(text)][0], [cookie.name, value]);
  }
  assert(written > 100);
});

Deno.test("deleteCookie() writes a cookie that is over, in the same scope", () => {
  const over = "Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
  assertEquals(deleteCookie("sid"), `sid=; ${over}`);
  assertEquals(
    deleteCookie("__Host-sid", { path: "/", secure: true, partitioned: true }),
    `__Host-sid=; ${over}; Path=/; Secure; Partitioned`,
  );
  assertThrows(() => deleteCookie("__Host-sid"), TypeError, "__Host-sid");
});
