import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { HttpResponse, HttpServer } from "../../../../mod.ts";
import { liveReload } from "../../../../src/cli/reload/live_reload.ts";

const TAG =
  /<script src="\/docs\/\.httpserver\/reload\.js\?since=\d{13}"><\/script>$/;

async function withServer(
  body: (server: HttpServer, root: string) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "reload-" });
  try {
    await using server = new HttpServer();
    // It watches from here on, and ends with a server that was asked.
    server.use(liveReload({ root, base: "/docs", hosts: ["dev.example"] }));
    await server.inject();
    await body(server, root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const HTML = { "content-type": "text/html; charset=utf-8" };

async function* pieces(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode("<p>");
  await Promise.resolve();
  yield new TextEncoder().encode("page");
}

Deno.test("liveReload() adds its script to pages of every kind of content", async () => {
  await withServer(async (server) => {
    const bodies = {
      text: () => "<p>page",
      bytes: () => new TextEncoder().encode("<p>page"),
      pieces: () => pieces(),
      stream: () => ReadableStream.from(pieces()),
    };
    for (const [name, body] of Object.entries(bodies)) {
      server.get(`/${name}`, () => {
        const headers = {
          ...HTML,
          etag: '"a"',
          "last-modified": "Thu, 01 Jan 1970 00:00:00 GMT",
          "content-length": "7",
        };
        return new HttpResponse({ headers, body: body() });
      });
      const response = await server.inject({ path: `/${name}` });
      const page = await response.text();
      assertMatch(page, /^<p>page<script/);
      assertMatch(page, TAG);
      assertEquals(response.header("content-length"), String(page.length));
      assertEquals(response.header("etag"), null);
      assertEquals(response.header("last-modified"), null);
      assertEquals(response.header("cache-control"), "no-store");
      const head = await server.inject({ method: "HEAD", path: `/${name}` });
      assertEquals(head.header("content-length"), String(page.length));
      assertEquals(await head.text(), "");
    }
  });
});

Deno.test("liveReload() allows its script where the policy of a page allows none", async () => {
  await withServer(async (server) => {
    server.get("/", () => {
      const policy = "default-src 'none'; style-src 'self'";
      const headers = { ...HTML, "content-security-policy": policy };
      return new HttpResponse({ headers, body: "<p>page" });
    });
    const response = await server.inject();
    assertMatch(await response.text(), TAG);
    assertEquals(
      response.header("content-security-policy"),
      "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'",
    );
  });
});

Deno.test("liveReload() adds its script to the page of an error", async () => {
  await withServer(async (server) => {
    server.get(
      "/",
      () => new HttpResponse({ status: 404, headers: HTML, body: "none" }),
    );
    assertMatch(await (await server.inject()).text(), TAG);
  });
});

Deno.test("liveReload() leaves what is no whole page", async () => {
  await withServer(async (server) => {
    const others: [
      path: string,
      init: ConstructorParameters<
        typeof HttpResponse
      >[0],
    ][] = [
      ["/css", { headers: { "content-type": "text/css" }, body: "a{}" }],
      ["/part", { status: 206, headers: HTML, body: "<p>" }],
      ["/none", { status: 304, headers: HTML }],
      [
        "/packed",
        { headers: { ...HTML, "content-encoding": "br" }, body: "x" },
      ],
    ];
    for (const [path, init] of others) {
      server.get(path, () => new HttpResponse(init));
      const response = await server.inject({ path });
      assertNotMatch(await response.text(), /script/, path);
    }
    const css = await server.inject({ path: "/css" });
    assertEquals(css.header("cache-control"), "no-cache");
    server.post("/", () => new HttpResponse({ headers: HTML, body: "posted" }));
    const posted = await server.inject({ method: "POST" });
    assertEquals(await posted.text(), "posted");
  });
});

Deno.test("liveReload() has its script below the base", async () => {
  await withServer(async (server) => {
    const script = await server.inject({ path: "/docs/.httpserver/reload.js" });
    assertEquals(
      script.header("content-type"),
      "text/javascript; charset=utf-8",
    );
    assertMatch(await script.text(), /EventSource/);
    const other = await server.inject({ path: "/.httpserver/reload.js" });
    assertEquals(other.status, 404);
  });
});

Deno.test("liveReload() tells changes to its own hosts and pages alone", async () => {
  await withServer(async (server) => {
    const cases: [headers: Record<string, string>, status: number][] = [
      [{ host: "localhost:8000" }, 200],
      [{ host: "a.localhost" }, 200],
      [{ host: "192.168.1.7:8000" }, 200],
      [{ host: "[fe80::1]:8000" }, 200],
      [{ host: "dev.example:8000" }, 200],
      [{ host: "evil.example" }, 421],
      [{ host: "127.0.0.1.evil.example" }, 421],
      [{ host: "localhost:8000", origin: "http://localhost:8000" }, 200],
      [{ host: "localhost:8000", origin: "https://localhost:8000" }, 200],
      [{ host: "localhost:8000", origin: "http://localhost:9000" }, 403],
      [{ host: "localhost:8000", origin: "null" }, 403],
    ];
    for (const [headers, status] of cases) {
      const response = await server.inject({
        path: "/docs/.httpserver/changes",
        headers,
      });
      assertEquals(response.status, status, JSON.stringify(headers));
      if (response.body instanceof ReadableStream) await response.body.cancel();
    }
  });
});

/** The events of a stream. */
class Events {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = body.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next event with a field; null at the end. */
  async next(field: string): Promise<string | null> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end === -1) {
        const { done, value } = await this.#reader.read();
        if (done) return null;
        this.#text += value;
        continue;
      }
      const event = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      if (event.includes(field)) return event;
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

Deno.test("liveReload() tells changes, also those since a page was made, and ends with the server", async () => {
  await withServer(async (server, root) => {
    const started = Date.now();
    await Deno.writeTextFile(`${root}/a b.css`, "p {}");
    const open = async (since: number) => {
      const path = `/docs/.httpserver/changes?since=${since}`;
      const { body } = await server.inject({ path });
      return new Events(body as ReadableStream<Uint8Array<ArrayBuffer>>);
    };
    // Now, or as a change that was missed.
    const first = await open(started);
    const change = await first.next("event: change");
    assertMatch(
      change ?? "",
      /^id: \d+\nevent: change\ndata: \[("\/docs\/a%20b\.css")?\]$/,
    );
    const id = Number(/\d+/.exec(change ?? "")?.[0]);
    const missed = await open(id - 1);
    assertMatch(
      await missed.next("event: change") ?? "",
      /^id: \d+\nevent: change\ndata: \[\]$/,
    );
    await missed.cancel();

    await Deno.writeTextFile(`${root}/.hidden`, "");
    await Deno.writeTextFile(`${root}/a.html~`, "");
    await Deno.mkdir(`${root}/sub`);
    let seen = "";
    while (!seen.includes("/docs/sub")) {
      seen += await first.next("data:");
    }
    assertNotMatch(seen, /hidden|~/);
    const ending = server.shutdown();
    assertEquals(await first.next("never"), null);
    await ending;
  });
});
