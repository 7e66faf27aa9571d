/** Each flag about answers does what the help says, around a directory and
 * around an object with fetch. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { CliError } from "../../../src/cli/errors.ts";
import { serverOf } from "../../support/command_line.ts";

const PAGE = "<p>page</p>".repeat(500);

const APP = `export default {
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/fail") throw new Error("boom");
    const found = pathname === "/page.html";
    return new Response(${JSON.stringify(PAGE)},
      { status: found ? 200 : 404, headers: { "content-type": "text/html" } });
  },
};`;

/** Runs `body` with what is served: a directory, and then a module. */
async function withTargets(
  body: (target: string, directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "answers-" });
  try {
    await Deno.writeTextFile(join(directory, "page.html"), PAGE);
    await Deno.writeTextFile(join(directory, "app.js"), APP);
    await body(directory, directory);
    await body(join(directory, "app.js"), directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function basic(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${btoa(`${user}:${password}`)}` };
}

Deno.test("--log says how requests are logged", async () => {
  await withTargets(async (target) => {
    const logOf = async (args: string[], isTerminal = false) => {
      const { server, log } = await serverOf([target, ...args], isTerminal);
      await (await server.inject({ path: "/page.html" })).text();
      return log.join("\n");
    };
    assertEquals(JSON.parse(await logOf([])).path, "/page.html");
    assertStringIncludes(await logOf([], true), "GET /page.html 200");
    assertEquals(JSON.parse(await logOf(["--log=json"], true)).status, 200);
    assertStringIncludes(await logOf(["--log=text"]), "GET /page.html 200");
    assertStringIncludes(await logOf(["--log=logfmt"]), "path=/page.html");
    assertStringIncludes(
      await logOf(["--log=combined"]),
      '"GET /page.html HTTP/1.1" 200',
    );
    assertEquals(await logOf(["--log=off"]), "");
    assertEquals(await logOf(["--quiet"]), "");
  });
});

Deno.test("--compress compresses what is worth it", async () => {
  await withTargets(async (target) => {
    const request = {
      path: "/page.html",
      headers: { "accept-encoding": "gzip" },
    };
    const plain = await serverOf([target]);
    const response = await plain.server.inject(request);
    assertEquals(response.header("content-encoding"), null);
    await response.text();
    const { server } = await serverOf([target, "--compress"]);
    const packed = await server.inject(request);
    assertEquals(packed.header("content-encoding"), "gzip");
    assert((await packed.bytes()).length < PAGE.length);
  });
});

Deno.test("--rate-limit refuses more than so many requests", async () => {
  await withTargets(async (target) => {
    const { server } = await serverOf([target, "--rate-limit=2/h"]);
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) {
      const response = await server.inject({ path: "/page.html" });
      await response.text();
      statuses.push(response.status);
    }
    assertEquals(statuses, [200, 200, 429]);
  });
});

Deno.test("--cors lets pages of other origins read answers", async () => {
  await withTargets(async (target) => {
    const allowed = async (origin: string, ...args: string[]) => {
      const { server } = await serverOf([target, ...args]);
      const response = await server.inject({
        path: "/page.html",
        headers: { origin },
      });
      await response.text();
      return response.header("access-control-allow-origin");
    };
    const [one, other] = ["https://example.com", "https://example.org"];
    assertEquals(await allowed(one), null);
    assertEquals(await allowed(one, "--cors"), "*");
    assertEquals(await allowed(one, `--cors=${one}`), one);
    assertEquals(await allowed(other, `--cors=${one}`), null);
    assertEquals(await allowed(other, `--cors=${one},${other}`), other);
  });
});

Deno.test("--coop and -H add fields to every answer", async () => {
  await withTargets(async (target) => {
    const args = ["--coop", "-H", "X-A: b, c", "--header=X-D:e", "--health"];
    const { server } = await serverOf([target, ...args]);
    for (const path of ["/page.html", "/none", "/health"]) {
      const response = await server.inject({ path });
      await response.text();
      const names = [
        "x-a",
        "x-d",
        "cross-origin-opener-policy",
        "cross-origin-embedder-policy",
      ];
      assertEquals(
        names.map((name) => response.header(name)),
        ["b, c", "e", "same-origin", "require-corp"],
        path,
      );
    }
  });
});

Deno.test("--auth and --auth-file let only users in", async () => {
  await withTargets(async (target, directory) => {
    const file = join(directory, "users");
    const sha256 = new Uint8Array(
      await crypto.subtle.digest("SHA-256", new TextEncoder().encode("grace")),
    ).toHex();
    const sha512 = new Uint8Array(
      await crypto.subtle.digest("SHA-512", new TextEncoder().encode("bell")),
    ).toHex();
    await Deno.writeTextFile(
      file,
      `# staff\n\nhopper:sha256:${sha256}\r\njoan:sha512:${sha512.toUpperCase()}\n`,
    );
    const args = [
      "--auth=ada:love:lace",
      "--auth=eve: x ",
      `--auth-file=${file}`,
    ];
    const { server } = await serverOf([target, ...args]);
    const statusFor = async (headers?: Record<string, string>) => {
      const response = await server.inject({ path: "/page.html", headers });
      await response.text();
      return response.status;
    };
    assertEquals(await statusFor(), 401);
    const users: [string, string, number][] = [
      ["ada", "love:lace", 200],
      ["eve", " x ", 200],
      ["hopper", "grace", 200],
      ["joan", "bell", 200],
      ["joan", "grace", 401],
      ["ada", "", 401],
      ["nobody", "grace", 401],
      ["hopper", sha256, 401],
    ];
    for (const [user, password, status] of users) {
      assertEquals(await statusFor(basic(user, password)), status, user);
    }
  });
});

Deno.test("--auth-file tells of a file that cannot be used", async () => {
  await withTargets(async (target, directory) => {
    const file = join(directory, "users");
    const hash = "0".repeat(64);
    const cases: [string, string][] = [
      ["ada:lovelace", "cannot use line 1 of"],
      [`\nada:md5:${hash}`, "cannot use line 2 of"],
      [`ada:sha512:${hash}`, "take USER:sha256:HEX or USER:sha512:HEX"],
      [`:sha256:${hash}`, "cannot use line 1 of"],
      [`ada:sha256:${hash}:x`, "cannot use line 1 of"],
      [`ada:sha256:${"x".repeat(64)}`, "cannot use line 1 of"],
      ["# nobody\n", "there is no user in"],
    ];
    for (const [text, message] of cases) {
      await Deno.writeTextFile(file, text);
      const error = await assertRejects(
        () => serverOf([target, `--auth-file=${file}`]),
        CliError,
        message,
      );
      assertEquals(error.exitCode, 2);
      assertEquals(error.message.includes("lovelace"), false);
    }
    await assertRejects(
      () => serverOf([target, `--auth-file=${file}x`]),
      CliError,
      "cannot read the users of",
    );
  });
});

Deno.test("--health answers probes, which are not logged and need no password", async () => {
  await withTargets(async (target) => {
    const args = ["--health", "--auth=ada:lovelace"];
    const { server, log } = await serverOf([target, ...args]);
    for (const path of ["/health", "/health/live", "/health/ready"]) {
      const response = await server.inject({ path });
      assertEquals(response.status, 200, path);
      assertEquals(
        (await response.json<{ status: string }>()).status,
        "healthy",
      );
    }
    assertEquals(log, []);
    const other = await serverOf([target, "--health=/up"]);
    assertEquals((await other.server.inject({ path: "/up/live" })).status, 200);
    assertEquals((await other.server.inject({ path: "/health" })).status, 404);
  });
});

Deno.test("--metrics shows metrics, behind the password if there is one", async () => {
  await withTargets(async (target) => {
    const { server } = await serverOf([target, "--metrics"]);
    await (await server.inject({ path: "/page.html" })).text();
    const response = await server.inject({ path: "/metrics" });
    assertStringIncludes(
      await response.text(),
      "http_server_requests_total{",
    );
    const args = ["--metrics=/m", "--auth=ada:lovelace"];
    const other = await serverOf([target, ...args]);
    assertEquals((await other.server.inject({ path: "/m" })).status, 401);
    const headers = basic("ada", "lovelace");
    const shown = await other.server.inject({ path: "/m", headers });
    assertEquals(shown.status, 200);
  });
});

Deno.test("limits and peers hold for a directory and an object with fetch", async () => {
  await withTargets(async (target) => {
    const { server, log } = await serverOf([
      target,
      "--allowed-hosts=example.com",
      "--trusted-proxies=10.0.0.0/8",
      "--proxy-header=forwarded",
    ]);
    const get = (host: string) =>
      server.inject({
        path: "/page.html",
        headers: { host, forwarded: "for=192.0.2.7" },
        remoteAddress: { transport: "tcp", hostname: "10.0.0.1", port: 1 },
      });
    assertEquals((await get("example.org")).status, 421);
    await (await get("example.com")).text();
    assertEquals(JSON.parse(log[0]).remoteAddress, "192.0.2.7");
  });
});
