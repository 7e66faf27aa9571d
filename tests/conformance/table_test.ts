import { assert, assertEquals } from "@std/assert";
import { wireCases } from "../support/wire_cases.ts";

const TESTS = new URL("../", import.meta.url);
const ROW = /^\| +([\d.]+) +\| +(.+?) +\| +(.+?) +\|$/gm;
const NAME = /`([\w/]+\.(?:ts|md)): ([^`]+)`/g;
const LITERAL = /Deno\.test\(\s*(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g;
const PLACE = /\$\{[^}]*\}/;

interface Row {
  readonly section: string;
  readonly rule: string;
  /** File and name of each test. */
  readonly tests: readonly (readonly [string, string])[];
}

function readRows(): Row[] {
  const text = Deno.readTextFileSync(new URL("README.md", import.meta.url));
  return [...text.matchAll(ROW)].map(([, section, rule, tests]) => ({
    section,
    rule,
    tests: [...tests.matchAll(NAME)].map(([, file, name]) =>
      [file, name] as const
    ),
  }));
}

const sources = new Map<string, string>();

function sourceOf(file: string): string {
  const known = sources.get(file);
  if (known !== undefined) return known;
  const text = Deno.readTextFileSync(new URL(file, TESTS));
  sources.set(file, text);
  return text;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

// A name as in the source, or one that fills a template with what stands there.
function isTestOf(name: string, written: string, source: string): boolean {
  if (name === written) return true;
  const parts = written.split(PLACE).map(escape);
  if (parts.length === 1) return false;
  const filled = new RegExp(`^${parts.join("(.+)")}$`, "s").exec(name);
  return filled?.slice(1).every((part) =>
    part.split(": ").every((piece) => source.includes(piece))
  ) ?? false;
}

function exists(file: string, name: string): boolean {
  if (file.endsWith(".md")) {
    const topic = file.replace(/^wire\/|\.md$/g, "");
    return wireNames.has(`${topic}: ${name}`);
  }
  const source = sourceOf(file);
  return [...source.matchAll(LITERAL)].some(([, plain, template]) =>
    isTestOf(name, plain ?? template, source)
  );
}

const wireNames = new Set(wireCases().map(({ name }) => name));

Deno.test("the table of rules names tests that exist", () => {
  const missing = readRows().flatMap(({ section, tests }) =>
    tests.filter(([file, name]) => !exists(file, name))
      .map(([file, name]) => `${section}: ${file}: ${name}`)
  );
  assertEquals(missing, []);
});

Deno.test("the table of rules has a test for each rule, and each rule once", () => {
  const rows = readRows();
  assert(rows.length > 100, `${rows.length} rows`);
  const bare = rows.filter(({ tests }) => tests.length === 0);
  assertEquals(bare, []);
  const keys = rows.map(({ section, rule }) => `${section} ${rule}`);
  assertEquals(keys.length, new Set(keys).size);
});

Deno.test("the table of rules finds a name that no test has", () => {
  const file = "conformance/table_test.ts";
  assert(exists(file, "the table of rules names tests that exist"));
  assert(!exists(file, "the table of rules names tests that exist not"));
  assert(exists("wire/hosts.md", "no Host"));
  assert(!exists("wire/hosts.md", "no Hosts"));
  assert(isTestOf("a 1 b", "a ${n} b", "[1, 2]"));
  assert(!isTestOf("a 3 b", "a ${n} b", "[1, 2]"));
});
