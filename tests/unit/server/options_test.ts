/** The table of options, and what it makes of values. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { HttpServer, type HttpServerOptions, text } from "@x/httpserver";
import { OPTIONS } from "../../../src/server/option_table.ts";
import {
  resolveLimits,
  resolveListen,
  resolveTimeouts,
} from "../../../src/server/options.ts";

const NUMBERS = OPTIONS.filter(({ name }) =>
  /^(?:limits|timeouts)\./.test(name)
);

function given(name: string, value: unknown): HttpServerOptions {
  const [group, key] = name.split(".");
  return { [group]: { [key]: value } };
}

Deno.test("OPTIONS has one row for each name, flag and variable", () => {
  for (const part of ["name", "flag", "env"] as const) {
    assertEquals(new Set(OPTIONS.map((one) => one[part])).size, OPTIONS.length);
  }
  for (const { flag, env, help } of OPTIONS) {
    assertMatch(flag, /^[a-z]+(-[a-z]+)*$/);
    assertEquals(env, `HTTPSERVER_${flag.toUpperCase().replaceAll("-", "_")}`);
    assertMatch(help, /^[a-z].*[^.]$/);
  }
});

Deno.test("resolveLimits() and resolveTimeouts() give the defaults when nothing is given", () => {
  const resolved: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(resolveLimits())) {
    resolved[`limits.${name}`] = value;
  }
  for (const [name, value] of Object.entries(resolveTimeouts())) {
    resolved[`timeouts.${name}`] = value;
  }
  assertEquals(
    resolved,
    Object.fromEntries(NUMBERS.map((one) => [one.name, one.default])),
  );
});

for (const { name, kind, least } of NUMBERS) {
  Deno.test(`HttpServer refuses ${name} when it is no number`, () => {
    const values = [["7", '"7"'], [true, "true"], [{}, "object"], [1n, "1"]];
    for (const [value, shown] of values) {
      const error = assertThrows(
        () => new HttpServer(given(name, value)),
        TypeError,
        name,
      );
      assert(error.message.includes(`${shown}`), error.message);
      assert(!error.message.endsWith("."));
    }
  });

  Deno.test(`HttpServer refuses ${name} when it is out of bounds`, () => {
    for (const value of [least - 1, 0.5, NaN, Infinity, 2 ** 53]) {
      const error = assertThrows(
        () => new HttpServer(given(name, value)),
        RangeError,
        name,
      );
      assert(error.message.includes(`${value}`), error.message);
    }
  });

  Deno.test(`HttpServer takes ${name} when it is any safe integer`, () => {
    for (const value of [least, 1, Number.MAX_SAFE_INTEGER, undefined]) {
      new HttpServer(given(name, value));
    }
    assertEquals(["bytes", "ms", "count"].includes(kind), true);
  });
}

for (
  const options of [
    { limits: { bodybytes: 1 } },
    { timeouts: { headers: 1 } },
    { limits: { toString: 1 } },
    { limit: { bodyBytes: 1 } },
    { port: 8080 },
  ]
) {
  Deno.test(`HttpServer refuses an unknown option when given ${JSON.stringify(options)}`, () => {
    const [group, value] = Object.entries(options)[0];
    const name = typeof value === "object" ? Object.keys(value)[0] : group;
    assertThrows(
      () => new HttpServer(options as HttpServerOptions),
      TypeError,
      group === "limit" ? group : name,
    );
  });
}

for (
  const [name, value] of [
    ["limits", 7],
    ["timeouts", "fast"],
    ["log", "stderr"],
    ["clock", {}],
    ["clock", null],
    ["clientAddress", ["10.0.0.1"]],
    ["allowedHosts", "example.com"],
    ["proxyProtocol", true],
    ["proxyProtocol", null],
    ["proxyProtocol", ["10.0.0.1"]],
    ["proxyProtocol", {}],
    ["proxyProtocol", { trusted: "10.0.0.1" }],
    ["proxyProtocol", { trusted: [], trust: [] }],
  ] as const
) {
  Deno.test(`HttpServer refuses ${name} when it is ${JSON.stringify(value)}`, () => {
    const error = assertThrows(
      () => new HttpServer({ [name]: value } as HttpServerOptions),
      TypeError,
    );
    const told = name === "proxyProtocol" || name === "allowedHosts"
      ? /proxyProtocol|address range|allow the host|allowedHosts/
      : new RegExp(name);
    assertMatch(error.message, told);
    assertMatch(error.message, /: .+/);
  });
}

for (const options of [null, 7, "fast", [], () => {}]) {
  Deno.test(`HttpServer refuses options when they are ${options}`, () => {
    assertThrows(
      () => new HttpServer(options as HttpServerOptions),
      TypeError,
      "as options of HttpServer: take an object",
    );
  });
}

Deno.test("HttpServer refuses to serve no connection at all", () => {
  const error = assertThrows(
    () => new HttpServer({ limits: { connections: 0 } }),
    RangeError,
  );
  assertEquals(
    error.message,
    "Cannot use 0 as limits.connections: take an integer from 1 to " +
      Number.MAX_SAFE_INTEGER,
  );
});

for (
  const [options, type, message] of [
    [{ grace: 5 }, TypeError, '"grace" among the options of shutdown()'],
    [5, TypeError, "Cannot use 5 as options of shutdown()"],
    [null, TypeError, "Cannot use null as options of shutdown()"],
    [{ graceMs: "5" }, TypeError, 'Cannot use "5" as graceMs'],
    [{ graceMs: -1 }, RangeError, "Cannot use -1 as graceMs"],
    [{ graceMs: NaN }, RangeError, "Cannot use NaN as graceMs"],
  ] as const
) {
  Deno.test(`HttpServer.shutdown() throws when given ${JSON.stringify(options)}`, async () => {
    await using server = new HttpServer();
    assertThrows(() => server.shutdown(options as never), type, message);
  });
}

for (
  const [options, message] of [
    [{ path: "/tmp/x", nonsense: 1 }, '"nonsense" among the options of listen'],
    [{ tls: { cert: "", keyfile: "" } }, '"keyfile" among the options of tls'],
    [{ tls: true }, "Cannot use true as options of tls"],
    [
      { port: 0, onListen: 7 },
      "Cannot use 7 as onListen of listen(): take a function",
    ],
    [
      { port: 0, reusePort: "yes" },
      'Cannot use "yes" as reusePort',
    ],
    [{ path: "/tmp/x", reusePort: true }, "with reusePort: a Unix socket has"],
    [8080, "Cannot use 8080 as options of listen()"],
    [null, "Cannot use null as options of listen()"],
  ] as const
) {
  Deno.test(`HttpServer.listen() rejects when given ${JSON.stringify(options)}`, async () => {
    await using server = new HttpServer();
    await assertRejects(
      () => server.listen(options as never),
      TypeError,
      message,
    );
    // The turn to listen is not lost.
    await server.listen({ port: 0 });
  });
}

Deno.test("HttpServer refuses to be mounted with options that would not hold", async () => {
  const outer = new HttpServer();
  const plain = new HttpServer({ limits: undefined }).get("/", () => text("a"));
  outer.mount("/plain", plain);
  assertEquals(await (await outer.inject({ path: "/plain" })).text(), "a");
  const strict = new HttpServer({ limits: { bodyBytes: 1 }, timeouts: {} });
  const error = assertThrows(() => outer.mount("/strict", strict), TypeError);
  assertEquals(
    error.message,
    'Cannot mount an HttpServer with options at "/strict", which would ignore ' +
      "limits, timeouts: give them to the server that listens, or mount a Router",
  );
});

Deno.test("resolveListen() gives the defaults and what was given", () => {
  assertEquals(resolveListen(), { hostname: "127.0.0.1", port: 8000 });
  assertEquals(resolveListen({ hostname: "::1", port: 0 }), {
    hostname: "::1",
    port: 0,
  });
});

for (
  const [listen, error, shown] of [
    [{ port: "80" }, TypeError, '"80"'],
    [{ port: -1 }, RangeError, "-1"],
    [{ port: 65_536 }, RangeError, "65536"],
    [{ port: 1.5 }, RangeError, "1.5"],
    [{ hostname: "" }, TypeError, '""'],
    [{ hostname: 7 }, TypeError, "7"],
    [{ prot: 80 }, TypeError, "prot"],
  ] as const
) {
  Deno.test(`resolveListen() throws when given ${JSON.stringify(listen)}`, () => {
    assertThrows(() => resolveListen(listen as never), error, shown);
  });
}
