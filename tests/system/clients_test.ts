/** `deno task start` serves curl, wrk, ab and Node's fetch. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Program, startServer } from "../support/program.ts";

async function output(name: string, ...args: string[]): Promise<string> {
  const command = new Deno.Command(name, { args, stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${name}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

function start(): Promise<Program> {
  return startServer("examples/start.ts", [], { env: { PORT: "0" } });
}

Deno.test("curl gets the page, a range, a 304 and an upload answered", async () => {
  await using server = await start();
  const url = await server.url();
  const page = await output("curl", "-si", `${url}/`);
  assertStringIncludes(page, "HTTP/1.1 200 OK\r\n");
  assertMatch(page, /^Content-Type: text\/html; charset=utf-8\r$/mi);
  assertStringIncludes(page, "<h1>It works</h1>");

  const etag = /^etag: (.+)\r$/mi.exec(page)?.[1] ?? "";
  const condition = `If-None-Match: ${etag}`;
  const unchanged = await output("curl", "-si", "-H", condition, `${url}/`);
  assertStringIncludes(unchanged, "HTTP/1.1 304 Not Modified\r\n");

  const range = await output("curl", "-si", "-r", "0-8", `${url}/`);
  assertStringIncludes(range, "HTTP/1.1 206 Partial Content\r\n");
  assertMatch(range, /\r\n\r\n<!DOCTYPE$/);

  const users = `${url}/api/users`;
  // curl sends Expect: 100-continue for a body of more than 1 MiB.
  const name = "x".repeat(50);
  const created = await output(
    "curl",
    "-si",
    "-H",
    "Expect: 100-continue",
    "--json",
    JSON.stringify({ name }),
    users,
  );
  assertStringIncludes(created, "HTTP/1.1 100 Continue\r\n");
  assertStringIncludes(created, "HTTP/1.1 201 Created\r\n");
  const status = await output("curl", "-sI", `${url}/no-such-page`);
  assertStringIncludes(status, "HTTP/1.1 404 Not Found\r\n");
});

Deno.test("wrk gets nothing but 2xx over kept connections", async () => {
  await using server = await start();
  const report = await output(
    "wrk",
    "-t1",
    "-c32",
    "-d1",
    `${await server.url()}/api/users`,
  );
  assertMatch(report, /[1-9]\d* requests in/);
  assertEquals(/Non-2xx|Socket errors/.exec(report), null, report);
});

Deno.test("ab -k gets each of its requests answered", async () => {
  await using server = await start();
  const url = `${await server.url()}/style.css`;
  const report = await output("ab", "-k", "-q", "-n", "2000", "-c", "16", url);
  assertMatch(report, /Complete requests: +2000\n/);
  assertMatch(report, /Failed requests: +0\n/);
  // ab speaks HTTP/1.0: kept only because it asks for that.
  assertMatch(report, /Keep-Alive requests: +2000\n/);
});

Deno.test("Node's fetch reads and writes, on one connection", async () => {
  await using server = await start();
  const script = `
    const url = process.argv[1] + "/api/users";
    const post = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "Node" }),
    });
    const made = await post.json();
    const list = await (await fetch(url)).json();
    console.log(JSON.stringify([post.status, made.name, list.length]));
  `;
  const url = await server.url();
  const result = await output("node", "--input-type=module", "-e", script, url);
  assertEquals(JSON.parse(result), [201, "Node", 2]);
});
