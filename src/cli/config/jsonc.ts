/**
 * JSON with comments and commas at the end, with the line of each name.
 *
 * @module
 */

/** A member of an object. */
export interface JsoncMember {
  /** Its value: an object is a map. */
  readonly value: unknown;
  /** The line of its name, from 1. */
  readonly line: number;
}

/** An object: no name in it can mean the prototype. */
export type JsoncObject = ReadonlyMap<string, JsoncMember>;

/** A text that is no JSON. */
export class JsoncError extends Error {
  /** Where, from 1. */
  readonly line: number;

  /** Makes an error of what is wrong in a line. */
  constructor(message: string, line: number) {
    super(message);
    this.name = "JsoncError";
    this.line = line;
  }
}

interface Token {
  readonly text: string;
  readonly line: number;
}

const TOKEN =
  /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[^]*?\*\/|[{}[\],:]|[^\s{}[\],:"/]+|\S|\n/g;

function tokens(text: string): Token[] {
  const found: Token[] = [];
  let line = 1;
  for (const [token] of text.matchAll(TOKEN)) {
    const isComment = /^\/[/*]/.test(token);
    if (token !== "\n" && !isComment) found.push({ text: token, line });
    line += token.split("\n").length - 1;
  }
  found.push({ text: "", line });
  return found;
}

const DEEPEST = 16;

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokens(text);
  }

  document(): unknown {
    const value = this.#value(0);
    this.#expect("", "the end");
    return value;
  }

  #next(): Token {
    const token = this.#tokens[this.#at];
    if (this.#at < this.#tokens.length - 1) this.#at++;
    return token;
  }

  #peek(): string {
    return this.#tokens[this.#at].text;
  }

  #expect(text: string, name: string): void {
    const token = this.#next();
    if (token.text !== text) throw unexpected(token, name);
  }

  #value(depth: number): unknown {
    const token = this.#next();
    if (depth > DEEPEST) throw new JsoncError("it is too deep", token.line);
    if (token.text === "{") return this.#object(depth);
    if (token.text === "[") return this.#array(depth);
    return scalar(token);
  }

  #object(depth: number): JsoncObject {
    const members = new Map<string, JsoncMember>();
    while (this.#peek() !== "}") {
      const name = this.#next();
      if (!name.text.startsWith('"')) throw unexpected(name, "a quoted name");
      const key = String(scalar(name));
      if (members.has(key)) {
        throw new JsoncError(`${name.text} is there twice`, name.line);
      }
      this.#expect(":", '":"');
      members.set(key, { value: this.#value(depth + 1), line: name.line });
      this.#comma("}");
    }
    this.#next();
    return members;
  }

  #array(depth: number): unknown[] {
    const entries: unknown[] = [];
    while (this.#peek() !== "]") {
      entries.push(this.#value(depth + 1));
      this.#comma("]");
    }
    this.#next();
    return entries;
  }

  #comma(end: string): void {
    if (this.#peek() !== end) this.#expect(",", `"," or "${end}"`);
  }
}

function unexpected({ text, line }: Token, wanted: string): JsoncError {
  const found = text === "" ? "the end" : JSON.stringify(text.slice(0, 20));
  return new JsoncError(`expected ${wanted}, not ${found}`, line);
}

function scalar(token: Token): unknown {
  try {
    return JSON.parse(token.text);
  } catch {
    throw unexpected(token, "a value");
  }
}

/**
 * Reads a text. Objects are maps of their members.
 *
 * @throws {JsoncError} If it is no JSON with comments, or an object has a name
 * twice.
 */
export function parseJsonc(text: string): unknown {
  return new Reader(text.replace(/^\uFEFF/, "")).document();
}
