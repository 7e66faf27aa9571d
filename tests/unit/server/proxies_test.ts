import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  type ClientInfo,
  trustProxies,
  type TrustProxiesOptions,
} from "../../../src/server/proxies.ts";

const TRUSTED = ["loopback", "10.0.0.0/8", "fd00::/8"];

function tcp(hostname: string): Deno.NetAddr {
  return { transport: "tcp", hostname, port: 5000 };
}

const UNIX: Deno.UnixAddr = { transport: "unix", path: "/run/a.sock" };

/** Fields by name; `for` and its kin are short for `x-forwarded-for` and so on. */
type Fields = Record<string, string>;

const SHORT: Record<string, string> = {
  for: "x-forwarded-for",
  proto: "x-forwarded-proto",
  host: "x-forwarded-host",
};

function resolve(
  peer: Deno.Addr,
  fields: Fields,
  options?: TrustProxiesOptions,
): ClientInfo {
  const map = new Map(
    Object.entries(fields).map(([name, value]) => [SHORT[name] ?? name, value]),
  );
  return trustProxies(TRUSTED, options)(peer, (name) => map.get(name) ?? null);
}

Deno.test("trustProxies() takes the first address from the right that is not trusted", () => {
  const cases: [peer: string, value: string, ip: string][] = [
    ["10.0.0.1", "203.0.113.7", "203.0.113.7"],
    ["10.0.0.1", "6.6.6.6, 203.0.113.7", "203.0.113.7"],
    ["10.0.0.1", "127.0.0.1, 203.0.113.7", "203.0.113.7"],
    ["10.0.0.1", "6.6.6.6, 203.0.113.7, 10.0.0.2", "203.0.113.7"],
    ["10.0.0.1", "6.6.6.6, 203.0.113.7, fd00::1, 10.0.0.2", "203.0.113.7"],
    ["10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
    ["::1", "203.0.113.7", "203.0.113.7"],
    ["::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7"],
    ["10.0.0.1", "6.6.6.6, 203.0.113.7, ::ffff:10.0.0.2", "203.0.113.7"],
    ["10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"],
    ["10.0.0.1", "2001:DB8:0::7", "2001:db8::7"],
    ["10.0.0.1", "203.0.113.7:1234, 10.0.0.2:80", "203.0.113.7"],
    ["10.0.0.1", "[2001:db8::7]:1234", "2001:db8::7"],
    // A malformed hop ends the walk.
    ["10.0.0.1", "203.0.113.7, unknown, 10.0.0.2", "10.0.0.2"],
    ["10.0.0.1", "203.0.113.7, unknown", "10.0.0.1"],
    ["10.0.0.1", "203.0.113.7,", "10.0.0.1"],
    ["10.0.0.1", "203.0.113.7, , 10.0.0.2", "10.0.0.2"],
    ["10.0.0.1", "", "10.0.0.1"],
    ["10.0.0.1", "junk, 203.0.113.7", "203.0.113.7"],
  ];
  for (const [peer, value, ip] of cases) {
    assertEquals(resolve(tcp(peer), { for: value }), { ip }, value);
    const forwarded = value.split(",").map((member) => {
      const text = member.trim();
      return text === ""
        ? ""
        : `for="${
          text.includes("::") && !text.startsWith("[") ? `[${text}]` : text
        }"`;
    }).join(", ");
    assertEquals(
      resolve(tcp(peer), { forwarded }, { header: "forwarded" }),
      { ip },
      forwarded,
    );
  }
});

Deno.test("trustProxies() looks at no field of a peer that is not trusted", () => {
  const fields = {
    for: "6.6.6.6",
    proto: "https",
    host: "evil.example",
    forwarded: "for=6.6.6.6;proto=https;host=evil.example",
  };
  const peers: [peer: string, ip: string][] = [
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:DB8::7", "2001:db8::7"],
    ["localhost", "localhost"],
    ["fd00::1%eth0", "fd00::1%eth0"],
  ];
  for (const header of ["x-forwarded-for", "forwarded"] as const) {
    for (const [peer, ip] of peers) {
      assertEquals(resolve(tcp(peer), fields, { header, host: true }), { ip });
    }
  }
});

Deno.test("trustProxies() looks at one of the two fields only", () => {
  const peer = tcp("10.0.0.1");
  const fields = {
    for: "1.1.1.1",
    proto: "http",
    host: "x.example",
    forwarded: "for=2.2.2.2;proto=https;host=f.example",
  };
  assertEquals(resolve(peer, fields, { host: true }), {
    ip: "1.1.1.1",
    secure: false,
    host: "x.example",
  });
  assertEquals(resolve(peer, fields, { header: "forwarded", host: true }), {
    ip: "2.2.2.2",
    secure: true,
    host: "f.example",
  });
  const { forwarded, ...others } = fields;
  assertEquals(resolve(peer, { forwarded }), { ip: "10.0.0.1" });
  assertEquals(resolve(peer, others, { header: "forwarded" }), {
    ip: "10.0.0.1",
  });
});

Deno.test("trustProxies() takes scheme and host of the leftmost hop walked", () => {
  const cases: [fields: Fields, client: ClientInfo][] = [
    [{ proto: "https" }, { ip: "10.0.0.1", secure: true }],
    [{ for: "1.1.1.1", proto: "https" }, { ip: "1.1.1.1", secure: true }],
    // The client has sent the first one itself.
    [{ for: "1.1.1.1", proto: "https, http" }, {
      ip: "1.1.1.1",
      secure: false,
    }],
    [{ for: "6.6.6.6, 1.1.1.1", proto: "https, http" }, {
      ip: "1.1.1.1",
      secure: false,
    }],
    // Both proxies have added theirs.
    [{ for: "1.1.1.1, 10.0.0.2", proto: "https, http" }, {
      ip: "1.1.1.1",
      secure: true,
    }],
    // The first proxy has set it, the second left it alone.
    [{ for: "1.1.1.1, 10.0.0.2", proto: "https" }, {
      ip: "1.1.1.1",
      secure: true,
    }],
    [{ for: "1.1.1.1, 10.0.0.2", proto: "nonsense, https" }, {
      ip: "1.1.1.1",
      secure: true,
    }],
    [{ for: "unknown", proto: "https", host: "a" }, {
      ip: "10.0.0.1",
      secure: true,
      host: "a",
    }],
    [{ for: "1.1.1.1", proto: "nonsense", host: "a b" }, { ip: "1.1.1.1" }],
    [{ for: "1.1.1.1, 10.0.0.2", host: "a:8080, b" }, {
      ip: "1.1.1.1",
      host: "a:8080",
    }],
    [{ for: "1.1.1.1", host: "evil.example, b" }, { ip: "1.1.1.1", host: "b" }],
  ];
  for (const [fields, client] of cases) {
    assertEquals(resolve(tcp("10.0.0.1"), fields, { host: true }), client);
  }
  const forwarded = "for=6.6.6.6;proto=http;host=evil.example, " +
    "for=1.1.1.1;proto=https;host=a.example, for=10.0.0.2;proto=http;host=b";
  assertEquals(
    resolve(tcp("10.0.0.1"), { forwarded }, {
      header: "forwarded",
      host: true,
    }),
    { ip: "1.1.1.1", secure: true, host: "a.example" },
  );
});

Deno.test("trustProxies() takes the scheme and not the host unless told", () => {
  const fields = {
    for: "1.1.1.1",
    proto: "https",
    host: "a",
    forwarded: "for=1.1.1.1;proto=https;host=a",
  };
  const ip = "1.1.1.1";
  const cases: [options: TrustProxiesOptions | undefined, ClientInfo][] = [
    [undefined, { ip, secure: true }],
    [{}, { ip, secure: true }],
    [{ proto: false }, { ip }],
    [{ host: true }, { ip, secure: true, host: "a" }],
    [{ proto: false, host: true }, { ip, host: "a" }],
    [{ proto: undefined, host: undefined }, { ip, secure: true }],
  ];
  for (const [options, client] of cases) {
    for (const header of ["x-forwarded-for", "forwarded"] as const) {
      const all = { ...options, header };
      assertEquals(resolve(tcp("10.0.0.1"), fields, all), client);
    }
    assertEquals(resolve(tcp("10.0.0.1"), fields, options), client);
  }
});

Deno.test("trustProxies() trusts the peer on a Unix socket unless told not to", () => {
  const fields = { for: "6.6.6.6, 1.1.1.1, 10.0.0.2", proto: "https" };
  assertEquals(resolve(UNIX, fields), { ip: "1.1.1.1", secure: true });
  assertEquals(resolve(UNIX, {}), { ip: "" });
  assertEquals(resolve(UNIX, fields, { trustUnix: false }), { ip: "" });
  const vsock: Deno.VsockAddr = { transport: "vsock", cid: 2, port: 1 };
  assertEquals(resolve(vsock, fields), { ip: "" });
});

Deno.test("trustProxies() reads the 50 hops nearest to the server", () => {
  const proxies = Array.from({ length: 50 }, (_, at) => `10.0.1.${at}`);
  const withClient = ["1.1.1.1", ...proxies.slice(1)].join(", ");
  assertEquals(resolve(tcp("10.0.0.1"), { for: withClient }).ip, "1.1.1.1");
  const more = ["1.1.1.1", ...proxies].join(", ");
  assertEquals(resolve(tcp("10.0.0.1"), { for: more }).ip, "10.0.1.0");
});

Deno.test("trustProxies() remembers a peer and judges each by its own address", () => {
  const resolveClient = trustProxies(TRUSTED);
  const header = (name: string) =>
    name === "x-forwarded-for" ? "203.0.113.7" : null;
  const first = resolveClient(tcp("198.51.100.1"), header);
  assertEquals(first, { ip: "198.51.100.1" });
  assertStrictEquals(resolveClient(tcp("198.51.100.1"), header), first);
  // More peers than are remembered, twice.
  for (let run = 0; run < 2; run++) {
    for (let at = 0; at < 1000; at++) {
      const ip = `198.51.${at >> 8}.${at & 255}`;
      assertEquals(resolveClient(tcp(ip), header), { ip });
      const proxy = tcp(`10.0.${at >> 8}.${at & 255}`);
      assertEquals(resolveClient(proxy, header), { ip: "203.0.113.7" });
    }
  }
});

Deno.test("trustProxies() throws for a malformed range or option", () => {
  const mapped = '"::ffff:10.0.0.0/8"';
  assertThrows(() => trustProxies(["::ffff:10.0.0.0/8"]), TypeError, mapped);
  assertThrows(() => trustProxies(["10/8"]), TypeError, '"10/8"');
  const cases: [options: Record<string, unknown>, shown: string][] = [
    [{ header: "x-real-ip" }, '"x-real-ip" as "header"'],
    [{ header: "Forwarded" }, '"Forwarded" as "header"'],
    [{ proto: "yes" }, '"yes" as "proto"'],
    [{ host: 1 }, '1 as "host"'],
    [{ trustUnix: null }, 'null as "trustUnix"'],
    [{ hops: 1 }, 'find "hops"'],
  ];
  for (const [options, shown] of cases) {
    assertThrows(() => trustProxies([], options), TypeError, shown);
  }
});
