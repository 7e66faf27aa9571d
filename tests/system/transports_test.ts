/** TLS, Unix sockets and IPv6, as curl and raw clients see them. */
import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { exists } from "@std/fs/exists";
import { join } from "@std/path";
import { HttpServer, text as plain } from "@x/httpserver";
import {
  connect,
  delay,
  portOf,
  readToEnd,
  send,
  type Settings,
  startLoadApp,
  times,
} from "./load.ts";
import { runTool } from "./tools.ts";

/** A folder for one test. */
class Folder implements AsyncDisposable {
  constructor(readonly path: string) {}

  static async make(): Promise<Folder> {
    return new Folder(await Deno.makeTempDir({ prefix: "transports_" }));
  }

  file(name: string): string {
    return join(this.path, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Makes a certificate for localhost that signs itself. */
async function makeCertificate(folder: Folder): Promise<Certificate> {
  const certFile = folder.file("cert.pem");
  const keyFile = folder.file("key.pem");
  await runTool("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt"],
    ...["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
    ...["-subj", "/CN=localhost", "-keyout", keyFile, "-out", certFile],
    ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"],
  ]);
  return { certFile, keyFile };
}

Deno.test("HttpServer serves curl over TLS with certificate files and with PEM text", async () => {
  await using folder = await Folder.make();
  const { certFile, keyFile } = await makeCertificate(folder);
  const cert = await Deno.readTextFile(certFile);
  const key = await Deno.readTextFile(keyFile);
  for (const tls of [{ certFile, keyFile }, { cert, key }]) {
    await using server = await startLoadApp({ listen: { tls } });
    const origin = `https://localhost:${await portOf(server)}`;
    // It offers h2 and http/1.1, and must be told that there is only the latter.
    const answer = await runTool("curl", [
      ...["-sv", "--cacert", certFile, "--http2"],
      ...[`${origin}/who`, `${origin}/stream/300000`, "-o", "-"],
      ...["-o", folder.file("stream")],
    ]);
    assertMatch(
      answer.stderr,
      /ALPN[:,] server accepted(?: to use)? http\/1\.1/,
    );
    assertMatch(answer.stderr, /Re-using existing connection/);
    const who = JSON.parse(answer.stdout);
    assertEquals([who.ip, who.protocol], ["127.0.0.1", "https:"]);
    assertEquals((await Deno.stat(folder.file("stream"))).size, 300_000);

    const body = folder.file("body");
    await Deno.writeFile(body, new Uint8Array(2_000_000));
    const upload = await runTool("curl", [
      ...["-s", "--cacert", certFile, "-H", "Expect: 100-continue"],
      ...["--data-binary", `@${body}`, `${origin}/count`],
    ]);
    assertEquals(JSON.parse(upload.stdout), { bytes: 2_000_000 });

    server.kill();
    assertEquals((await server.ended()).code, 0);
  }
});

Deno.test("HttpServer closes connections that do not speak TLS on a TLS port", async () => {
  await using folder = await Folder.make();
  const { certFile, keyFile } = await makeCertificate(folder);
  const tlsHandshakeMs = 600;
  const settings: Settings = {
    listen: { tls: { certFile, keyFile } },
    options: { timeouts: { tlsHandshakeMs } },
  };
  await using server = await startLoadApp(settings);
  const port = await portOf(server);

  const junk = ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\x00".repeat(2_000)];
  for (const text of junk) {
    using conn = await connect(port);
    await send(conn, text);
    const started = performance.now();
    const ending = await readToEnd(conn);
    assertLess(ending.at - started, tlsHandshakeMs - 100);
    // An alert of TLS may come, an answer may not.
    assertEquals(ending.text.includes("HTTP/1.1"), false);
  }

  server.kill();
  const { code, stderr } = await server.ended();
  assertEquals([code, stderr], [0, ""]);
});

// The runtime itself keeps a socket whose handshake was given up until its peer
// moves; what the server holds for it is free at the time set.
Deno.test("HttpServer gives up silent TLS clients at tlsHandshakeMs, and serves others", async () => {
  await using folder = await Folder.make();
  const { certFile, keyFile } = await makeCertificate(folder);
  const tlsHandshakeMs = 600;
  await using server = new HttpServer({ timeouts: { tlsHandshakeMs } });
  server.get("/", () => plain("hello"));
  const address = await server.listen({ port: 0, tls: { certFile, keyFile } });
  const { port } = address as Deno.NetAddr;

  const count = 50;
  const started = performance.now();
  const silent = await times(count, async (at) => {
    const conn = await connect(port);
    if (at % 2 === 0) await send(conn, "\x16\x03\x01");
    return conn;
  });
  const curl = ["-s", "--cacert", certFile, `https://localhost:${port}/`];
  assertEquals((await runTool("curl", curl)).stdout, "hello");
  assertEquals(server.stats().connections, count);
  while (server.stats().connections > 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const late = performance.now() - started - tlsHandshakeMs;
  assertGreater(late, -5);
  assertLess(late, 500);
  assertEquals((await runTool("curl", curl)).stdout, "hello");
  for (const conn of silent) conn.close();
});

Deno.test("HttpServer serves curl on a Unix socket and removes its file at the end", async () => {
  await using folder = await Folder.make();
  const path = folder.file("server.sock");
  await using server = await startLoadApp({ listen: { path } });
  await server.find("stdout", /Listening on/);
  const unix = ["-s", "--unix-socket", path];
  const { stdout } = await runTool("curl", [
    ...unix,
    ...["http://localhost/", "http://localhost/who"],
  ]);
  assertStringIncludes(stdout, "hello");
  assertEquals(JSON.parse(stdout.slice("hello".length)).ip, "");
  const upload = ["--data-binary", "some bytes", "http://localhost/count"];
  const count = await runTool("curl", [...unix, ...upload]);
  assertEquals(JSON.parse(count.stdout), { bytes: 10 });

  // A request in flight is finished, and the file is gone when all is over.
  const slow = runTool("curl", [...unix, "http://localhost/slow/300"]);
  await delay(100);
  server.kill();
  assertEquals((await slow).stdout, "slow");
  const { code, stderr } = await server.ended();
  assertEquals([code, stderr], [0, ""]);
  assertEquals(await exists(path), false);
});

Deno.test("HttpServer takes the place of a stale Unix socket but not of a live one or of a file", async () => {
  await using folder = await Folder.make();
  const path = folder.file("server.sock");
  const listen = { path };
  {
    await using killed = await startLoadApp({ listen });
    await killed.find("stdout", /Listening on/);
    killed.kill("SIGKILL");
    await killed.ended();
  }
  assert((await Deno.lstat(path)).isSocket, "The killed server left no socket");

  await using server = await startLoadApp({ listen });
  await server.find("stdout", /Listening on/);
  await using second = await startLoadApp({ listen });
  await assertRejects(() => second.find("stdout", /Listening on/));
  const refused = await second.ended();
  assertEquals(refused.code, 1);
  assertMatch(refused.stderr, /AddrInUse/);
  // The first one still has its socket.
  const curl = ["-s", "--unix-socket", path, "http://localhost/"];
  assertEquals((await runTool("curl", curl)).stdout, "hello");

  const file = folder.file("precious");
  await Deno.writeTextFile(file, "not a socket");
  await using third = await startLoadApp({ listen: { path: file } });
  assertEquals((await third.ended()).code, 1);
  assertEquals(await Deno.readTextFile(file), "not a socket");
});

Deno.test("HttpServer serves curl over IPv6", async () => {
  await using server = await startLoadApp({ listen: { hostname: "::1" } });
  const port = await portOf(server);
  const { stdout } = await runTool("curl", ["-sg", `http://[::1]:${port}/who`]);
  const who = JSON.parse(stdout);
  assertEquals([who.ip, who.peer.hostname], ["::1", "::1"]);
});

Deno.test("HttpServer serves curl over IPv6 and IPv4 on the unspecified address", async () => {
  await using server = await startLoadApp({ listen: { hostname: "::" } });
  const port = await portOf(server);
  const found: string[] = [];
  for (const host of ["[::1]", "127.0.0.1"]) {
    const { stdout } = await runTool("curl", [
      "-sg",
      `http://${host}:${port}/who`,
    ]);
    found.push(JSON.parse(stdout).ip);
  }
  // An IPv4 address is one and the same over either.
  assertEquals(found, ["::1", "127.0.0.1"]);
});
