/** The middleware that guards a server, over real connections: time-outs, body
 * limits, overload, forgery, credentials, redirects. */
import { assert, assertEquals } from "@std/assert";
import { HttpResponse, type HttpServer, ok } from "@x/httpserver";
import {
  basicAuth,
  bodyLimit,
  csrf,
  ipFilter,
  methodOverride,
  overload,
  secureHeaders,
  timeout,
  trailingSlash,
} from "@x/httpserver/middleware";
import { chunk, get, post, postChunks, postHead } from "../support/requests.ts";
import { gate, Site, turn } from "../support/site.ts";
import { within } from "../support/within.ts";

const EXPECT = "Expect: 100-continue\r\n";

Deno.test("timeout() answers over the wire and the connection goes on", async () => {
  const late = gate();
  const cancelled = gate();
  const aborted = gate();
  await using site = await Site.start((server) => {
    server.use(timeout(20)).get("/late", async (request) => {
      request.signal.onabort = () => aborted.open();
      await late.passed;
      const cancel = () => cancelled.open();
      return new HttpResponse({ body: new ReadableStream({ cancel }) });
    }).get("/", () => ok("in time"));
  });
  using client = await site.connect();
  const refused = await client.ask(get("/late"));
  assertEquals(refused.status, 503);
  assertEquals(refused.header("content-type"), "application/problem+json");
  await within("the signal", aborted.passed);
  assertEquals((await client.ask(get("/"))).text, "in time");
  const head = await client.ask(get("/late").replace("GET", "HEAD"), "HEAD");
  assertEquals([head.status, head.text], [503, ""]);
  late.open();
  await within("the end of the late content", cancelled.passed);
  assertEquals((await client.ask(get("/"))).text, "in time");
});

Deno.test("timeout() answers while a body does not come, and goes on once it has", async () => {
  const settled = gate();
  await using site = await Site.start((server) => {
    server.use(timeout(20, { status: 504 })).post("/", async (request) => {
      try {
        return ok(await request.text());
      } finally {
        settled.open();
      }
    }).get("/", () => ok("next"));
  });
  using client = await site.connect();
  const answer = await client.ask(postHead("/", "Content-Length: 5\r\n") + "a");
  assertEquals(answer.status, 504);
  assertEquals((await client.ask("bcde" + get("/"), "GET")).text, "next");
  await within("the handler", settled.passed);
});

Deno.test("timeout() keeps no timer for a client that has left", async () => {
  // The sanitizer of the test would find it: the time is an hour.
  const entered = gate();
  const aborted = gate();
  await using site = await Site.start((server) => {
    server.use(timeout(3_600_000)).get("/", (request) => {
      request.signal.onabort = () => aborted.open();
      entered.open();
      return new Promise<HttpResponse>(() => {});
    });
  });
  using client = await site.connect();
  await client.send(get("/"));
  await entered.passed;
  client.close();
  await site.advanceUntil(aborted.passed);
});

function reading(server: HttpServer): void {
  server.use("/small", bodyLimit(4)).use("/large", bodyLimit(40));
  for (const path of ["/small", "/large"]) {
    server.post(path, async (request) => ok(await request.text()));
  }
  server.get("/end", () => ok("end"));
}

Deno.test("bodyLimit() refuses a declared length before it invites the body", async () => {
  await using site = await Site.start(reading);
  using client = await site.connect();
  const head = postHead("/small", `${EXPECT}Content-Length: 5\r\n`);
  const refused = await client.ask(head);
  assertEquals([refused.status, refused.line.slice(9, 12)], [413, "413"]);
  assertEquals(refused.header("connection"), "close");
});

Deno.test("bodyLimit() invites and reads what is within it", async () => {
  await using site = await Site.start(reading, { limits: { bodyBytes: 10 } });
  using client = await site.connect();
  await client.send(postHead("/large", `${EXPECT}Content-Length: 20\r\n`));
  assertEquals((await client.read()).status, 100);
  assertEquals((await client.ask("a".repeat(20), "POST")).status, 200);
});

Deno.test("bodyLimit() counts chunks and stops at the first byte too many", async () => {
  await using site = await Site.start(reading);
  using client = await site.connect();
  assertEquals(
    (await client.ask(postChunks("/small", "ab", "cd"))).text,
    "abcd",
  );
  // The rest never comes: the answer waits for no end.
  await client.send(
    postHead("/small", "Transfer-Encoding: chunked\r\n") + chunk("abcd") +
      chunk("e"),
  );
  assertEquals((await client.read("POST")).status, 413);
});

Deno.test("bodyLimit() keeps the connection when the body is short and there", async () => {
  await using site = await Site.start(reading);
  using client = await site.connect();
  await client.send(post("/small", "too long") + get("/end"));
  assertEquals((await client.read()).status, 413);
  assertEquals((await client.read()).text, "end");
});

Deno.test("overload() lets so many through at a time over the wire", async () => {
  const goOn = gate();
  let entered = 0;
  await using site = await Site.start((server) => {
    server.use(overload({ maxInFlight: 3, maxEventLoopLagMs: 5_000 }))
      .get("/", async () => {
        entered++;
        await goOn.passed;
        return ok("done");
      }).get("/health", () => ok("alive"));
  });
  const clients = await Promise.all(
    Array.from({ length: 8 }, () => site.connect()),
  );
  const answers = clients.map((client) => client.ask(get("/")));
  let refused = 0;
  for (const answer of answers) {
    answer.then(({ status }) => status === 503 && refused++);
  }
  while (entered + refused < 8) await turn();
  assertEquals([entered, refused], [3, 5]);
  using client = await site.connect();
  assertEquals((await client.ask(get("/health"))).text, "alive");
  goOn.open();
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  assertEquals(statuses.sort(), [200, 200, 200, 503, 503, 503, 503, 503]);
  assertEquals((await client.ask(get("/"))).text, "done");
  for (const client of clients) client.close();
  assertEquals(site.reports("error"), []);
});

Deno.test("csrf() refuses a forged upload without inviting it", async () => {
  let ran = 0;
  await using site = await Site.start((server) => {
    server.use(csrf()).post("/", async (request) => {
      ran++;
      return ok(await request.text());
    });
  });
  using client = await site.connect();
  const forged = `${EXPECT}Origin: https://evil.example\r\n`;
  const answer = await client.ask(
    postHead("/", `${forged}Content-Length: 9\r\n`),
  );
  assertEquals([answer.status, ran], [403, 0]);
  using other = await site.connect();
  const own = await other.ask(post("/", "mine", "Origin: http://a\r\n"));
  assertEquals([own.text, ran], ["mine", 1]);
});

Deno.test("methodOverride() reads a form that comes in pieces and leaves the next request", async () => {
  await using site = await Site.start((server) => {
    server.delete("/", async (request) => {
      const form = await request.formData();
      return ok(`${request.method} ${form.get("id")}`);
    });
    server.get("/end", () => ok("end"));
  }, { beforeRouting: [methodOverride({ form: "_method" })] });
  using client = await site.connect();
  const type = "Content-Type: application/x-www-form-urlencoded\r\n";
  const whole = post("/", "_method=DELETE&id=7", type);
  assertEquals((await client.ask(whole + get("/end"))).text, "DELETE 7");
  assertEquals((await client.read()).text, "end");
  const cut = whole.length - 6;
  await client.send(whole.slice(0, cut));
  for (let n = 0; n < 5; n++) await turn();
  await client.send(whole.slice(cut) + get("/end"));
  assertEquals((await client.read()).text, "DELETE 7");
  assertEquals((await client.read()).text, "end");
});

Deno.test("methodOverride() answers a form that breaks off and lives on", async () => {
  await using site = await Site.start((server) => {
    server.delete("/", () => ok("gone"));
  }, { beforeRouting: [methodOverride({ form: "_method" })] });
  const type = "Content-Type: application/x-www-form-urlencoded\r\n";
  const answer = await site.exchange(
    postHead("/", `${type}Content-Length: 30\r\n`) + "_method=DELETE",
  );
  assert(answer.startsWith("HTTP/1.1 400 "), answer);
});

Deno.test("basicAuth() takes credentials in any bytes a client may send", async () => {
  await using site = await Site.start((server) => {
    server.use(basicAuth({ users: { "jürgen": "päss" } }))
      .get("/", (request) => ok(request.state.user));
  });
  const utf8 = String.fromCharCode(...new TextEncoder().encode("jürgen:päss"));
  const table: [authorization: string, status: number][] = [
    [`Basic ${btoa(utf8)}`, 200],
    [`Basic ${btoa("j\u00fcrgen:p\u00e4ss")}`, 401],
    ["Basic \u00e4\u00f6", 401],
    [`Basic ${btoa(utf8)}\r\nAuthorization: Basic ${btoa(utf8)}`, 401],
  ];
  for (const [authorization, status] of table) {
    using client = await site.connect();
    const field = `Authorization: ${authorization}\r\n`;
    assertEquals((await client.ask(get("/", field))).status, status, field);
  }
});

Deno.test("trailingSlash() leads no target to another site", async () => {
  await using site = await Site.start((server) => {
    server.use(trailingSlash()).get("/users", () => ok("users"));
  });
  const table: [target: string, location: string][] = [
    ["/users/", "/users"],
    ["//evil.example/", "/evil.example"],
    ["//evil.example//", "/evil.example"],
    ["/%5cevil.example/", "/%5cevil.example"],
    ["http://a//evil.example/", "/evil.example"],
    ["http://a/users/?x=//evil.example/", "/users?x=//evil.example/"],
  ];
  for (const [target, location] of table) {
    using client = await site.connect();
    const answer = await client.ask(get(target));
    assertEquals([answer.status, answer.header("location")], [308, location]);
  }
});

Deno.test("ipFilter() goes by the connection's own address", async () => {
  await using site = await Site.start((server) => {
    server.use("/in", ipFilter({ allow: ["127.0.0.0/8"] }));
    server.use("/out", ipFilter({ deny: ["loopback"] }));
    server.get("/in", () => ok("in")).get("/out", () => ok("out"));
  });
  using client = await site.connect();
  const spoofed = "X-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.1\r\n";
  assertEquals((await client.ask(get("/in", spoofed))).status, 200);
  assertEquals((await client.ask(get("/out", spoofed))).status, 403);
});

Deno.test("secureHeaders() marks refusals of other middleware, with no HSTS in clear", async () => {
  await using site = await Site.start((server) => {
    server.use(secureHeaders(), csrf(), bodyLimit(1))
      .post("/", async (request) => ok(await request.text()));
  });
  const table: [request: string, status: number][] = [
    [get("/none"), 404],
    [get("/"), 405],
    [post("/", "ab"), 413],
    [post("/", "a", "Origin: null\r\n"), 403],
    [post("/", "a"), 200],
  ];
  for (const [request, status] of table) {
    using client = await site.connect();
    const answer = await client.ask(request);
    assertEquals(answer.status, status);
    assertEquals(answer.header("x-content-type-options"), "nosniff");
    assertEquals(answer.header("strict-transport-security"), null);
  }
});
