import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { completionScript, SHELLS } from "../../../src/cli/completions.ts";
import { ALL_OPTIONS } from "../../../src/cli/config/option_table.ts";
import { runInProcess } from "../../support/command_line.ts";

const MODULE = new URL("../../../mod.ts", import.meta.url);

const APP = `import { HttpServer, Router, text } from "${MODULE}";
export default new HttpServer({ limits: { bodyBytes: 3 } })
  .get("/", () => text("a"))
  .post("/users/:id", () => text("b"))
  .all("/any", () => text("c"))
  .mount("/admin", new Router().get("/stats", () => text("d")));`;

async function withFiles(
  files: Record<string, string>,
  body: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "subcommands-" });
  try {
    for (const [name, content] of Object.entries(files)) {
      await Deno.writeTextFile(join(directory, name), content);
    }
    await body(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function failed(message: string, code = 2) {
  return { code, stdout: "", stderr: `httpserver: ${message}\n` };
}

Deno.test("routes lists the routes of an exported server", async () => {
  const files = { "app.ts": APP, "web.js": "export default { fetch() {} }" };
  await withFiles(files, async (directory) => {
    const path = join(directory, "app.ts");
    assertEquals(await runInProcess(["routes", path]), {
      code: 0,
      stdout: "GET   /\nPOST  /users/:id\n*     /any\nGET   /admin/stats\n",
      stderr: "",
    });
    const web = join(directory, "web.js");
    const cases: [string[], string, number][] = [
      [["routes"], "routes needs a module: name one, such as app.ts", 2],
      [["routes", path, "--port=1"], "--port cannot be used with routes", 2],
      [
        ["routes", directory],
        `cannot list the routes of ${
          JSON.stringify(directory)
        }: it is a directory`,
        1,
      ],
      [
        ["routes", web],
        `cannot list the routes of ${
          JSON.stringify(web)
        }: it exports an object with fetch, not an HttpServer`,
        1,
      ],
    ];
    for (const [args, message, code] of cases) {
      assertEquals(await runInProcess(args), failed(message, code));
    }
  });
});

Deno.test("check-config shows every option with its value and origin", async () => {
  const config = `{
    // The limits
    "limits": { "bodyBytes": "2MiB" },
    "headers": ["X-A: b", "X-C: d"],
    "auth": ["ada:lovelace"]
  }`;
  await withFiles({ "a.jsonc": config }, async (directory) => {
    const file = join(directory, "a.jsonc");
    const { code, stdout, stderr } = await runInProcess(
      ["check-config", directory, "--port=80", `--config=${file}`],
      { HTTPSERVER_KEEP_ALIVE_TIMEOUT: "5000", HTTPSERVER_PORT: "81" },
    );
    assertEquals([code, stderr], [0, ""]);
    const rows = stdout.trimEnd().split("\n")
      .map((line) => line.split(/ {2,}/));
    assertEquals(rows.length, ALL_OPTIONS.length);
    const shown = new Map(rows.map(([name, ...more]) => [name, more]));
    assertEquals(shown.get("port"), ["80", "--port"]);
    assertEquals(shown.get("timeouts.keepAliveMs"), [
      "5s",
      "HTTPSERVER_KEEP_ALIVE_TIMEOUT",
    ]);
    assertEquals(shown.get("limits.bodyBytes"), ["2MiB", `${file}:3`]);
    assertEquals(shown.get("headers"), ["X-A: b, X-C: d", `${file}:4`]);
    assertEquals(shown.get("auth"), ["(secret)", `${file}:5`]);
    assertEquals(shown.get("hostname"), ["127.0.0.1", "default"]);
    assertEquals(stdout.includes("lovelace"), false);
  });
});

Deno.test("check-config tells what would not be served", async () => {
  await withFiles({ "app.ts": APP }, async (directory) => {
    const app = join(directory, "app.ts");
    const none = join(directory, "none");
    const cases: [string[], string, number?][] = [
      [["--port=x"], '--port cannot be "x": take an integer from 0 to 65535'],
      [[none], `no such file or directory: ${JSON.stringify(none)}`, 1],
      [
        [app, "--spa"],
        `--spa cannot be used with ${
          JSON.stringify(app)
        }: it is for the files of a directory`,
      ],
      [
        ["--unix=/a", "--port=1"],
        "--unix cannot be used with --port: take one or the other",
      ],
      [
        ["--unix=/a", "--next-port"],
        "--unix cannot be used with --next-port: take one or the other",
      ],
      [
        ["--quiet", "--log=json"],
        "--quiet cannot be used with --log: take one or the other",
      ],
      [["--cert=a"], "--cert is of no use without --key: give both"],
      [["--key=a"], "--key is of no use without --cert: give both"],
      [
        ["--cert=a", "--key=b", "--proxy-protocol=private"],
        "--cert cannot be used with --proxy-protocol: take one or the other",
      ],
      [
        ["--proxy-header=forwarded"],
        "--proxy-header is of no use without --trusted-proxies: give both",
      ],
    ];
    for (const [args, message, code] of cases) {
      const outcome = await runInProcess(["check-config", ...args]);
      assertEquals(outcome, failed(message, code));
    }
    const fine = [app, "--max-body-bytes=1MiB", "--unix=/a", "--no-next-port"];
    assertEquals((await runInProcess(["check-config", ...fine])).code, 0);
  });
});

Deno.test("completions tells of a shell that it does not know", async () => {
  const advice = "take one of bash, zsh, fish";
  const cases: [string[], string][] = [
    [[], `cannot complete in the shell "": ${advice}`],
    [["cmd"], `cannot complete in the shell "cmd": ${advice}`],
    [["bash", "zsh"], `cannot complete in the shell "bash zsh": ${advice}`],
    [["bash", "--port=1"], "--port cannot be used with completions"],
  ];
  for (const [args, message] of cases) {
    assertEquals(
      await runInProcess(["completions", ...args]),
      failed(message),
    );
  }
});

Deno.test("completionScript() names every flag in every shell", async () => {
  for (const shell of SHELLS) {
    const script = completionScript(shell);
    const outcome = await runInProcess(["completions", shell]);
    assertEquals(outcome, { code: 0, stdout: script, stderr: "" });
    for (const { flag, others } of ALL_OPTIONS) {
      for (const name of [flag, ...Object.keys(others ?? {})]) {
        assertMatch(script, new RegExp(`(?:--|-l )${name}\\b`), shell);
      }
    }
    for (const word of ["routes", "check-config", "completions"]) {
      assertStringIncludes(script, word);
    }
  }
});

/** Runs a program with a text; null if it is not installed. */
async function shell(
  program: string,
  args: readonly string[],
): Promise<{ code: number; text: string } | null> {
  try {
    const command = new Deno.Command(program, {
      args: [...args],
      stdin: "null",
    });
    const { code, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** What bash offers behind these words, the last of them begun. */
async function bashOffers(
  script: string,
  cwd: string,
  words: readonly string[],
): Promise<string[] | null> {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const outcome = await shell("bash", [
    "--norc",
    "-c",
    `cd '${cwd}' && source '${script}' && COMP_WORDS=(httpserver ${quoted}) ` +
    `COMP_CWORD=${words.length}; _httpserver; ` +
    'printf "%s\\n" "${COMPREPLY[@]}"',
  ]);
  if (outcome === null) return null;
  assertEquals(outcome.code, 0, outcome.text);
  return outcome.text.split("\n").filter((line) => line !== "").sort();
}

Deno.test({
  name: "completionScript() completes in bash",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const files = { "script": completionScript("bash"), "site.json": "" };
    await withFiles(files, async (directory) => {
      const script = join(directory, "script");
      const cases: [string[], string[]][] = [
        [["--keep"], ["--keep-alive-timeout"]],
        [["--port", "1", "--strict"], ["--strict-port"]],
        [["--log", ""], ["combined", "json", "logfmt", "off", "text"]],
        [["--log", "j"], ["json"]],
        [["--log", "=", "c"], ["combined"]],
        [["--log", "="], ["combined", "json", "logfmt", "off", "text"]],
        [["--config", "si"], ["site.json"]],
        [["-c", "si"], ["site.json"]],
        [["--port", ""], []],
        [["rou"], ["routes"]],
        [["s"], ["script", "site.json"]],
        [["--reload", "s"], ["script", "site.json"]],
        [["completions", ""], ["bash", "fish", "zsh"]],
      ];
      for (const [words, expected] of cases) {
        const offers = await bashOffers(script, directory, words);
        if (offers === null) return;
        assertEquals(offers, expected, words.join(" "));
      }
      const all = await bashOffers(script, directory, ["--"]);
      assert(all !== null);
      for (const { flag } of ALL_OPTIONS) assert(all.includes(`--${flag}`));
    });
  },
});

Deno.test("completionScript() is read by zsh and fish where they are", async () => {
  const files = {
    "script.zsh": completionScript("zsh"),
    "script.fish": completionScript("fish"),
  };
  await withFiles(files, async (directory) => {
    const zsh = await shell("zsh", [
      "-fc",
      `autoload -U compinit && compinit -D && source '${directory}/script.zsh' && echo "$_comps[httpserver]"`,
    ]);
    if (zsh !== null) {
      assertEquals(zsh, { code: 0, text: "_httpserver\n" });
    }
    const fish = await shell("fish", [
      "--no-config",
      "-c",
      `source '${directory}/script.fish'; complete -C 'httpserver --keep'`,
    ]);
    if (fish !== null) {
      assertEquals(fish.code, 0);
      assertStringIncludes(fish.text, "--keep-alive-timeout\t");
    }
  });
});
