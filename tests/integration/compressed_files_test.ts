/** Files that are compressed as they are sent. */
import { assertEquals } from "@std/assert";
import { staticFiles } from "@x/httpserver/handlers/static";
import { compression } from "@x/httpserver/middleware";
import { join } from "@std/path";
import { CODINGS, decode, jsonText, noise } from "../support/contents.ts";
import { ResettingClient } from "../support/raw_client.ts";
import type { RawResponse } from "../support/raw_response.ts";
import { get } from "../support/requests.ts";
import { Site, turn } from "../support/site.ts";
import { within } from "../support/within.ts";

function ask(coding: string, path: string): string {
  return get(path, `Accept-Encoding: ${coding}\r\n`);
}

function textOf({ body, header }: RawResponse): string {
  return new TextDecoder().decode(
    decode(header("content-encoding") ?? "", body),
  );
}

async function withFiles(
  test: (root: string) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(root, "large.json"), jsonText(200_000));
    await Deno.writeTextFile(join(root, "small.json"), jsonText(2000));
    await Deno.writeFile(join(root, "image.png"), noise(5000));
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("files are compressed, parts of them are not", async () => {
  await withFiles(async (root) => {
    await using site = await Site.start((server) =>
      server.use(compression()).get("/*path", staticFiles({ root }))
    );
    using client = await site.connect();
    for (const coding of CODINGS) {
      for (
        const [name, bytes] of [["large.json", 200_000], [
          "small.json",
          2000,
        ]] as const
      ) {
        const response = await client.ask(ask(coding, `/${name}`));
        assertEquals(response.header("content-encoding"), coding);
        assertEquals(response.header("accept-ranges"), null);
        assertEquals(
          textOf(response),
          jsonText(bytes),
        );
        const etag = response.header("etag") ?? "";
        const more = `Accept-Encoding: ${coding}\r\nIf-None-Match: ${etag}\r\n`;
        const unchanged = await client.ask(get(`/${name}`, more));
        assertEquals(unchanged.status, 304);
        assertEquals(unchanged.header("etag"), etag);
        assertEquals(unchanged.header("vary"), "Accept-Encoding");
      }
    }
    const image = await client.ask(ask("gzip", "/image.png"));
    assertEquals(image.body, noise(5000));
    assertEquals([image.header("vary"), image.header("accept-ranges")], [
      null,
      "bytes",
    ]);
    const more = "Accept-Encoding: gzip\r\nRange: bytes=0-99\r\n";
    const part = await client.ask(get("/large.json", more));
    assertEquals([part.status, part.text], [
      206,
      jsonText(200_000).slice(0, 100),
    ]);
    assertEquals(part.header("vary"), "Accept-Encoding");
    assertEquals(part.header("content-encoding"), null);
    const head = await client.ask(
      ask("gzip", "/large.json").replace("GET", "HEAD"),
    );
    assertEquals(head.header("content-encoding"), "gzip");
    assertEquals(head.header("content-length"), null);
  });
});

Deno.test("no file stays open when its compressed answer is given up", async () => {
  await withFiles(async (root) => {
    await using site = await Site.start((server) =>
      server.use(compression()).get("/*path", staticFiles({ root }))
    );
    for (let round = 0; round < 5; round++) {
      using client = await ResettingClient.send(
        site.port,
        ask("br", "/large.json"),
      );
      await client.reset();
      using other = await site.connect();
      await other.ask(ask("br", "/large.json").replace("GET", "HEAD"));
    }
    const open = await within("the files to be closed", closedIn(root));
    assertEquals(open, []);
  });
});

async function closedIn(root: string): Promise<string[]> {
  if (Deno.build.os !== "linux") return [];
  for (;;) {
    const open: string[] = [];
    for (const { name } of Deno.readDirSync("/proc/self/fd")) {
      const target = await Deno.readLink(`/proc/self/fd/${name}`).catch(() =>
        ""
      );
      if (target.startsWith(root)) open.push(target);
    }
    if (open.length === 0) return open;
    await turn();
  }
}
