/** The table of options, and what it makes of values. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { HttpServer, type HttpServerOptions } from "@x/httpserver";
import { OPTIONS } from "../../../src/server/option_table.ts";
import {
  resolveLimits,
  resolveListen,
  resolveTimeouts,
} from "../../../src/server/options.ts";

const NUMBERS = OPTIONS.filter(({ name }) => name.includes("."));

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

for (const { name, kind } of NUMBERS) {
  Deno.test(`HttpServer refuses ${name} when it is no number`, () => {
    for (const value of ["7", null, true, {}, 1n]) {
      if (value === null) continue;
      const error = assertThrows(
        () => new HttpServer(given(name, value)),
        TypeError,
        name,
      );
      const shown = typeof value === "string" ? '"7"' : `${value}`;
      assert(error.message.includes(shown), error.message);
      assert(!error.message.endsWith("."));
    }
  });

  Deno.test(`HttpServer refuses ${name} when it is out of bounds`, () => {
    for (const value of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
      const error = assertThrows(
        () => new HttpServer(given(name, value)),
        RangeError,
        name,
      );
      assert(error.message.includes(`${value}`), error.message);
    }
  });

  Deno.test(`HttpServer takes ${name} when it is any safe integer`, () => {
    for (const value of [0, 1, Number.MAX_SAFE_INTEGER, undefined]) {
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
  ] as const
) {
  Deno.test(`HttpServer refuses ${name} when it is of the wrong type`, () => {
    assertThrows(
      () => new HttpServer({ [name]: value } as HttpServerOptions),
      TypeError,
      name,
    );
  });
}

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
