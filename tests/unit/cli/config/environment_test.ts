import { assertEquals, assertThrows } from "@std/assert";
import {
  grantedEnvironment,
  readEnvironment,
} from "../../../../src/cli/config/environment.ts";
import { CliError } from "../../../../src/cli/errors.ts";

Deno.test("readEnvironment() tells of a variable that is no option", () => {
  const cases: [string, string][] = [
    ["HTTPSERVER_PROT", "did you mean HTTPSERVER_PORT?"],
    ["HTTPSERVER_HOSTS", "did you mean HTTPSERVER_HOST?"],
    ["HTTPSERVER_MAX_BODY_BYTE", "did you mean HTTPSERVER_MAX_BODY_BYTES?"],
    ["HTTPSERVER_ZZZZZZZZ", "see --help for all options"],
  ];
  for (const [name, advice] of cases) {
    const error = assertThrows(
      () => readEnvironment({ [name]: "1" }),
      CliError,
    );
    assertEquals(
      [error.message, error.exitCode],
      [`unknown variable ${name} in the environment: ${advice}`, 2],
    );
  }
});

Deno.test("readEnvironment() passes over what is not ours", () => {
  const others = {
    PORT: "80",
    HTTPSERVERS: "1",
    // What Kubernetes sets for a service of this name.
    HTTPSERVER_PORT: "tcp://10.0.0.1:80",
    HTTPSERVER_SERVICE_HOST: "10.0.0.1",
    HTTPSERVER_SERVICE_PORT_HTTP: "80",
    HTTPSERVER_PORT_80_TCP_ADDR: "10.0.0.1",
  };
  assertEquals(readEnvironment(others), []);
});

Deno.test({
  name: "grantedEnvironment() is empty without a permission",
  permissions: { env: false },
  fn: () => assertEquals(grantedEnvironment(), {}),
});

Deno.test({
  name: "grantedEnvironment() reads the variables that may be read",
  permissions: { env: ["HTTPSERVER_PORT"] },
  fn: () =>
    assertEquals(Object.keys(grantedEnvironment()), ["HTTPSERVER_PORT"]),
});
