/** nginx and `staticFiles` side by side: more than 200 generated requests for the
 * same folder are answered alike, or by a difference that is listed. */
import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
} from "@std/assert";
import { dirname, join } from "@std/path";
import { HttpServer } from "@x/httpserver";
import { staticFiles } from "@x/httpserver/handlers/static";
import { RawClient } from "../support/raw_client.ts";
import type { RawResponse } from "../support/raw_response.ts";
import { freePort, startNginxServer } from "./front.ts";
import { delay } from "./load.ts";
import {
  type Case,
  cases,
  CHANGED,
  FILES,
  requestText,
} from "./nginx_cases.ts";
import { type Answer, DIFFERENCES } from "./nginx_differences.ts";

const COMPARED = [
  "accept-ranges",
  "allow",
  "cache-control",
  "content-encoding",
  "content-range",
  "etag",
  "last-modified",
  "location",
  "vary",
];

/** The folder that both serve, and a secret beside it. */
class Folder implements AsyncDisposable {
  readonly root: string;
  readonly #base: string;

  private constructor(base: string) {
    this.#base = base;
    this.root = join(base, "root");
  }

  static async make(): Promise<Folder> {
    const base = await Deno.realPath(await Deno.makeTempDir());
    // Workers of nginx may be another user's.
    await Deno.chmod(base, 0o755);
    const folder = new Folder(base);
    const files = Object.entries(FILES);
    for (const [name, text] of [...files, ["../secret.txt", "secret"]]) {
      const path = join(folder.root, name);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeTextFile(path, text);
      await Deno.utime(path, CHANGED, CHANGED);
    }
    const links = [
      ["a.txt", "inside.txt"],
      ["dir/sub", "inside-dir"],
      ["../secret.txt", "outside.txt"],
    ];
    for (const [to, name] of links) {
      await Deno.symlink(to, join(folder.root, name));
    }
    return folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#base, { recursive: true });
  }
}

async function ask(port: number, one: Case, tag = ""): Promise<RawResponse> {
  using client = await RawClient.connect(port);
  return await client.ask(requestText(one, tag), one.method);
}

/** The tag that a server gives to what a request names, in its coding. */
async function tagOf(port: number, one: Case): Promise<string> {
  const fields = one.fields.filter(([name]) => name === "Accept-Encoding");
  const { header } = await ask(port, { ...one, method: "GET", fields });
  return header("etag") ?? '"none"';
}

/** A value without what two servers cannot have in common. */
function common(name: string, value: string | null): string | null {
  if (value === null) return null;
  if (name === "etag") return value.startsWith("W/") ? "weak" : "strong";
  if (name === "location") return value.replace(/^https?:\/\/[^/]+/, "");
  return value;
}

function summarize(response: RawResponse): Answer {
  const { status, header, text } = response;
  const fields: Record<string, string | null> = {};
  for (const name of COMPARED) fields[name] = common(name, header(name));
  const type = header("content-type") ?? "";
  if (status >= 300) return { status, fields };
  // Parts have lines of their own in which servers differ.
  const isMultipart = type.startsWith("multipart/byteranges");
  fields["content-type"] = isMultipart ? "multipart/byteranges" : "single";
  fields["content-length"] = isMultipart ? null : header("content-length");
  fields.body = isMultipart ? null : text;
  return { status, fields };
}

/** What differs: the status, or else each field. */
function difference(theirs: Answer, ours: Answer): string[] {
  if (theirs.status !== ours.status) return ["status"];
  const names = Object.keys({ ...theirs.fields, ...ours.fields });
  return names.filter((name) => theirs.fields[name] !== ours.fields[name]);
}

function explanation(
  one: Case,
  theirs: Answer,
  ours: Answer,
  name: string,
  etag: "weak" | "strong",
): string | undefined {
  const statuses = `${theirs.status} ${ours.status}`;
  return DIFFERENCES.find((known) =>
    (known.etag ?? etag) === etag && known.is(one) &&
    (known.when?.(theirs, ours) ?? true) &&
    (name === "status"
      ? known.statuses?.includes(statuses)
      : known.fields?.includes(name))
  )?.rule;
}

/** Runs all requests; the rules that were needed. */
async function compare(
  nginx: number,
  port: number,
  etag: "weak" | "strong",
): Promise<Set<string>> {
  const used = new Set<string>();
  const unexplained: string[] = [];
  for (const one of cases()) {
    const theirs = summarize(await ask(nginx, one, await tagOf(nginx, one)));
    const ours = summarize(await ask(port, one, await tagOf(port, one)));
    for (const name of difference(theirs, ours)) {
      const rule = explanation(one, theirs, ours, name, etag);
      if (rule !== undefined) used.add(rule);
      else {
        const values = name === "status"
          ? [theirs.status, ours.status]
          : [theirs.fields[name], ours.fields[name]];
        unexplained.push(
          `${one.method} ${one.target} ${JSON.stringify(one.fields)}: ` +
            `${name} is ${values[0]} of nginx, ${values[1]} here`,
        );
      }
    }
  }
  assertEquals(unexplained, [], `with tags that are ${etag}`);
  return used;
}

/** Waits until tags are strong: of files that have only just changed they are weak. */
async function settle(port: number): Promise<void> {
  const one = { method: "GET", target: "/a.txt", fields: [] };
  while ((await tagOf(port, one)).startsWith("W/")) await delay(50);
}

Deno.test("cases() are more than 200 different requests, and reach all that matters", () => {
  const texts = new Set(cases().map((one) => requestText(one, '"t"')));
  assertEquals(texts.size, cases().length);
  assertGreater(texts.size, 200);
  for (const { rule, reason, is } of DIFFERENCES) {
    assert(cases().some(is), rule);
    assertGreater(reason.length, 20, rule);
  }
});

Deno.test("nginx and staticFiles() answer alike, but for the differences that are listed", async () => {
  await using folder = await Folder.make();
  const { root } = folder;
  const nginx = freePort();
  const lines = [
    `root ${root};`,
    "index index.html;",
    "gzip_static on;",
    "gzip_vary on;",
    // Its default wants the very same date; RFC 9110 13.1.3 any later one as well.
    "if_modified_since before;",
  ];
  await using _front = await startNginxServer(nginx, lines);
  const used = new Set<string>();
  for (const etag of ["weak", "strong"] as const) {
    const server = new HttpServer();
    const precompressed = ["gzip"] as const;
    server.get("/*path", staticFiles({ root, precompressed, etag }));
    const { port } = await server.listen({ port: 0 }) as Deno.NetAddr;
    if (etag === "strong") await settle(port);
    for (const rule of await compare(nginx, port, etag)) used.add(rule);
    await server.shutdown({ graceMs: 0 });
  }
  // A rule that explains nothing any more is to be taken off the list.
  const unused = DIFFERENCES.filter(({ rule }) => !used.has(rule));
  assertEquals(unused.map(({ rule }) => rule), []);
  assertGreaterOrEqual(used.size, 20);
});
