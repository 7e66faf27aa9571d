/** Behind nginx and haproxy, a request has the address of its client; what a
 * client says of itself is not believed. */
import { assert, assertEquals } from "@std/assert";
import { freePort, startHaproxy, startNginx } from "./front.ts";
import {
  connect,
  portOf,
  readToEnd,
  send,
  type Settings,
  startLoadApp,
} from "./load.ts";
import { runTool } from "./tools.ts";

/** An address of this machine that is not the server's own. */
const CLIENT = "127.0.0.42";
const SPOOFED = "203.0.113.66";

interface Who {
  readonly ip: string;
  readonly protocol: string;
  readonly peer: Deno.NetAddr;
}

/** Asks as `CLIENT`, with these fields, who it is. */
async function askWho(port: number, ...fields: string[]): Promise<Who> {
  const { stdout } = await runTool("curl", [
    ...["-s", "--interface", CLIENT],
    ...fields.flatMap((field) => ["-H", field]),
    `http://127.0.0.1:${port}/who`,
  ]);
  return JSON.parse(stdout);
}

const SPOOFS: readonly (readonly string[])[] = [
  [`X-Forwarded-For: ${SPOOFED}`],
  [`X-Forwarded-For: ${SPOOFED}, 127.0.0.1`],
  [`X-Forwarded-For: ${SPOOFED}`, `X-Forwarded-For: 127.0.0.1`],
  [`Forwarded: for=${SPOOFED}`],
  [`X-Real-IP: ${SPOOFED}`],
  [`X-Forwarded-For: not, an, address`],
];

const TRUSTS_NGINX: Settings = { trusted: ["127.0.0.1"] };
const ADDS_CLIENT =
  "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";

Deno.test("HttpServer behind nginx knows the client by X-Forwarded-For", async () => {
  await using server = await startLoadApp(TRUSTS_NGINX);
  const upstream = `http://127.0.0.1:${await portOf(server)}`;
  const port = freePort();
  await using _nginx = await startNginx(port, upstream, [ADDS_CLIENT]);
  const who = await askWho(port);
  assertEquals([who.ip, who.peer.hostname], [CLIENT, "127.0.0.1"]);
  for (const fields of SPOOFS) {
    const { ip } = await askWho(port, ...fields);
    assertEquals(ip, CLIENT, `The client said ${fields}`);
  }
});

Deno.test("HttpServer believes no X-Forwarded-For without a trusted proxy", async () => {
  for (const trusted of [undefined, [], ["10.0.0.0/8"]]) {
    await using server = await startLoadApp({ trusted });
    const port = await portOf(server);
    for (const fields of SPOOFS) {
      const { ip } = await askWho(port, ...fields);
      assertEquals(ip, CLIENT, `The client said ${fields}`);
    }
  }
});

Deno.test("HttpServer believes X-Forwarded-For only from the proxy that it trusts", async () => {
  await using server = await startLoadApp(TRUSTS_NGINX);
  // The client has got to the server past its proxy.
  for (const fields of SPOOFS) {
    const { ip } = await askWho(await portOf(server), ...fields);
    assertEquals(ip, CLIENT, `The client said ${fields}`);
  }
});

Deno.test("HttpServer behind nginx on a Unix socket keeps connections and takes bodies", async () => {
  const folder = await Deno.makeTempDir({ prefix: "front_socket_" });
  try {
    await Deno.chmod(folder, 0o755);
    const path = `${folder}/server.sock`;
    await using server = await startLoadApp({ listen: { path } });
    await server.find("stdout", /Listening on/);
    await Deno.chmod(path, 0o777);
    const port = freePort();
    await using _nginx = await startNginx(port, `http://unix:${path}:`, []);
    const body = `${folder}/body`;
    await Deno.writeFile(body, new Uint8Array(900_000));
    const origin = `http://127.0.0.1:${port}`;
    for (const coding of ["X-Plain: 1", "Transfer-Encoding: chunked"]) {
      const { stdout } = await runTool("curl", [
        ...["-s", "-H", coding, "--data-binary", `@${body}`],
        `${origin}/count`,
      ]);
      assertEquals(JSON.parse(stdout), { bytes: 900_000 });
    }
    const { stdout } = await runTool("curl", [
      ...["-s", "-o", "/dev/null", "-w", "%{size_download}"],
      `${origin}/stream/3000000`,
    ]);
    assertEquals(stdout, "3000000");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const EXPECTS_HEADER: Settings = {
  options: { proxyProtocol: { trusted: ["127.0.0.1"] } },
};

for (
  const [version, option] of [["v1", "send-proxy"], ["v2", "send-proxy-v2"]]
) {
  Deno.test(`HttpServer behind haproxy knows the client by the PROXY protocol ${version}`, async () => {
    await using server = await startLoadApp(EXPECTS_HEADER);
    const upstream = await portOf(server);
    for (const mode of ["tcp", "http"] as const) {
      const port = freePort();
      await using _haproxy = await startHaproxy(port, upstream, mode, option);
      const who = await askWho(port);
      assertEquals([who.ip, who.peer.hostname], [CLIENT, CLIENT]);
      for (const fields of SPOOFS) {
        const { ip } = await askWho(port, ...fields);
        assertEquals(ip, CLIENT, `The client said ${fields}`);
      }
    }
  });
}

Deno.test("HttpServer takes haproxy's health checks by the PROXY protocol for the proxy's own", async () => {
  await using server = await startLoadApp(EXPECTS_HEADER);
  const port = freePort();
  const options = "send-proxy-v2 check check-send-proxy inter 50ms";
  await using _haproxy = await startHaproxy(
    port,
    await portOf(server),
    "http",
    options,
  );
  for (let at = 0; at < 20; at++) assertEquals((await askWho(port)).ip, CLIENT);
  server.kill();
  const { code, stderr } = await server.ended();
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("HttpServer wants the PROXY protocol from its proxy and takes it from nobody else", async () => {
  await using server = await startLoadApp(EXPECTS_HEADER);
  const port = await portOf(server);
  const request = "GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  {
    // From the proxy's address, without a header: no answer.
    using conn = await connect(port);
    await send(conn, request);
    assertEquals((await readToEnd(conn)).bytes, 0);
  }
  // From elsewhere a request is served, with a header it is none.
  assertEquals((await askWho(port)).ip, CLIENT);
  const header = `PROXY TCP4 ${SPOOFED} 127.0.0.1 1000 80\r\n`;
  const { stdout } = await runTool("curl", [
    ...["-s", "--interface", CLIENT, "--haproxy-protocol"],
    ...["-w", "%{http_code}", `http://127.0.0.1:${port}/who`],
  ]);
  assert(stdout.endsWith("400"), `A header was answered ${stdout}`);
  {
    using conn = await connect(port);
    await send(conn, header + request);
    const { text } = await readToEnd(conn);
    assert(text.includes(`"ip":"${SPOOFED}"`), `The proxy was told ${text}`);
  }
});
