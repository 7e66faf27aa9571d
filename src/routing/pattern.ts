/**
 * Patterns: `/static`, `:name`, `:name?`, `:name(regex)`, `*rest` and `*`, read
 * once when a route is added.
 *
 * @module
 */

import { describeValue } from "../http/values.ts";

/** A part of a pattern between two slashes. */
export type Segment = StaticSegment | ParamSegment | RestSegment;

/** A segment that stands for itself, compared with decoded segments. */
export interface StaticSegment {
  /** Tells the kinds apart. */
  readonly kind: "static";
  /** The segment, decoded. */
  readonly text: string;
}

/** A segment that takes any one segment that is not empty. */
export interface ParamSegment {
  /** Tells the kinds apart. */
  readonly kind: "param";
  /** The parameter's name. */
  readonly name: string;
  /** What the whole segment must match; `null` for any. */
  readonly regex: RegExp | null;
}

/** The end of a pattern that takes all segments left, none included. */
export interface RestSegment {
  /** Tells the kinds apart. */
  readonly kind: "rest";
  /** The parameter's name; empty if it has none. */
  readonly name: string;
}

/** A pattern as read. */
export interface Pattern {
  /** The pattern as written, behind the prefixes it is mounted under. */
  readonly source: string;
  /** Its segments with each choice of optional parameters; mostly just one. */
  readonly variants: readonly (readonly Segment[])[];
}

/** The pattern of a prefix; no segment of it is optional or takes a rest. */
export interface Prefix {
  /** The prefix without a slash at its end: `""` for `"/"`. */
  readonly source: string;
  /** Its segments. */
  readonly segments: readonly Segment[];
}

/** The prefix that covers every path. */
export const ROOT: Prefix = { source: "", segments: [] };

const EMPTY: StaticSegment = { kind: "static", text: "" };
const NAME = /[\p{ID_Start}_$][\p{ID_Continue}$]*/uy;

/** What has been read of a pattern, and where reading goes on. */
class PatternReader {
  readonly source: string;
  readonly segments: Segment[] = [];
  #at = 0;
  #firstOptional = -1;

  constructor(source: string) {
    this.source = source;
  }

  fail(what: string, mend: string, at: number = this.#at): never {
    throw new SyntaxError(
      `Cannot read the pattern ${
        JSON.stringify(this.source)
      }: ${what} at index ${at}: ${mend}`,
    );
  }

  read(): Pattern {
    if (!this.source.startsWith("/")) {
      const url = URL.parse(this.source);
      const path = url?.host ? url.pathname : `/${this.source}`;
      this.fail("no slash", `write ${JSON.stringify(path)}`);
    }
    while (this.#at < this.source.length) {
      this.#at++;
      this.segments.push(this.#readSegment());
    }
    return { source: this.source, variants: this.#variants() };
  }

  #variants(): Segment[][] {
    const { segments } = this;
    const least = this.#firstOptional < 0
      ? segments.length
      : this.#firstOptional;
    const variants: Segment[][] = [];
    for (let length = least; length <= segments.length; length++) {
      variants.push(length === 0 ? [EMPTY] : segments.slice(0, length));
    }
    return variants;
  }

  #readSegment(): Segment {
    const char = this.source[this.#at];
    if (char === ":") return this.#readParam();
    if (this.#firstOptional >= 0) {
      this.fail(
        "a segment behind an optional parameter",
        "let only optional parameters follow, or add two routes",
      );
    }
    return char === "*" ? this.#readRest() : this.#readStatic();
  }

  #readName(sign: string): string {
    NAME.lastIndex = this.#at + 1;
    const name = NAME.exec(this.source)?.[0] ?? "";
    if (name === "" && sign === ":") {
      this.fail("a parameter without a name", 'write ":name"');
    }
    if (name !== "" && this.segments.some((one) => nameOf(one) === name)) {
      this.fail(
        `the name "${name}" used twice`,
        "give each parameter a name of its own",
      );
    }
    this.#at += 1 + name.length;
    return name;
  }

  #readParam(): ParamSegment {
    const name = this.#readName(":");
    const regex = this.source[this.#at] === "(" ? this.#readRegex() : null;
    if (this.source[this.#at] === "?") {
      this.#at++;
      if (this.#firstOptional < 0) this.#firstOptional = this.segments.length;
    } else if (this.#firstOptional >= 0) {
      this.fail(
        `the required parameter "${name}" behind an optional one`,
        `write ":${name}?", or add two routes`,
      );
    }
    this.#expectEnd(
      `a parameter is a whole segment: write ":${name}" or ":${name}(regex)" between slashes`,
    );
    return { kind: "param", name, regex };
  }

  #readRest(): RestSegment {
    const name = this.#readName("*");
    if (this.#at < this.source.length) {
      this.fail(
        "text behind a wildcard",
        `let the pattern end with "*${name || "rest"}"`,
      );
    }
    return { kind: "rest", name };
  }

  #expectEnd(mend: string): void {
    const next = this.source[this.#at];
    if (next !== undefined && next !== "/") this.fail(`"${next}"`, mend);
  }

  #readRegex(): RegExp {
    const start = this.#at + 1;
    const end = regexEnd(this.source, start);
    if (end < 0) this.fail('a "(" without its ")"', 'close it with ")"');
    const body = this.source.slice(start, end);
    if (body === "") {
      this.fail("an empty regex", 'write "(regex)" or drop the parentheses');
    }
    this.#at = end + 1;
    try {
      return new RegExp(`^(?:${body})$`, "u");
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : `${cause}`;
      this.fail("a bad regex", `${reason}: mend the regex`, start);
    }
  }

  #readStatic(): StaticSegment {
    const slash = this.source.indexOf("/", this.#at);
    const end = slash < 0 ? this.source.length : slash;
    const text = this.source.slice(this.#at, end);
    const bad = /[?#{}<>*]|^\[[^\]]*\]$|%[\da-f]{2}/i.exec(text);
    if (bad !== null) {
      this.fail(`"${bad[0]}"`, mendStatic(bad[0], text), this.#at + bad.index);
    }
    this.#at = end;
    return { kind: "static", text };
  }
}

function mendStatic(bad: string, text: string): string {
  switch (bad) {
    case "?":
    case "#":
      return "a pattern matches the path alone: read request.query in the handler";
    case "{":
    case "}":
    case "<":
    case ">":
      return 'write a parameter as ":name"';
    case "*":
      return 'a wildcard is a whole segment: write "*rest" behind the last slash';
    default:
      if (bad.startsWith("[")) return 'write a parameter as ":name"';
      return `write it decoded: ${decoded(text)}`;
  }
}

function decoded(text: string): string {
  try {
    return JSON.stringify(decodeURIComponent(text));
  } catch {
    return "patterns are compared with decoded paths";
  }
}

// Index of the parenthesis that closes the regex, or -1.
function regexEnd(source: string, start: number): number {
  let depth = 0;
  let inClass = false;
  for (let at = start; at < source.length; at++) {
    const char = source[at];
    if (char === "\\") at++;
    else if (inClass) inClass = char !== "]";
    else if (char === "[") inClass = true;
    else if (char === "(") depth++;
    else if (char === ")" && depth-- === 0) return at;
  }
  return -1;
}

function nameOf(segment: Segment): string {
  return segment.kind === "static" ? "" : segment.name;
}

function checkString(what: string, value: unknown): void {
  if (typeof value === "string") return;
  const mend = value instanceof RegExp
    ? 'pass a string, with the regex in a parameter such as "/:id(\\\\d+)"'
    : 'pass a string such as "/users"';
  throw new TypeError(
    `Cannot read ${describeValue(value)} as a ${what}: ${mend}`,
  );
}

/**
 * Reads a pattern. Optional parameters may only be the last segments: each of
 * them makes one more variant of the pattern.
 *
 * @throws {TypeError} If it is not a string.
 * @throws {SyntaxError} If it has no slash first, a parameter without a name,
 * a name twice, a bad regex, a wildcard or an optional parameter that is not
 * last, or characters that no path segment can match.
 */
export function parsePattern(source: string): Pattern {
  checkString("pattern", source);
  return new PatternReader(source).read();
}

/**
 * Reads a prefix. A slash at its end has no meaning.
 *
 * @throws {TypeError} If it is not a string.
 * @throws {SyntaxError} If it is no pattern, or has an optional parameter or a
 * wildcard.
 */
export function parsePrefix(source: string): Prefix {
  checkString("prefix", source);
  const { variants } = new PatternReader(source).read();
  const segments = variants[0];
  const last = segments[segments.length - 1];
  if (variants.length > 1 || last.kind === "rest") {
    throw new SyntaxError(
      `Cannot use the prefix ${
        JSON.stringify(source)
      }: a prefix covers all paths below it: drop what is optional and the wildcard`,
    );
  }
  if (last.kind !== "static" || last.text !== "") return { source, segments };
  return { source: source.slice(0, -1), segments: segments.slice(0, -1) };
}

function checkNames(source: string, segments: readonly Segment[]): void {
  const names = segments.map(nameOf).filter((name) => name !== "");
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return;
  throw new SyntaxError(
    `Cannot mount to ${
      JSON.stringify(source)
    }: the name "${twice}" is used twice: rename the prefix's or the route's parameter`,
  );
}

function joinSource(prefix: string, source: string): string {
  return prefix !== "" && source === "/" ? prefix : prefix + source;
}

/**
 * Puts a pattern under a prefix. `"/"` under `"/admin"` is `"/admin"`.
 *
 * @throws {SyntaxError} If both have a parameter of the same name.
 */
export function joinPattern(prefix: Prefix, pattern: Pattern): Pattern {
  if (prefix.segments.length === 0) return pattern;
  const source = joinSource(prefix.source, pattern.source);
  const variants = pattern.variants.map((segments) =>
    isRoot(segments) ? prefix.segments : prefix.segments.concat(segments)
  );
  checkNames(source, variants[variants.length - 1]);
  return { source, variants };
}

function isRoot(segments: readonly Segment[]): boolean {
  const [first] = segments;
  return segments.length === 1 && first.kind === "static" && first.text === "";
}

/** Puts a prefix under another. Names do not matter: a prefix gives no params. */
export function joinPrefix(outer: Prefix, inner: Prefix): Prefix {
  return {
    source: outer.source + inner.source,
    segments: outer.segments.concat(inner.segments),
  };
}

/** What two segments have in common if they take the same texts. */
export function segmentKey(segment: Segment): string {
  if (segment.kind === "static") return segment.text;
  if (segment.kind === "rest") return "*";
  return segment.regex === null ? ":" : `:${segment.regex.source}`;
}

/** What two variants have in common if they match the same paths: no names. */
export function shapeOf(segments: readonly Segment[]): string {
  return segments.map((segment) => "/" + segmentKey(segment)).join("");
}
