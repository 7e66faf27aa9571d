/**
 * Three ways to test an application: requests through the whole pipeline, bytes
 * on a connection in memory, and a clock that stands still until it is told.
 *
 *   deno task deno test examples/11_testing
 */
import { assertEquals } from "@std/assert";
import { connect, FakeClock } from "@x/httpserver/testing";
import { makeApp } from "./app.ts";

Deno.test("entries are kept and found again", async () => {
  const app = makeApp();
  const entry = { name: "Ada", text: "hello" };
  const post = await app.inject({
    method: "POST",
    path: "/entries",
    body: entry, // sent as JSON
  });
  assertEquals(post.status, 201);
  assertEquals(post.header("location"), "/entries/0");

  const found = await app.inject({ path: "/entries/0" });
  assertEquals(await found.json(), entry);
  const missing = await app.inject({ path: "/entries/1" });
  assertEquals(missing.status, 404);
});

Deno.test("an entry without a text is refused", async () => {
  const answer = await makeApp().inject({
    method: "POST",
    path: "/entries",
    body: { name: "Ada" },
  });
  assertEquals(await answer.json(), {
    type: "about:blank",
    title: "Bad Request",
    status: 400,
    detail: "name and text are needed",
  });
});

Deno.test("the sixth request of a second is too many", async () => {
  const clock = new FakeClock();
  const app = makeApp({ clock });
  const ask = async () => (await app.inject({ path: "/entries" })).status;
  for (let n = 0; n < 5; n++) assertEquals(await ask(), 200);
  assertEquals(await ask(), 429);
  clock.advance(1_000);
  assertEquals(await ask(), 200);
});

// From here on byte for byte, by the code that serves real sockets.

Deno.test("an upload that says it is too large is refused before it comes", async () => {
  await using app = makeApp();
  using client = connect(app);
  await client.write(
    "POST /entries HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
  );
  const answer = await client.readResponse();
  assertEquals(answer.status, 413);
  assertEquals(answer.header("connection"), "close");
});

Deno.test("requests of one connection are answered in their order", async () => {
  await using app = makeApp();
  using client = connect(app);
  await client.write(
    "POST /entries HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\n" +
      '{"name":"Ada","text":"one"}' +
      "GET /entries/0 HTTP/1.1\r\nHost: a\r\n\r\n",
  );
  assertEquals((await client.readResponse()).status, 201);
  const found = await client.readResponse();
  assertEquals(found.json(), { name: "Ada", text: "one" });
});

Deno.test("a client that sends its request too slowly is answered 408", async () => {
  const clock = new FakeClock();
  await using app = makeApp({ clock });
  using client = connect(app);
  await client.write("GET /entries HTTP/1.1\r\nHo"); // and no more
  clock.advance(4_000);
  assertEquals(client.isClosed, false);
  clock.advance(2_000);
  assertEquals((await client.readResponse()).status, 408);
  assertEquals(await client.read(), null); // the server has closed
});

Deno.test("two requests that one server would read as three are refused", async () => {
  await using app = makeApp();
  using client = connect(app);
  await client.write(
    "POST /entries HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n" +
      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /entries HTTP/1.1\r\n",
  );
  assertEquals((await client.readResponse()).status, 400);
  assertEquals(await client.read(), null);
});
