/** Every message in `src/` that misuse brings about says how to mend it. */
import { assert, assertEquals } from "@std/assert";
import { walk } from "@std/fs/walk";
import { fromFileUrl, relative } from "@std/path";

const SOURCE = fromFileUrl(new URL("../../../src", import.meta.url));

const THROWN = /new (?:TypeError|RangeError|SyntaxError)\(/g;
// Faults of the machine, or of a stream below: nothing of the caller's to mend.
const EXEMPT =
  /The \w+ (?:ended|took|left)|Cannot (?:open|read from) a|Cannot read the reply of Redis|Cannot find protocol fault/;

/** The text of a call's arguments, from behind its parenthesis. */
function argumentsFrom(source: string, start: number): string {
  let depth = 1;
  for (let at = start; at < source.length; at++) {
    if (source[at] === "(") depth++;
    else if (source[at] === ")" && --depth === 0) {
      return source.slice(start, at);
    }
  }
  return source.slice(start);
}

Deno.test("messages of misuse begin with what cannot be done and end with how to mend it", async () => {
  let count = 0;
  const wrong: string[] = [];
  for await (const { path } of walk(SOURCE, { exts: [".ts"] })) {
    if (/[\\/]cli[\\/]/.test(path)) continue;
    // No examples in comments.
    const source = (await Deno.readTextFile(path)).replace(/^ *\*.*$/gm, "");
    for (const { index, 0: call } of source.matchAll(THROWN)) {
      const text = argumentsFrom(source, index + call.length);
      if (!/["'`]/.test(text) || EXEMPT.test(text)) continue;
      count++;
      // In a template, what stands between braces is a value.
      const plain = text.replace(/\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/g, "…");
      if (
        /Cannot[^]*: [^]*\w|\$\{(?:wrong|cannotUse)|…(?:: |[a-z]|…)/.test(plain)
      ) {
        continue;
      }
      wrong.push(`${relative(SOURCE, path)}: ${text.trim()}`);
    }
  }
  assert(count > 120, `only ${count} were found`);
  assertEquals(wrong, []);
});
