/** `listen({ reusePort: true })` with and without what the runtime needs. */
import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { runProgram } from "../support/program.ts";

const APP = fromFileUrl(
  new URL("../support/shared_port_app.ts", import.meta.url),
);
const IS_WINDOWS = Deno.build.os === "windows";

Deno.test({
  name: "listen() throws when reusePort would end the process",
  ignore: IS_WINDOWS,
  fn: async () => {
    const ended = await runProgram(["run", "-A", APP]);
    assertEquals(ended, {
      code: 0,
      stdout: "TypeError: Cannot listen with reusePort: start deno with " +
        '--unstable-net, or set "unstable": ["net"] in deno.json\n',
      stderr: "",
    });
  },
});

Deno.test({
  name: "listen() shares a port with reusePort",
  ignore: IS_WINDOWS,
  fn: async () => {
    const args = ["run", "-A", "--unstable-net", APP, "0", "two"];
    const { code, stdout, stderr } = await runProgram(args);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^Listening on http:\/\/127\.0\.0\.1:\d+\/\n$/);
  },
});

Deno.test({
  name: "listen() shares no port that another holds for itself",
  ignore: IS_WINDOWS,
  fn: async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const port = String(listener.addr.port);
    const args = ["run", "-A", "--unstable-net", APP, port];
    const { stdout } = await runProgram(args);
    assertMatch(stdout, /^AddrInUse: /);
  },
});
