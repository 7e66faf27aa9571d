import { assert, assertEquals } from "@std/assert";
import { formatIp } from "../../../src/grammar/addresses.ts";
import { crc32c } from "../../../src/protocol/crc32c.ts";
import {
  BAD_PROXY_HEADER,
  ProxyHeaderParser,
} from "../../../src/protocol/mod.ts";
import { mutate } from "../../support/mutate.ts";
import { bytesOf, encodeBytes } from "../../support/notation.ts";
import { Prng } from "../grammar/prng.ts";

/** What a parser says once it has decided; `end` counts from the header's start. */
interface Outcome {
  readonly end: number;
  readonly source: string | null;
  readonly destination: string | null;
  readonly secure: boolean;
}

const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
const REQUEST = "GET / HTTP/1.1\r\n\r\n";
const BAD: Outcome = {
  end: BAD_PROXY_HEADER,
  source: null,
  destination: null,
  secure: false,
};
const MORE: Outcome = { ...BAD, end: 0 };

/** Feeds the first `ends[0]` bytes, then the first `ends[1]`, each time at another place in memory. */
function run(bytes: Uint8Array, ends: Iterable<number>): Outcome {
  const parser = new ProxyHeaderParser();
  let from = 0;
  let end = 0;
  for (const seen of ends) {
    from = (from + 7) % 31;
    const buffer = new Uint8Array(from + bytes.length).fill(80);
    buffer.set(bytes.subarray(0, seen), from);
    end = parser.parse(buffer, from, from + seen);
    if (end !== 0) break;
  }
  return {
    end: end > 0 ? end - from : end,
    source: parser.source && `${parser.source.ip} ${parser.source.port}`,
    destination: parser.destination &&
      `${parser.destination.ip} ${parser.destination.port}`,
    secure: parser.secure,
  };
}

/** The outcome, checked to be the same for every single cut and byte by byte. */
function outcomeOf(bytes: Uint8Array): Outcome {
  const hint = encodeBytes(bytes);
  const outcome = run(bytes, [bytes.length]);
  const step = Math.ceil(bytes.length / 300);
  const ends: number[] = [];
  for (let cut = 0; cut < bytes.length; cut += step) {
    ends.push(cut);
    assertEquals(run(bytes, [cut, bytes.length]), outcome, `${hint} at ${cut}`);
  }
  assertEquals(run(bytes, [...ends, bytes.length]), outcome, hint);
  return outcome;
}

/** Bytes of a number, the high one first. */
function uint(value: number, size: number): number[] {
  return Array.from(
    { length: size },
    (_, at) => Math.floor(value / 256 ** (size - 1 - at)) % 256,
  );
}

function tlv(type: number, value: ArrayLike<number>): number[] {
  return [type, ...uint(value.length, 2), ...Array.from(value)];
}

function ssl(client: number, rest: number[] = []): number[] {
  return tlv(0x20, [client, 0, 0, 0, 0, ...rest]);
}

/** A binary header; the length is that of the block unless told. */
function binary(
  command: number,
  kind: number,
  block: number[],
  length = block.length,
): Uint8Array {
  return Uint8Array.from([
    ...bytesOf(SIGNATURE),
    command,
    kind,
    ...uint(length, 2),
    ...block,
  ]);
}

/** A binary header over TCP and IPv4 with its checksum behind the other TLVs. */
function summed(tlvs: number[], error = 0): Uint8Array {
  const block = [...IPV4, ...tlvs, ...tlv(0x03, [0, 0, 0, 0])];
  const bytes = binary(0x21, 0x11, block);
  const sum = crc32c(bytes, 0, bytes.length, -1) ^ error;
  bytes.set(uint(sum >>> 0, 4), bytes.length - 4);
  return bytes;
}

const IPV4 = [192, 0, 2, 7, 198, 51, 100, 1, ...uint(56324, 2), 1, 187];
const IPV6 = [
  ...[0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), 7],
  ...[...Array(10).fill(0), 255, 255, 1, 2, 3, 4],
  ...[0, 0, 255, 255],
];
const UNIX = [...bytesOf("/a".padEnd(108, "\0") + "/b".padEnd(108, "\0"))];

Deno.test("ProxyHeaderParser.parse() reads version 1", () => {
  const cases: [line: string, source: string | null, to: string | null][] = [
    [
      "TCP4 192.0.2.7 198.51.100.1 56324 443",
      "192.0.2.7 56324",
      "198.51.100.1 443",
    ],
    [
      "TCP4 0.0.0.0 255.255.255.255 0 65535",
      "0.0.0.0 0",
      "255.255.255.255 65535",
    ],
    ["TCP6 2001:DB8::7 ::1 1 2", "2001:db8::7 1", "::1 2"],
    ["TCP6 ::ffff:1.2.3.4 0:0:0:0:0:0:0:0 1 2", "::ffff:1.2.3.4 1", ":: 2"],
    [
      `TCP6 ${"ffff:".repeat(7)}ffff ${"ffff:".repeat(7)}ffff 65535 65535`,
      `${"ffff:".repeat(7)}ffff 65535`,
      `${"ffff:".repeat(7)}ffff 65535`,
    ],
    ["UNKNOWN", null, null],
    ["UNKNOWN ", null, null],
    ["UNKNOWN 1.2.3.4 5.6.7.8 1 2", null, null],
    ["UNKNOWN \0\xff  TCP4", null, null],
    [
      `UNKNOWN ${"ffff:".repeat(7)}ffff ${"ffff:".repeat(7)}ffff 65535 65535`,
      null,
      null,
    ],
  ];
  for (const [line, source, destination] of cases) {
    const header = `PROXY ${line}\r\n`;
    const expected = { end: header.length, source, destination, secure: false };
    assertEquals(outcomeOf(bytesOf(header)), expected, line);
    assertEquals(outcomeOf(bytesOf(header + REQUEST)), expected, line);
  }
});

Deno.test("ProxyHeaderParser.parse() refuses what is not quite version 1", () => {
  const lines = [
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8\r\n",
    "PROXY TCP4\r\n",
    "PROXY \r\n",
    "PROXY\r\n",
    "PROXY  TCP4 1.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY TCP4\t1.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY TCP4 1.2.3.4  5.6.7.8 1 2\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 00\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 65536 2\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 +2\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 a\r\n",
    "PROXY TCP4 01.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY TCP4 1.2.3.256 5.6.7.8 1 2\r\n",
    "PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n",
    "PROXY TCP4 1.2.3.4 ::1 1 2\r\n",
    "PROXY TCP4 ::1 ::1 1 2\r\n",
    "PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY TCP6 ::1 1::2::3 1 2\r\n",
    "PROXY TCP6 [::1] ::1 1 2\r\n",
    "PROXY TCP6 fe80::1%1 ::1 1 2\r\n",
    "PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY tcp4 1.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY UNKNOWNS\r\n",
    "PROXY UNKNOWN a\rb\r\n",
    "PROXY UNKNOWN a\nb\r\n",
    "proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n",
    " PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n",
    "\r\nPROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n",
    "POST / HTTP/1.1\r\n",
    "PRI * HTTP/2.0\r\n",
    "\x16\x03\x01\x02\0\x01",
    REQUEST,
    "\0",
  ];
  for (const line of lines) {
    assertEquals(outcomeOf(bytesOf(line + REQUEST)), BAD, line);
  }
});

Deno.test("ProxyHeaderParser.parse() takes 107 bytes of version 1, no more", () => {
  const line = (length: number) =>
    `PROXY UNKNOWN ${"x".repeat(length - 16)}\r\n`;
  assertEquals(outcomeOf(bytesOf(line(107))).end, 107);
  assertEquals(outcomeOf(bytesOf(line(108))), BAD);
  assertEquals(outcomeOf(bytesOf(line(5000))), BAD);
  // Refused as soon as the end of the line can no longer come in time.
  assertEquals(outcomeOf(bytesOf(line(200)).subarray(0, 105)), MORE);
  assertEquals(outcomeOf(bytesOf(line(200)).subarray(0, 106)), BAD);
});

Deno.test("ProxyHeaderParser.parse() refuses at the first wrong byte", () => {
  assertEquals(outcomeOf(bytesOf("G")), BAD);
  assertEquals(outcomeOf(bytesOf("PR")), MORE);
  assertEquals(outcomeOf(bytesOf("PO")), BAD);
  assertEquals(outcomeOf(bytesOf("\r\n\r\nG")), BAD);
  assertEquals(outcomeOf(bytesOf(`${SIGNATURE}`)), MORE);
  assertEquals(outcomeOf(bytesOf(`${SIGNATURE}\x11`)), BAD);
  assertEquals(outcomeOf(bytesOf(`${SIGNATURE}\x21\x41`)), BAD);
  assertEquals(outcomeOf(bytesOf(`${SIGNATURE}\x21\x11\0\x0b`)), BAD);
  assertEquals(outcomeOf(bytesOf(`${SIGNATURE}\x21\x11\x10\x01`)), BAD);
  assertEquals(outcomeOf(bytesOf(`${SIGNATURE}\x21\x11\x10\x00`)), MORE);
});

Deno.test("ProxyHeaderParser.parse() reads version 2", () => {
  const ipv4 = ["192.0.2.7 56324", "198.51.100.1 443"] as const;
  const none = [null, null] as const;
  const cases: [
    name: string,
    bytes: Uint8Array,
    ends: readonly [string | null, string | null],
  ][] = [
    ["TCP4", binary(0x21, 0x11, IPV4), ipv4],
    [
      "TCP6",
      binary(0x21, 0x21, IPV6),
      ["2001:db8::7 0", "::ffff:1.2.3.4 65535"],
    ],
    ["UDP4", binary(0x21, 0x12, IPV4), none],
    ["UDP6", binary(0x21, 0x22, IPV6), none],
    ["Unix stream", binary(0x21, 0x31, UNIX), none],
    ["Unix datagram", binary(0x21, 0x32, UNIX), none],
    ["unspecified", binary(0x21, 0x00, []), none],
    ["unspecified with a block", binary(0x21, 0x00, [1, 2, 3, 4]), none],
    ["unspecified family", binary(0x21, 0x01, [1]), none],
    ["unspecified transport", binary(0x21, 0x10, [1]), none],
    ["LOCAL", binary(0x20, 0x00, []), none],
    ["LOCAL with addresses", binary(0x20, 0x11, IPV4), none],
    ["LOCAL with nonsense", binary(0x20, 0xff, [1, 2, 3]), none],
    ["NOOP", binary(0x21, 0x11, [...IPV4, ...tlv(4, [])]), ipv4],
    [
      "many TLVs",
      binary(0x21, 0x11, [
        ...IPV4,
        ...tlv(1, bytesOf("http/1.1")),
        ...tlv(2, bytesOf("example.com")),
        ...tlv(5, Array(128).fill(1)),
        ...tlv(0xea, [1, 2, 3]),
        ...tlv(0xea, [1, 2, 3]),
      ]),
      ipv4,
    ],
    [
      "4,096 bytes",
      binary(0x21, 0x11, [...IPV4, ...tlv(4, Array(4081).fill(9))]),
      ipv4,
    ],
    ["checksum", summed([]), ipv4],
    ["checksum behind others", summed([...tlv(4, [0, 0]), ...ssl(0)]), ipv4],
  ];
  for (const [name, bytes, [source, destination]] of cases) {
    const expected = { end: bytes.length, source, destination, secure: false };
    assertEquals(outcomeOf(bytes), expected, name);
    const more = Uint8Array.from([...bytes, ...bytesOf(REQUEST)]);
    assertEquals(outcomeOf(more), expected, name);
    assertEquals(outcomeOf(bytes.subarray(0, -1)), MORE, name);
  }
});

Deno.test("ProxyHeaderParser.secure tells whether the client came over TLS", () => {
  const version = tlv(0x21, bytesOf("TLSv1.3"));
  const cases: [name: string, bytes: Uint8Array, secure: boolean][] = [
    ["no TLV", binary(0x21, 0x11, IPV4), false],
    ["flag", binary(0x21, 0x11, [...IPV4, ...ssl(1)]), true],
    ["all flags", binary(0x21, 0x11, [...IPV4, ...ssl(7, version)]), true],
    ["no flag", binary(0x21, 0x11, [...IPV4, ...ssl(0)]), false],
    ["other flags", binary(0x21, 0x11, [...IPV4, ...ssl(6)]), false],
    ["IPv6", binary(0x21, 0x21, [...IPV6, ...ssl(1)]), true],
    ["Unix", binary(0x21, 0x31, [...UNIX, ...ssl(1)]), true],
    ["LOCAL", binary(0x20, 0x11, [...IPV4, ...ssl(1)]), false],
    ["unspecified", binary(0x21, 0x00, ssl(1)), false],
    ["checksum", summed(ssl(5, version)), true],
    [
      "SSL within another",
      binary(0x21, 0x11, [...IPV4, ...tlv(4, ssl(1))]),
      false,
    ],
  ];
  for (const [name, bytes, secure] of cases) {
    const outcome = outcomeOf(bytes);
    assertEquals([outcome.end, outcome.secure], [bytes.length, secure], name);
  }
});

Deno.test("ProxyHeaderParser.parse() refuses what is not quite version 2", () => {
  const withTlvs = (...tlvs: number[][]) =>
    binary(0x21, 0x11, [...IPV4, ...tlvs.flat()]);
  const sum = [...summed([]).slice(-7)];
  const cases: [name: string, bytes: Uint8Array][] = [
    ["version 1", binary(0x11, 0x11, IPV4)],
    ["version 3", binary(0x31, 0x11, IPV4)],
    ["command 2", binary(0x22, 0x11, IPV4)],
    ["family 4", binary(0x21, 0x41, IPV4)],
    ["transport 3", binary(0x21, 0x13, IPV4)],
    ["unspecified family, transport 3", binary(0x21, 0x03, [])],
    ["IPv4 too short", binary(0x21, 0x11, IPV4.slice(0, -1))],
    ["IPv6 too short", binary(0x21, 0x21, IPV6.slice(0, -1))],
    ["UDP too short", binary(0x21, 0x12, IPV4.slice(0, -1))],
    ["Unix too short", binary(0x21, 0x31, UNIX.slice(0, -1))],
    ["too long", binary(0x21, 0x11, [...IPV4, ...tlv(4, Array(4082).fill(0))])],
    ["longest length", binary(0x21, 0x11, IPV4, 65_535)],
    ["LOCAL too long", binary(0x20, 0x00, Array(4097).fill(0))],
    ["one byte of a TLV", withTlvs([4])],
    ["two bytes of a TLV", withTlvs([4, 0])],
    ["TLV longer than the block", withTlvs([4, 0, 1])],
    ["TLV longer than the block, high byte", withTlvs([4, 1, 0, 0])],
    ["rest behind a TLV", withTlvs(tlv(4, [1]), [0])],
    ["Unix with half a TLV", binary(0x21, 0x31, [...UNIX, 4])],
    ["UDP with half a TLV", binary(0x21, 0x12, [...IPV4, 4])],
    ["SSL too short", withTlvs(tlv(0x20, [1, 0, 0, 0]))],
    ["SSL with half a TLV", withTlvs(ssl(1, [0x21, 0]))],
    ["SSL with a TLV too long", withTlvs(ssl(1, [0x21, 0, 1]), tlv(4, []))],
    ["SSL twice", withTlvs(ssl(1), ssl(1))],
    ["checksum of zeros", withTlvs(tlv(3, [0, 0, 0, 0]))],
    ["checksum of 3 bytes", withTlvs(tlv(3, [0, 0, 0]))],
    ["checksum of 5 bytes", withTlvs(tlv(3, [0, 0, 0, 0, 0]))],
    ["checksum twice", withTlvs(sum, sum)],
    ["wrong checksum, first bit", summed([], 0x80000000)],
    ["wrong checksum, last bit", summed([], 1)],
    ["wrong checksum of secure", summed(ssl(1), 1)],
  ];
  for (const [name, bytes] of cases) {
    const more = Uint8Array.from([...bytes, ...bytesOf(REQUEST)]);
    assertEquals(outcomeOf(more), BAD, name);
  }
});

Deno.test("ProxyHeaderParser.parse() finds every changed bit by the checksum", () => {
  const bytes = summed(tlv(2, bytesOf("example.com")));
  for (let at = 16; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const changed = bytes.slice();
      changed[at] ^= 1 << bit;
      const outcome = run(changed, [changed.length]);
      // Another type is no checksum, and none is checked.
      const isOtherType = at === bytes.length - 7;
      assertEquals(outcome.end, isOtherType ? bytes.length : BAD.end);
    }
  }
});

Deno.test("ProxyHeaderParser.parse() knows nothing of the header before", () => {
  const parser = new ProxyHeaderParser();
  const first = binary(0x21, 0x11, [...IPV4, ...ssl(1)]);
  assertEquals(parser.parse(first, 0, first.length), first.length);
  assertEquals([parser.source?.port, parser.secure], [56324, true]);
  const second = bytesOf("PROXY UNKNOWN\r\n");
  assertEquals(parser.parse(second, 0, second.length), second.length);
  assertEquals([parser.source, parser.destination, parser.secure], [
    null,
    null,
    false,
  ]);
});

Deno.test("ProxyHeaderParser.parse() reads random addresses in both versions", () => {
  const random = new Prng(41);
  for (let turn = 0; turn < 300; turn++) {
    const size = random.pick([4, 16]);
    const address = () =>
      Array.from({ length: size }, () => random.pick([0, 1, 10, 255]));
    const [source, destination] = [address(), address()];
    const ports = [random.integer(0, 65_535), random.integer(0, 65_535)];
    const ips = [formatIp(source), formatIp(destination)];
    const text = bytesOf(
      `PROXY TCP${size === 4 ? 4 : 6} ${ips.join(" ")} ${ports.join(" ")}\r\n`,
    );
    const block = [
      ...source,
      ...destination,
      ...ports.flatMap((port) => uint(port, 2)),
    ];
    for (const bytes of [text, binary(0x21, size === 4 ? 0x11 : 0x21, block)]) {
      assertEquals(outcomeOf(bytes), {
        end: bytes.length,
        source: `${ips[0]} ${ports[0]}`,
        destination: `${ips[1]} ${ports[1]}`,
        secure: false,
      });
    }
  }
});

Deno.test("ProxyHeaderParser.parse() gives one result for any bytes however split", () => {
  const random = new Prng(42);
  const seeds = [
    bytesOf(`PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n${REQUEST}`),
    bytesOf(`PROXY TCP6 2001:db8::7 ::1 56324 443\r\n${REQUEST}`),
    bytesOf(`PROXY UNKNOWN\r\n${REQUEST}`),
    binary(0x21, 0x11, [...IPV4, ...ssl(1), ...tlv(4, [1])]),
    binary(0x21, 0x21, IPV6),
    binary(0x20, 0x00, []),
    summed(ssl(1)),
  ];
  const ends = new Set<number>();
  for (let turn = 0; turn < 1500; turn++) {
    const outcome = outcomeOf(mutate(random.pick(seeds), random, seeds));
    ends.add(Math.sign(outcome.end));
    if (outcome.end <= 0) assertEquals(outcome.source, null);
  }
  assert(ends.size === 3, [...ends].join());
});

Deno.test("crc32c() gives the checksums of RFC 3720 B.4", () => {
  const up = Uint8Array.from({ length: 32 }, (_, at) => at);
  const cases: [bytes: Uint8Array, sum: number][] = [
    [bytesOf("123456789"), 0xe3069283],
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(255), 0x62a8ab43],
    [up, 0x46dd794e],
    [up.toReversed(), 0x113fdb5c],
    [new Uint8Array(0), 0],
  ];
  for (const [bytes, sum] of cases) {
    assertEquals(crc32c(bytes, 0, bytes.length, -1), sum);
  }
  const holed = bytesOf("xx123456789xx");
  const zeroed = bytesOf("12\0\0\0\x00789");
  assertEquals(crc32c(holed, 2, 11, 4), crc32c(zeroed, 0, 9, -1));
});
