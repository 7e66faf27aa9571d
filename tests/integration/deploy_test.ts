/** One server, three ways to run it, the same answers. */
import { assertEquals } from "@std/assert";
import server from "../../examples/04_deploy.ts";
import { Program, ROOT, startServer } from "../support/program.ts";

const EXAMPLE = "examples/04_deploy.ts";

/** What must be the same whoever carries the answer. */
const FIELDS = [
  "content-type",
  "location",
  "allow",
  "vary",
  "x-content-type-options",
];

interface Case {
  readonly path: string;
  readonly init?: RequestInit;
}

const TOO_LONG = " ".repeat(1024 * 1024) + "[]";

const CASES: Case[] = [
  { path: "/" },
  { path: "/?a=1&b=2" },
  { path: "/", init: { method: "HEAD" } },
  { path: "/", init: { method: "OPTIONS" } },
  { path: "/", init: { method: "POST" } },
  { path: "/", init: { method: "PURGE" } },
  { path: "/none" },
  { path: "/none", init: { headers: { accept: "text/html" } } },
  { path: "/none", init: { method: "HEAD" } },
  { path: "/hello/Ada" },
  { path: "/hello/a%20b%2Fc%C3%A9" },
  { path: "/hello/%zz" },
  { path: "/hello/%00" },
  { path: "/hello/" },
  { path: "/hello//x" },
  { path: "/old" },
  { path: "/web" },
  { path: "/sum", init: { method: "POST", body: "[1, 2, 3]" } },
  { path: "/sum", init: { method: "POST", body: '["1"]' } },
  { path: "/sum", init: { method: "POST", body: "[" } },
  { path: "/sum", init: { method: "POST" } },
  { path: "/sum", init: { method: "POST", body: TOO_LONG } },
  {
    path: "/sum",
    init: { method: "POST", body: streamOf("[4,", "5]") },
  },
];

function streamOf(...texts: string[]): BodyInit {
  // A stream can be read once, so each way to run gets one of its own.
  return texts as unknown as BodyInit;
}

function fresh(init: RequestInit | undefined): RequestInit {
  const body = Array.isArray(init?.body)
    ? ReadableStream.from(init.body).pipeThrough(new TextEncoderStream())
    : init?.body;
  // Not compressed: that is Deno.serve's own doing.
  const headers = { "accept-encoding": "identity", ...init?.headers };
  return { ...init, body, headers, redirect: "manual" };
}

/** All answers, each as the parts that matter. */
async function askAll(url: string): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const { path, init } of CASES) {
    const response = await fetch(url + path, fresh(init));
    const method = init?.method ?? "GET";
    // How a content is framed is up to who carries it; of a HEAD there is none.
    const fields = method === "HEAD" ? [...FIELDS, "content-length"] : FIELDS;
    answers.push({
      request: `${method} ${path}`,
      status: response.status,
      fields: fields.map((name) => response.headers.get(name)),
      body: await response.text(),
    });
  }
  return answers;
}

async function askServed(): Promise<unknown[]> {
  await using served = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    server.fetch,
  );
  return await askAll(`http://127.0.0.1:${served.addr.port}`);
}

async function askProgram(
  starting: Promise<Program>,
  stream: "stdout" | "stderr",
): Promise<unknown[]> {
  await using program = await starting;
  return await askAll(await program.url(stream));
}

Deno.test("04_deploy.ts answers the same whoever runs it", async () => {
  const ours = await askProgram(
    startServer("src/cli/main.ts", [`${ROOT}${EXAMPLE}`, "--port=0"]),
    "stdout",
  );
  assertEquals(await askServed(), ours);
  const args = ["serve", "-A", "--host=127.0.0.1", "--port=0", EXAMPLE];
  assertEquals(await askProgram(Program.start(args), "stderr"), ours);
});
