/** curl and Chromium decode what is compressed for them. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { html, HttpResponse, HttpServer, ok, text } from "@x/httpserver";
import { compression, decompression, etag } from "@x/httpserver/middleware";
import { CODINGS, encode, jsonText } from "../support/contents.ts";
import { Browser } from "./browser.ts";
import { runTool } from "./tools.ts";

const LARGE = jsonText(3_000_000);
const ENCODER = new TextEncoder();

async function start(): Promise<{ server: HttpServer; url: string }> {
  const server = new HttpServer({ log: () => {} });
  server.use(compression(), decompression(), etag())
    .get("/small", () => text(LARGE.slice(0, 5000)))
    .get("/large", () => text(LARGE))
    .get("/stream", () =>
      new HttpResponse({
        headers: { "content-type": "text/plain" },
        body: new Blob([LARGE]).stream(),
      }))
    .get("/events", () =>
      new HttpResponse({
        headers: { "content-type": "text/event-stream" },
        body: (async function* () {
          for (let n = 1; n <= 3; n++) {
            yield ENCODER.encode(`data: ${n}\n\n`);
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
          yield ENCODER.encode("event: bye\ndata: 4\n\n");
        })(),
      }))
    .get(
      "/",
      () => html("<!doctype html><title>x</title><link rel=icon href=data:>"),
    )
    .get(
      "/accepted",
      (request) => text(request.header("accept-encoding") ?? ""),
    )
    .post("/echo", async (request) => ok(await request.bytes()));
  const { port } = await server.listen({ port: 0 }) as Deno.NetAddr;
  return { server, url: `http://127.0.0.1:${port}` };
}

Deno.test("curl --compressed gets every content as it was, in each coding", async () => {
  const { server, url } = await start();
  await using _ = server;
  for (const coding of [...CODINGS, "gzip, deflate, br, zstd"]) {
    for (const path of ["/small", "/large", "/stream"]) {
      const accept = `Accept-Encoding: ${coding}`;
      const args = ["-sS", "--compressed", "-H", accept, "-D", "/dev/stderr"];
      const { stdout, stderr } = await runTool("curl", [...args, url + path]);
      const expected = path === "/small" ? LARGE.slice(0, 5000) : LARGE;
      assert(stdout === expected, `${coding} of ${path}`);
      assertMatch(stderr, /^content-encoding: /mi);
    }
  }
});

Deno.test("curl gets a 304 by the tag of a compressed page, and no length by HEAD", async () => {
  const { server, url } = await start();
  await using _ = server;
  const compressed = ["-sSi", "--compressed"];
  const first = (await runTool("curl", [...compressed, `${url}/small`])).stdout;
  const tag = /^etag: (.+)\r$/mi.exec(first)?.[1] ?? "";
  const condition = ["-H", `If-None-Match: ${tag}`];
  const again = await runTool("curl", [
    ...compressed,
    ...condition,
    `${url}/small`,
  ]);
  assertMatch(again.stdout, /^HTTP\/1\.1 304 /);
  const head = await runTool("curl", ["-sSI", "--compressed", `${url}/large`]);
  assertMatch(head.stdout, /^content-encoding: zstd\r$/mi);
  assertEquals(/^content-length:/mi.exec(head.stdout), null);
});

Deno.test("curl uploads a compressed file", async () => {
  const { server, url } = await start();
  await using _ = server;
  const file = await Deno.makeTempFile();
  try {
    for (const coding of CODINGS) {
      const content = jsonText(900_000);
      await Deno.writeFile(file, encode(coding, ENCODER.encode(content)));
      const upload = ["-sS", "--data-binary", `@${file}`];
      const field = ["-H", `Content-Encoding: ${coding}`];
      const { stdout } = await runTool("curl", [
        ...upload,
        ...field,
        `${url}/echo`,
      ]);
      assert(stdout === content, coding);
    }
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("Chromium decodes contents and events", async () => {
  const { server, url } = await start();
  await using _ = server;
  await using browser = await Browser.start();
  await browser.open(`${url}/`);
  // Only over https and to this machine it takes all of them.
  const accepted = await browser.evaluate(
    `fetch("/accepted").then((response) => response.text())`,
  );
  assertEquals(accepted, "gzip, deflate, br, zstd");
  for (const path of ["/small", "/large", "/stream"]) {
    const digest = await browser.evaluate(`fetch("${path}")
      .then(async (response) => response.headers.get("content-encoding") + " " +
        (await response.text()).length)`);
    const length = path === "/small" ? 5000 : LARGE.length;
    assertEquals(digest, `zstd ${length}`, path);
  }
  const events = await browser.evaluate(`new Promise((resolve) => {
    const source = new EventSource("/events");
    const seen = [];
    source.onmessage = ({ data }) => seen.push(data);
    source.addEventListener("bye", ({ data }) => {
      source.close();
      resolve([...seen, data].join());
    });
  })`);
  assertEquals(events, "1,2,3,4");
  // The page may close the source before the server has ended the answer.
  const closed = /"type":"EventSource".*"canceled":true/;
  assertEquals(browser.problems.filter((text) => !closed.test(text)), []);
});
