import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { createHmac } from "node:crypto";
import { parseCookies } from "../../../src/http/cookies.ts";
import {
  SignedCookies,
  type SignedCookiesOptions,
} from "../../../src/http/signed_cookies.ts";

const KEY = "k".repeat(32);
const OTHER = "o".repeat(32);
const THIRD = new Uint8Array(64).fill(7);

function signer(...keys: (string | Uint8Array)[]): SignedCookies {
  return new SignedCookies({ keys });
}

Deno.test("SignedCookies.sign() is HMAC-SHA-256 over name and value", async () => {
  const signed = await signer(KEY).sign("sid", "a.b=c");
  const code = createHmac("sha256", KEY).update("sid=a.b=c");
  assertEquals(signed, `a.b=c.${code.digest("base64url")}`);
});

Deno.test("SignedCookies.verify() gives back what was signed", async () => {
  for (const value of ["", "a", "a.b", "31d4d96e", "%C3%A9", "é", "..."]) {
    const cookies = signer(THIRD);
    const signed = await cookies.sign("sid", value);
    assertEquals(await cookies.verify("sid", signed), {
      value,
      isStale: false,
    });
  }
});

Deno.test("SignedCookies.verify() refuses whatever was changed", async () => {
  const cookies = signer(KEY);
  const signed = await cookies.sign("sid", "ann.x");
  const [value, code] = [signed.slice(0, 5), signed.slice(6)];
  const forged = [
    null,
    undefined,
    "",
    ".",
    value,
    `${value}.`,
    code,
    `.${code}`,
    `bob.x.${code}`,
    `ann.${code}`,
    `${value}.${code}=`,
    `${value}.${code}A`,
    `${value}.${code.slice(1)}`,
    `${value}.${code.slice(0, -1)} `,
    `${value}.${"A".repeat(43)}`,
    `${value}.${"!".repeat(43)}`,
    ` ${signed}`,
  ];
  for (let at = 0; at < code.length; at++) {
    const other = code[at] === "A" ? "B" : "A";
    forged.push(`${value}.${code.slice(0, at)}${other}${code.slice(at + 1)}`);
  }
  // Other ways to write the same bytes: the last character has two bits to spare.
  const alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const last = alphabet.indexOf(code[42]);
  for (const spare of [1, 2, 3]) {
    forged.push(`${value}.${code.slice(0, -1)}${alphabet[last | spare]}`);
  }
  for (const text of forged) {
    assertEquals(await cookies.verify("sid", text), null, `${text}`);
  }
  assertEquals(await cookies.verify("other", signed), null);
  assertEquals(await cookies.verify("sid=ann.x", `.${code}`), null);
  assertEquals(await signer(OTHER).verify("sid", signed), null);
});

Deno.test("SignedCookies tells which cookies an older key has signed", async () => {
  const old = await signer(OTHER).sign("a", "1");
  const rotated = signer(KEY, THIRD, OTHER);
  assertEquals(await rotated.verify("a", old), { value: "1", isStale: true });
  const anew = await rotated.sign("a", "1");
  assertEquals(await signer(KEY).verify("a", anew), {
    value: "1",
    isStale: false,
  });
  assertEquals(await signer(KEY, THIRD).verify("a", old), null);
});

Deno.test("SignedCookies.format() and read() work on fields", async () => {
  const cookies = signer(KEY);
  const line = await cookies.format({
    name: "__Host-sid",
    value: "7",
    path: "/",
    secure: true,
    partitioned: true,
  });
  assertMatch(line, /^__Host-sid=7\.[\w-]{43}; Path=\/; Secure; Partitioned$/);
  const sent = { cookies: parseCookies(`a=b; ${line.split(";")[0]}`) };
  assertEquals((await cookies.read(sent, "__Host-sid"))?.value, "7");
  assertEquals(await cookies.read(sent, "a"), null);
  assertEquals(await cookies.read(sent, "none"), null);
  const wrong = [
    { name: "__Host-a", value: "1", path: "/a", secure: true },
    { name: "__Secure-a", value: "1" },
    { name: "a", value: "1", partitioned: true },
    { name: "a", value: "1 2" },
    { name: "a=b", value: "1" },
  ];
  for (const cookie of wrong) {
    await assertRejects(() => cookies.format(cookie), TypeError);
  }
});

Deno.test("SignedCookies refuses wrong keys and never shows one", () => {
  const cases: [unknown, new (message: string) => Error][] = [
    [undefined, TypeError],
    [null, TypeError],
    [KEY, TypeError],
    [[KEY], TypeError],
    [{}, TypeError],
    [{ keys: [] }, TypeError],
    [{ keys: KEY }, TypeError],
    [{ keys: [7] }, TypeError],
    [{ keys: [KEY], secret: KEY }, TypeError],
    [{ keys: [KEY, "keyboard cat"] }, RangeError],
    [{ keys: [new Uint8Array(31)] }, RangeError],
    [{ keys: [""] }, RangeError],
  ];
  for (const [options, type] of cases) {
    const error = assertThrows(
      () => new SignedCookies(options as SignedCookiesOptions),
      type,
    );
    assertFalse(error.message.includes("keyboard"), error.message);
    assertFalse(error.message.includes(KEY), error.message);
  }
});

Deno.test("SignedCookies keeps its own copy of a key", async () => {
  const bytes = new Uint8Array(32).fill(1);
  const cookies = signer(bytes);
  bytes.fill(2);
  const signed = await signer(new Uint8Array(32).fill(1)).sign("a", "1");
  assert(await cookies.verify("a", signed));
});
