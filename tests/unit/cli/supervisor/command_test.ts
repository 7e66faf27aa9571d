import { assertEquals, assertThrows } from "@std/assert";
import {
  type OwnProcess,
  programOf,
  runtimeFlags,
} from "../../../../src/cli/supervisor/command.ts";
import { CliError } from "../../../../src/cli/errors.ts";
import { VERSION } from "../../../../src/cli/version.ts";

const NEEDS = { path: "/site", hostname: "127.0.0.1" };

function started(commandLine: string[], args: string[] = []): OwnProcess {
  return {
    commandLine: [...commandLine, ...args],
    args,
    permission: () => {
      throw new Error("The command line tells it");
    },
  };
}

/** A process with these permissions: `name`, `name=value`, and `-name` for one
 * that is denied in part. */
function permitted(...granted: string[]): OwnProcess {
  return {
    commandLine: null,
    args: [],
    permission(descriptor) {
      const { name, path, host } = descriptor as unknown as Record<
        string,
        string
      >;
      const part = path ?? host;
      const wanted = part === undefined ? name : `${name}=${part}`;
      const partial = granted.includes(`-${wanted}`);
      const state = partial || granted.includes(wanted) ? "granted" : "prompt";
      return { state, partial } as Deno.PermissionStatus;
    },
  };
}

Deno.test("runtimeFlags() takes the flags of this process", () => {
  const cases: [OwnProcess, string[]][] = [
    [started(["deno", "run", "-A", "cli.ts"], ["--port", "80"]), ["-A"]],
    [started(["deno", "-A", "cli.ts"], ["-A", "run"]), ["-A"]],
    [
      started(["deno", "run", "--config", "a b.json", "-A", "cli.ts"], ["."]),
      ["--config", "a b.json", "-A"],
    ],
    [
      started([
        "deno",
        "run",
        "--watch",
        "--watch-exclude=a",
        "--inspect-brk=:1",
        "--reload",
        "-r",
        "-A",
        "cli.ts",
      ]),
      ["-A"],
    ],
  ];
  for (const [own, flags] of cases) {
    assertEquals(runtimeFlags(own, NEEDS), [...flags, "--unstable-net"]);
  }
});

Deno.test("runtimeFlags() makes flags of permissions where it cannot read its own", () => {
  const cases: [granted: string[], flags: string[]][] = [
    [[], []],
    [["read", "net", "env"], ["--allow-read", "--allow-net", "--allow-env"]],
    [
      ["read=/site", "net=127.0.0.1", "sys"],
      ["--allow-sys", "--allow-read=/site", "--allow-net=127.0.0.1"],
    ],
    [["read", "read=/site"], ["--allow-read"]],
  ];
  for (const [granted, flags] of cases) {
    assertEquals(runtimeFlags(permitted(...granted), NEEDS), [
      "--no-prompt",
      ...flags,
      "--unstable-net",
    ]);
  }
  // Of another subcommand nothing can be taken over.
  const other = { ...permitted("net"), commandLine: ["deno", "test", "a.ts"] };
  assertEquals(runtimeFlags(other, NEEDS), [
    "--no-prompt",
    "--allow-net",
    "--unstable-net",
  ]);
});

Deno.test("runtimeFlags() throws when a part of a permission is denied", () => {
  assertThrows(
    () => runtimeFlags(permitted("net", "-read"), NEEDS),
    CliError,
    "cannot start workers: this process has --deny-read",
  );
});

Deno.test("programOf() names a package of JSR by its version", () => {
  assertEquals(programOf("file:///a%20b/main.ts"), "/a b/main.ts");
  assertEquals(
    programOf("https://jsr.io/@x/httpserver/9.9.9/src/cli/main.ts"),
    `jsr:@x/httpserver@${VERSION}/cli`,
  );
});
