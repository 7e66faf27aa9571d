/** Listings of directories over a socket, alone and behind other middleware. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type DirectoryListing,
  memorySource,
  staticFiles,
} from "@x/httpserver/handlers/static";
import { compression, secureHeaders } from "@x/httpserver/middleware";
import { get } from "../support/requests.ts";
import { Site } from "../support/site.ts";

const FILES = {
  "a.txt": "hello",
  "b c.txt": "x".repeat(2000),
  "sub/<d>.txt": "d",
};

function filesOf(listing: DirectoryListing): string[] {
  return listing.entries.map(({ url }) => url);
}

Deno.test("staticFiles() lists over a socket, and HEAD, 304 and 404 keep the connection", async () => {
  const source = memorySource(FILES);
  await using site = await Site.start((server) =>
    server.get("/files/*path", staticFiles({ source, listing: true }))
  );
  using client = await site.connect();
  const page = await client.ask(get("/files/"));
  assertEquals(page.status, 200);
  assertStringIncludes(page.text, "<bdi>b c.txt</bdi>");
  const head = await client.ask(
    "HEAD /files/ HTTP/1.1\r\nHost: a\r\n\r\n",
  );
  assertEquals(head.fields, page.fields);
  assertEquals(head.text, "");
  const etag = page.header("etag");
  const same = await client.ask(get("/files/", `If-None-Match: ${etag}\r\n`));
  assertEquals([same.status, same.text], [304, ""]);
  const json = await client.ask(get("/files/", "Accept: application/json\r\n"));
  assertEquals(filesOf(JSON.parse(json.text)), ["sub/", "a.txt", "b%20c.txt"]);
  const none = await client.ask(get("/files/none/"));
  assertEquals(none.status, 404);
  const redirected = await client.ask(get("/files/sub?format=json"));
  assertEquals(redirected.header("location"), "/files/sub/?format=json");
  const sub = await client.ask(get("/files/sub/?format=json"));
  assertEquals(filesOf(JSON.parse(sub.text)), ["%3Cd%3E.txt"]);
  const file = await client.ask(get("/files/sub/%3Cd%3E.txt"));
  assertEquals(file.text, "d");
});

Deno.test("staticFiles() lists behind compression and secureHeaders, with its own policy", async () => {
  const source = memorySource(FILES);
  await using site = await Site.start((server) => {
    server.use(compression(), secureHeaders());
    server.get("/*path", staticFiles({ source, listing: true }));
  });
  const url = `http://127.0.0.1:${site.port}/`;
  const response = await fetch(url);
  assertStringIncludes(await response.text(), "a.txt");
  const policy = response.headers.get("content-security-policy") ?? "";
  assert(policy.startsWith("default-src 'none';"), policy);
  assertEquals(response.headers.get("vary"), "Accept, Accept-Encoding");
  const etag = response.headers.get("etag") ?? "";
  const again = await fetch(url, { headers: { "if-none-match": etag } });
  assertEquals([again.status, await again.text()], [304, ""]);
});
