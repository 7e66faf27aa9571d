/** Silent TLS clients can't take more than `limits.connections`. */
import { assertEquals, assertLess } from "@std/assert";
import { join } from "@std/path";
import {
  connect,
  delay,
  descriptors,
  eventually,
  portOf,
  startLoadApp,
  times,
} from "./load.ts";
import { runTool } from "./tools.ts";

const CONNECTIONS = 20;

async function makeCertificate(folder: string): Promise<[string, string]> {
  const [certFile, keyFile] = ["cert.pem", "key.pem"].map((name) =>
    join(folder, name)
  );
  await runTool("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt"],
    ...["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
    ...["-subj", "/CN=localhost", "-keyout", keyFile, "-out", certFile],
    ...["-addext", "subjectAltName=DNS:localhost"],
  ]);
  return [certFile, keyFile];
}

// The runtime keeps the socket of a handshake that is given up until the client
// moves.
Deno.test("HttpServer counts silent TLS clients by limits.connections until they leave", async () => {
  const folder = await Deno.makeTempDir({ prefix: "silent_tls_" });
  const [certFile, keyFile] = await makeCertificate(folder);
  await using server = await startLoadApp({
    listen: { tls: { certFile, keyFile } },
    options: {
      limits: { connections: CONNECTIONS },
      timeouts: { tlsHandshakeMs: 200 },
    },
  });
  const port = await portOf(server);
  const before = await descriptors(server.pid);
  const silent = await times(CONNECTIONS * 3, () => connect(port));
  await delay(1_000);
  // Given up long ago; without the count there were three times as many.
  assertLess(await descriptors(server.pid), before + CONNECTIONS + 5);
  const asked = runTool("curl", [
    ...["-s", "--max-time", "5", "--cacert", certFile],
    `https://localhost:${port}/`,
  ]);
  for (const conn of silent) conn.close();
  assertEquals((await asked).stdout, "hello");
  assertEquals(
    await eventually(
      async () => await descriptors(server.pid) <= before,
      3_000,
    ),
    true,
  );
  server.kill();
  const { code, stderr } = await server.ended();
  assertEquals([code, stderr], [0, ""]);
  await Deno.remove(folder, { recursive: true });
});
