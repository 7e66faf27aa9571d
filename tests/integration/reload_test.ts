/** `--reload` of a module and of a directory, as a process of its own. */
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { RawClient } from "../support/raw_client.ts";
import { get } from "../support/requests.ts";
import { within } from "../support/within.ts";
import { portOf, startWorkers } from "../support/workers.ts";

const PATIENCE_MS = 60_000;

function testOnUnix(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, ignore: Deno.build.os === "windows" });
}

async function withFiles(
  files: Record<string, string>,
  body: (
    directory: string,
    write: (name: string, text: string) => Promise<void>,
  ) => Promise<void>,
): Promise<void> {
  const directory = await Deno.realPath(
    await Deno.makeTempDir({ prefix: "reload-" }),
  );
  // As most editors do it.
  const write = async (name: string, text: string) => {
    await Deno.writeTextFile(join(directory, `${name}.new`), text);
    await Deno.rename(join(directory, `${name}.new`), join(directory, name));
  };
  try {
    for (const [name, text] of Object.entries(files)) await write(name, text);
    await body(directory, write);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Asks on new connections until the answer is `text`; each must be answered. */
async function untilAnswered(port: number, text: string): Promise<void> {
  const seen = new Set<string>();
  const ask = async () => {
    for (let answer = ""; answer !== text; seen.add(answer)) {
      using client = await RawClient.connect(port);
      answer = (await client.ask(get("/", "Connection: close\r\n"))).text;
    }
  };
  await within(`the answer "${text}" after ${[...seen]}`, ask(), PATIENCE_MS);
}

const APP = `import { word } from "./word.js";
export default { fetch: () => new Response(word) };`;

testOnUnix(
  "--reload runs a module anew when one of its files changes",
  async () => {
    const files = { "app.js": APP, "word.js": "export const word = 'one';" };
    await withFiles(files, async (directory, write) => {
      const app = join(directory, "app.js");
      await using program = await startWorkers(app, "--reload", "--log=off");
      const port = await portOf(program);
      await untilAnswered(port, "one");
      await write("word.js", "export const word = 'two';");
      await untilAnswered(port, "two");

      // What is broken is told; the old program goes on until it is mended.
      await write("word.js", "export const word = ;");
      await program.find("stderr", /the new worker did not start/);
      await untilAnswered(port, "two");
      // So is what lacks, once it comes to be.
      await write("word.js", "export { word } from './lib/word.js';");
      await program.find(
        "stderr",
        /(?:the new worker did not start[^]*){2}/,
      );
      await Deno.mkdir(join(directory, "lib"));
      await write("lib/word.js", "export const word = 'lib';");
      await untilAnswered(port, "lib");
      await write("more.js", "export const more = 'four';");
      await write(
        "word.js",
        "import { more } from './more.js'; export const word = 'three' + more;",
      );
      await untilAnswered(port, "threefour");
      await write("more.js", "export const more = 'five';");
      await untilAnswered(port, "threefive");
      program.kill();
      const { code, stderr } = await within(
        "the end",
        program.ended(),
        PATIENCE_MS,
      );
      assertEquals(code, 0);
      assertMatch(
        stderr,
        /^httpserver: \S+word\.js has changed: replacing the workers$/m,
      );
    });
  },
);

testOnUnix(
  "--reload runs the mended module when the one before never comes up",
  async () => {
    await withFiles({
      "app.js": APP,
      "word.js": "export const word = 'one';",
    }, async (directory, write) => {
      const app = join(directory, "app.js");
      await using program = await startWorkers(app, "--reload", "--log=off");
      const port = await portOf(program);
      await untilAnswered(port, "one");
      await write(
        "word.js",
        "console.log('stuck'); export const word = await new Promise(() => {});",
      );
      await program.find("stdout", /stuck/);
      await write("word.js", "export const word = 'two';");
      await untilAnswered(port, "two");
    });
  },
);

testOnUnix(
  "--reload lets a request finish that the old program has taken",
  async () => {
    const slow = (word: string) => `
    const goOn = Promise.withResolvers();
    Deno.addSignalListener("SIGUSR2", () => goOn.resolve());
    export default { async fetch(request) {
      if (new URL(request.url).pathname === "/") return new Response("${word}");
      console.log("waiting " + Deno.pid);
      await goOn.promise;
      return new Response("${word}");
    } };`;
    await withFiles({ "app.js": slow("old") }, async (directory, write) => {
      const app = join(directory, "app.js");
      await using program = await startWorkers(app, "--reload");
      const port = await portOf(program);
      using client = await RawClient.connect(port);
      await client.send(get("/wait"));
      const [, pid] = await program.find("stdout", /waiting (\d+)/);
      await write("app.js", slow("new"));
      await untilAnswered(port, "new");
      Deno.kill(Number(pid), "SIGUSR2");
      assertEquals((await client.read()).text, "old");
    });
  },
);

Deno.test("--reload of a directory tells pages what has changed and drains in time", async () => {
  await withFiles({ "index.html": "<p>one" }, async (directory, write) => {
    await using program = await startWorkers(directory, "--reload");
    const port = await portOf(program);
    const url = `http://127.0.0.1:${port}`;
    const page = await (await fetch(url)).text();
    const [, path] = /<script src="([^"]+)">/.exec(page) ?? [];
    const since = new URL(path, url).searchParams.get("since");
    const response = await fetch(`${url}/.httpserver/changes?since=${since}`);
    await write("index.html", "<p>two");
    const lines = response.body?.pipeThrough(new TextDecoderStream()) ?? [];
    let text = "";
    let told = false;
    for await (const piece of lines) {
      text += piece;
      if (told || !text.includes('"/index.html"')) continue;
      told = true;
      // The open stream does not hold it.
      if (Deno.build.os !== "windows") program.kill();
      else break;
    }
    assertMatch(text, /event: change\ndata: \[[^\]]*"\/index\.html"/);
    if (Deno.build.os === "windows") return;
    const { code } = await within("the end", program.ended(), PATIENCE_MS);
    assertEquals(code, 0);
  });
});
