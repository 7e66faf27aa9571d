import {
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
} from "@std/assert";
import { CliError, failure, misuse, report } from "../../../src/cli/errors.ts";
import {
  explainListenError,
  listenTarget,
} from "../../../src/cli/serving/listen_errors.ts";

Deno.test("report() tells an error in one line", () => {
  const cases: [unknown, string, number][] = [
    [misuse("bad flag"), "bad flag", 2],
    [failure("no file"), "no file", 1],
    [new Error("first\nsecond"), "first", 1],
    [new Error("\n  first"), "first", 1],
    [new TypeError(""), "TypeError", 1],
    [new Error("\x1b[31mred\x1b[0m \x07bell"), "red bell", 1],
    ["thrown text", "thrown text", 1],
    [undefined, "undefined", 1],
    [
      new Deno.errors.NotCapable("Requires x, run again with --allow-x"),
      "missing permission: Requires x, run again with --allow-x",
      1,
    ],
  ];
  for (const [error, line, exitCode] of cases) {
    assertEquals(report(error), { line, exitCode });
  }
});

Deno.test("explainListenError() says what to do", () => {
  const target = { hostname: "192.0.2.1", port: 80 };
  const cases: [Error, string, number][] = [
    [
      new Deno.errors.AddrInUse("os"),
      "port 80 of 192.0.2.1 is in use: take another with --port, or 0 for a free one",
      1,
    ],
    [
      new Deno.errors.AddrNotAvailable("os"),
      'no interface of this machine has the address "192.0.2.1": take another with --host',
      1,
    ],
    [
      new Deno.errors.PermissionDenied("os"),
      "not permitted to listen on port 80: take one from 1024 with --port",
      1,
    ],
    [
      new URIError("invalid host"),
      '--host cannot be "192.0.2.1": take an address or a host name',
      2,
    ],
    [
      new Error("failed to lookup address information: unknown"),
      'cannot find the address of "192.0.2.1"',
      1,
    ],
  ];
  for (const [error, message, exitCode] of cases) {
    const explained = explainListenError(error, target);
    assertInstanceOf(explained, CliError);
    assertEquals([explained.message, explained.exitCode], [message, exitCode]);
  }
});

Deno.test("explainListenError() tells of ports, sockets and certificates", () => {
  const tried = { hostname: "::1", port: 8000, lastPort: 8099 };
  const socket = { hostname: "::1", port: 80, path: "/a" };
  const cases: [Error, typeof tried | typeof socket, string][] = [
    [
      new Deno.errors.AddrInUse("os"),
      tried,
      "ports 8000 to 8099 of ::1 are in use: take another with --port, or 0 for a free one",
    ],
    [
      new Deno.errors.NotFound("no such file: 'cert.pem'"),
      tried,
      "cannot read the certificate or its key: no such file: 'cert.pem'",
    ],
    [
      new Deno.errors.AddrInUse("os"),
      socket,
      'the socket "/a" is in use, or there is another file: take another with --unix',
    ],
    [
      new Deno.errors.NotFound("os"),
      socket,
      'there is no directory for the socket "/a"',
    ],
    [
      new Deno.errors.PermissionDenied("os"),
      socket,
      'not permitted to make the socket "/a"',
    ],
  ];
  for (const [error, target, message] of cases) {
    const explained = explainListenError(error, target);
    assertInstanceOf(explained, CliError);
    assertEquals([explained.message, explained.exitCode], [message, 1]);
  }
});

Deno.test("explainListenError() leaves other errors as they are", () => {
  const target = listenTarget({});
  for (const error of [new Deno.errors.NotCapable("net"), new Error("x"), 7]) {
    assertStrictEquals(explainListenError(error, target), error);
  }
});

Deno.test("listenTarget() fills in the defaults", () => {
  assertEquals(listenTarget({}), { hostname: "127.0.0.1", port: 8000 });
  assertEquals(listenTarget({ path: "/a" }).path, "/a");
  assertEquals(listenTarget({ hostname: "::", port: 0 }), {
    hostname: "::",
    port: 0,
  });
});
