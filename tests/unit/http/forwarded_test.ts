import { assert, assertEquals, assertLess } from "@std/assert";
import {
  type ForwardedHop,
  MAX_HOPS,
  parseForwarded,
  parseXForwarded,
} from "../../../src/http/forwarded.ts";
import { Prng } from "../grammar/prng.ts";

/** Writes hops as `ip:port proto host`, `-` for what is not told. */
function show(hops: ForwardedHop[]): string[] {
  return hops.map(({ ip, port, proto, host }) =>
    [
      `${ip ?? "-"}${port === null ? "" : `:${port}`}`,
      proto ?? "-",
      host ?? "-",
    ]
      .join(" ")
  );
}

function addressesOf(value: string | null): (string | null)[] {
  return parseXForwarded(value, null, null).map(({ ip, port }) =>
    port === null ? ip : `${ip} ${port}`
  );
}

Deno.test("parseXForwarded() reads addresses from left to right", () => {
  const cases: [value: string | null, addresses: (string | null)[]][] = [
    ["192.0.2.7", ["192.0.2.7"]],
    ["192.0.2.7, 198.51.100.1,203.0.113.9", [
      "192.0.2.7",
      "198.51.100.1",
      "203.0.113.9",
    ]],
    [" \t192.0.2.7 \t,\t 198.51.100.1 ", ["192.0.2.7", "198.51.100.1"]],
    ["192.0.2.7:4711", ["192.0.2.7 4711"]],
    ["2001:DB8::7", ["2001:db8::7"]],
    ["[2001:db8::7]", ["2001:db8::7"]],
    ["[2001:db8::7]:4711", ["2001:db8::7 4711"]],
    ["::ffff:192.0.2.7", ["192.0.2.7"]],
    ["[::ffff:192.0.2.7]:80", ["192.0.2.7 80"]],
    ["192.0.2.7:_secret", ["192.0.2.7"]],
    [null, [null]],
    ["", [null]],
    [" ", [null]],
    [",", [null]],
    ["192.0.2.7,", [null]],
    ["192.0.2.7, ", [null]],
    [",192.0.2.7", [null, "192.0.2.7"]],
    ["192.0.2.7,,198.51.100.1", [null, "198.51.100.1"]],
  ];
  for (const [value, addresses] of cases) {
    assertEquals(addressesOf(value), addresses, `${value}`);
  }
});

Deno.test("parseXForwarded() ends at the first malformed address from the right", () => {
  const members = [
    "unknown",
    "_hidden",
    "localhost",
    "1.2.3",
    "01.2.3.4",
    "1.2.3.4:",
    "1.2.3.4:65536",
    "1.2.3.4:80:90",
    "1.2.3.4:_",
    "1.2.3.4/8",
    '"1.2.3.4"',
    "for=1.2.3.4",
    "1.2.3.4;a",
    "1.2.3.4 5.6.7.8",
    "::1%eth0",
    "[fe80::1%25eth0]",
    "[::1",
    "::1]",
    "[1.2.3.4]",
    "2001:db8::7:4711:1:2:3:4:5",
    "\xa01.2.3.4",
    "unix:",
    "1".repeat(10_000),
  ];
  for (const member of members) {
    const value = `6.6.6.6, ${member}, 192.0.2.7`;
    assertEquals(addressesOf(value), [null, "192.0.2.7"], member.slice(0, 80));
  }
});

Deno.test("parseXForwarded() matches scheme and host from the right", () => {
  const cases: [
    addresses: string | null,
    protos: string | null,
    hosts: string | null,
    hops: string[],
  ][] = [
    ["1.1.1.1", "https", "a.example", ["1.1.1.1 https a.example"]],
    ["1.1.1.1, 2.2.2.2", "https, http", "a, b", [
      "1.1.1.1 https a",
      "2.2.2.2 http b",
    ]],
    ["1.1.1.1, 2.2.2.2", "https", null, ["1.1.1.1 - -", "2.2.2.2 https -"]],
    ["1.1.1.1", "https, http", "a, b", ["1.1.1.1 http b"]],
    [null, "https, http", "a, b:8080", ["- http b:8080"]],
    ["x, 1.1.1.1", "https, http", null, ["- https -", "1.1.1.1 http -"]],
    ["1.1.1.1, 2.2.2.2", "https, ftp", "a, /", [
      "1.1.1.1 https a",
      "2.2.2.2 - -",
    ]],
    ["1.1.1.1, 2.2.2.2", "https,", "a,", ["1.1.1.1 https a", "2.2.2.2 - -"]],
  ];
  for (const [addresses, protos, hosts, hops] of cases) {
    assertEquals(show(parseXForwarded(addresses, protos, hosts)), hops);
  }
});

Deno.test("parseXForwarded() reads http, https and their WebSocket kin", () => {
  const cases: [text: string, proto: string | null][] = [
    ["http", "http"],
    ["HTTPS", "https"],
    ["ws", "http"],
    ["wss", "https"],
    ["on", null],
    ["https:", null],
    ["", null],
    ['"https"', null],
  ];
  for (const [text, proto] of cases) {
    assertEquals(parseXForwarded("1.1.1.1", text, null)[0].proto, proto, text);
  }
});

Deno.test("parseXForwarded() reads hosts as a Host field may have", () => {
  const good = [
    "example.com",
    "Example.com:8080",
    "a.",
    "a:",
    "a:0",
    "192.0.2.7:80",
    "[::1]",
    "[::1]:8080",
    "a_b",
    "a%41",
    `${"a".repeat(250)}:8080`,
  ];
  const bad = [
    "",
    ":80",
    "a:65536",
    "a:b",
    "a:1:2",
    "a b",
    "a/b",
    "a?b",
    "a#b",
    "user@a",
    "http://a",
    "::1",
    "[::1",
    "[::g]",
    "[a]",
    "[::1]a",
    "a%4",
    "a%zz",
    "a\\b",
    "a\xe9",
    "a\u0161",
    "<a>",
    "a".repeat(300),
  ];
  for (const host of good) {
    assertEquals(parseXForwarded("1.1.1.1", null, host)[0].host, host);
  }
  for (const host of bad) {
    assertEquals(parseXForwarded("1.1.1.1", null, host)[0].host, null, host);
  }
});

Deno.test("parseForwarded() reads what RFC 7239 shows", () => {
  const cases: [value: string | null, hops: string[]][] = [
    ['for="_gazonk"', ["- - -"]],
    ['For="[2001:db8:cafe::17]:4711"', ["2001:db8:cafe::17:4711 - -"]],
    ["for=192.0.2.60;proto=http;by=203.0.113.43", ["192.0.2.60 http -"]],
    ["for=192.0.2.43, for=198.51.100.17", [
      "192.0.2.43 - -",
      "198.51.100.17 - -",
    ]],
    ["for=_hidden, for=_SEVKISEK", ["- - -"]],
    ["for=_hidden, for=192.0.2.43", ["- - -", "192.0.2.43 - -"]],
    ['for=192.0.2.43, for="[2001:db8:cafe::17]", for=unknown', ["- - -"]],
    ['for=192.0.2.43,for="[2001:db8:cafe::17]"', [
      "192.0.2.43 - -",
      "2001:db8:cafe::17 - -",
    ]],
    ["for=unknown;proto=https;host=a", ["- https a"]],
    ['for="192.0.2.43:47011"', ["192.0.2.43:47011 - -"]],
    ['for="192.0.2.43:_port"', ["192.0.2.43 - -"]],
    ['for="[::ffff:192.0.2.7]"', ["192.0.2.7 - -"]],
    ['FOR=1.1.1.1;Proto=HTTPS;HOST="a:80";By="x"', ["1.1.1.1 https a:80"]],
    ["proto=https", ["- https -"]],
    [";;for=1.1.1.1;;", ["1.1.1.1 - -"]],
    ["\t for=1.1.1.1 ; proto=https\t,\tfor=2.2.2.2 ", [
      "1.1.1.1 https -",
      "2.2.2.2 - -",
    ]],
    ['for="1.1\\.1.1"', ["1.1.1.1 - -"]],
    ['for=1.1.1.1;x="a\\"b, for=6.6.6.6;\\\\"', ["1.1.1.1 - -"]],
    ['for=1.1.1.1;x="",for=2.2.2.2', ["1.1.1.1 - -", "2.2.2.2 - -"]],
    ["for=1.1.1.1,", ["- - -"]],
    [",for=1.1.1.1", ["- - -", "1.1.1.1 - -"]],
    ["", ["- - -"]],
    [" ", ["- - -"]],
    [null, ["- - -"]],
  ];
  for (const [value, hops] of cases) {
    assertEquals(show(parseForwarded(value)), hops, `${value}`);
  }
});

Deno.test("parseForwarded() ends at the first malformed hop from the right", () => {
  const members = [
    "for",
    "for=",
    "=1.1.1.1",
    "1.1.1.1",
    "for 1.1.1.1",
    "for=1.1.1.1 proto=http",
    "for=1.1.1.1;for=2.2.2.2",
    "for=1.1.1.1;FOR=1.1.1.1",
    "for=1.1.1.1;proto",
    "for = 1.1.1.1",
    "for=1.1.1.1:80",
    "for=[::1]",
    'for="::1"',
    'for="[::1"',
    'for="1.1.1.1',
    'for=1.1.1.1"',
    'for="1.1.1.1\\"',
    'for="1.1.1.1"x',
    'for="1.1.1.1""',
    'for=x"1.1.1.1"',
    'for="1.1.1.1:65536"',
    'for="1.1.1.1:"',
    'for="\x01"',
    '"for"=1.1.1.1',
    "f\xf6r=1.1.1.1;",
    '"',
    '\\"',
    "\\",
  ];
  for (const member of members) {
    const value = `for=6.6.6.6, ${member}, for=192.0.2.7;proto=https`;
    const hops = ["- - -", "192.0.2.7 https -"];
    assertEquals(show(parseForwarded(value)), hops, member);
  }
});

Deno.test("parseForwarded() reads what proxies add after whatever a client sends", () => {
  const random = new Prng(61);
  const added = 'for=192.0.2.7;proto=http, for="[2001:db8::1]:80";host="a:80"';
  const expected = ["192.0.2.7 http -", "2001:db8::1:80 - a:80"];
  for (let run = 0; run < 5000; run++) {
    const sent = random.text('"\\;,= afor=1.[]:\t', 30);
    const hops = show(parseForwarded(`${sent}, ${added}`));
    assertEquals(hops.slice(-2), expected, sent);
    assertEquals(show(parseForwarded(`${sent},${added}`)).slice(-2), expected);
  }
});

Deno.test("parseForwarded() and parseXForwarded() read the 50 last hops", () => {
  const ips = Array.from({ length: MAX_HOPS + 5 }, (_, at) => `10.0.0.${at}`);
  const last = ips.slice(-MAX_HOPS);
  assertEquals(addressesOf(ips.join()), last);
  assertEquals(addressesOf(last.join()), last);
  const hops = parseForwarded(ips.map((ip) => `for=${ip}`).join(", "));
  assertEquals(hops.map(({ ip }) => ip), last);
});

Deno.test("parseForwarded() and parseXForwarded() take linear time", () => {
  const units = [
    ",",
    '"',
    "\\",
    '\\"',
    '"\\',
    ";",
    "=",
    " ",
    "a",
    'for="',
    "[",
    ":",
    "for=1.1.1.1;",
    "a=b;",
  ];
  const size = 400_000;
  for (const unit of units) {
    const text = unit.repeat(size / unit.length);
    for (const value of [text, `${text}"`, `for="${text}"`, `"${text}`]) {
      const start = performance.now();
      const count = parseForwarded(value).length +
        parseXForwarded(value, value, value).length;
      assert(count >= 2 && count <= 2 * MAX_HOPS);
      // Quadratic time would be minutes.
      assertLess(performance.now() - start, 3000, unit);
    }
  }
});
