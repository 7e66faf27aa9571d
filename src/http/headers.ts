/**
 * {@linkcode HeaderList}: the fields of a message, close to the web's
 * `Headers`, but cheap to make and faithful to what was sent.
 *
 * @module
 */

import { isFieldValue, isToken } from "../grammar/chars.ts";
import { describeValue } from "./values.ts";

/** What a {@linkcode HeaderList} is made from. */
export type HeadersLike =
  | HeaderList
  | Headers
  | Readonly<Record<string, string | number | readonly string[]>>
  | Iterable<readonly [string, string]>;

/**
 * Field lines in the order of the wire, as parallel arrays. Shared between
 * messages: a {@linkcode HeaderList} copies it before it changes one.
 */
export interface FieldLines {
  /** Names as sent. */
  readonly names: readonly string[];
  /** Names in lower case. */
  readonly keys: readonly string[];
  /** Values without surrounding white space. */
  readonly values: readonly string[];
  /** True for lines made once for many answers: their encoding may be kept. */
  readonly constant: boolean;
}

interface OwnLines extends FieldLines {
  readonly names: string[];
  readonly keys: string[];
  readonly values: string[];
}

/** The lines of an empty list. */
export const NO_LINES: FieldLines = fieldLines();

/** Builds lines that many messages share, from names in the case to send. */
export function fieldLines(
  ...pairs: readonly (readonly [string, string])[]
): FieldLines {
  return {
    names: pairs.map(([name]) => name),
    keys: pairs.map(([name]) => name.toLowerCase()),
    values: pairs.map(([, value]) => value),
    constant: true,
  };
}

/** Reads a header section that a parser has accepted: lines ended by CRLF, from `at`. */
export function readFieldLines(section: string, at = 0): FieldLines {
  const names: string[] = [];
  const keys: string[] = [];
  const values: string[] = [];
  while (true) {
    const end = section.indexOf("\r\n", at);
    if (end <= at) return { names, keys, values, constant: false };
    const colon = section.indexOf(":", at);
    const name = section.slice(at, colon);
    names.push(name);
    keys.push(name.toLowerCase());
    values.push(trimSpace(section, colon + 1, end));
    at = end + 2;
  }
}

/** The value of a field by its name in lower case, repeats joined, or `null`. */
export function fieldValue(lines: FieldLines, key: string): string | null {
  const { keys, values } = lines;
  let at = keys.indexOf(key);
  if (at < 0) return null;
  let value = values[at];
  const glue = key === "cookie" ? "; " : ", ";
  while ((at = keys.indexOf(key, at + 1)) >= 0) value += glue + values[at];
  return value;
}

/** A header section as received; its lines are read when one is asked for. */
export class HeaderSection {
  /** The section's text, each line ended by CRLF. */
  readonly text: string;
  #lines: FieldLines | null = null;

  /** Takes the text of a section that a parser has accepted. */
  constructor(text: string) {
    this.text = text;
  }

  /** Wraps lines that are at hand already. */
  static of(lines: FieldLines): HeaderSection {
    const section = new HeaderSection("");
    section.#lines = lines;
    return section;
  }

  /** The field lines. */
  get lines(): FieldLines {
    return this.#lines ??= readFieldLines(this.text);
  }
}

/**
 * Adds those lines whose field a list does not have yet. They must be valid:
 * nothing is checked, so that lines made once cost little on each answer.
 */
export let addMissing: (headers: HeaderList, lines: FieldLines) => void;

function isSpace(code: number): boolean {
  return code === 32 || code === 9;
}

function trimSpace(text: string, start: number, end: number): string {
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

// Only numbers: null or an object would be sent as its name.
function textOf(value: unknown): string {
  return typeof value === "number" ? `${value}` : value as string;
}

function checkInit(init: HeadersLike): void {
  if (typeof init === "object" && init !== null) return;
  throw new TypeError(
    `Cannot make headers of ${
      describeValue(init)
    }: pass a record such as { "cache-control": "no-store" }, pairs or Headers`,
  );
}

function checkName(name: string): string {
  if (typeof name !== "string" || !isToken(name)) {
    throw new TypeError(
      `Cannot use a header name that is not a token: ${
        describeValue(name)
      }: take one such as "content-type"`,
    );
  }
  return name;
}

function checkValue(name: string, value: string): string {
  if (typeof value !== "string") {
    throw new TypeError(
      `Cannot send ${
        describeValue(value)
      } as the value of header "${name}": pass a string`,
    );
  }
  if (!isFieldValue(value)) {
    throw new TypeError(
      `Cannot send a control or non-latin1 character in header "${name}": ${
        JSON.stringify(value)
      }: encode it, as by encodeURIComponent(value)`,
    );
  }
  return trimSpace(value, 0, value.length);
}

/**
 * The header fields of a request or a response. Names are compared without
 * case and iterated in lower case; repeated fields are joined by `", "`
 * (RFC 9110 5.3), cookies by `"; "` (RFC 6265 5.4), and `set-cookie` is kept
 * apart line by line. A name or a value that could split a message is refused.
 *
 * @example Usage
 * ```ts
 * import { HeaderList } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const headers = new HeaderList({ "Content-Type": "text/plain" });
 * headers.append("Vary", "Accept");
 * headers.append("Vary", "Origin");
 * assertEquals(headers.get("vary"), "Accept, Origin");
 * assertEquals([...headers], [
 *   ["content-type", "text/plain"],
 *   ["vary", "Accept, Origin"],
 * ]);
 * ```
 */
export class HeaderList implements Iterable<[string, string]> {
  #lines: FieldLines = NO_LINES;
  #own: OwnLines | null = null;

  /**
   * Makes a list from a record, pairs, `Headers` or another list.
   *
   * @throws {TypeError} If a name is not a token or a value has a control
   * character.
   */
  constructor(init?: HeadersLike) {
    if (init === undefined) return;
    if (init instanceof HeaderList) {
      this.#lines = init.#share();
      return;
    }
    checkInit(init);
    if (Symbol.iterator in init) this.#addPairs(init);
    else this.#addRecord(init);
  }

  /** Wraps lines known to be valid, without a copy. */
  static from(lines: FieldLines): HeaderList {
    const list = new HeaderList();
    list.#lines = lines;
    return list;
  }

  #addPairs(pairs: Iterable<readonly [string, string]>): void {
    for (const [name, value] of pairs) this.append(name, value);
  }

  #addRecord(
    record: Readonly<Record<string, string | number | readonly string[]>>,
  ): void {
    for (const [name, value] of Object.entries(record)) {
      if (Array.isArray(value)) {
        for (const one of value) this.append(name, one);
      } else if (value !== undefined) {
        this.append(name, textOf(value));
      }
    }
  }

  // Both lists copy before their next change.
  #share(): FieldLines {
    this.#own = null;
    return this.#lines;
  }

  #change(): OwnLines {
    if (this.#own === null) {
      const { names, keys, values } = this.#lines;
      this.#own = {
        names: [...names],
        keys: [...keys],
        values: [...values],
        constant: false,
      };
      this.#lines = this.#own;
    }
    return this.#own;
  }

  /** The field lines in the order of the wire, not to be changed. */
  get lines(): FieldLines {
    return this.#lines;
  }

  /** The number of field lines. */
  get size(): number {
    return this.#lines.keys.length;
  }

  /** The value of a field, repeats joined, or `null`. */
  get(name: string): string | null {
    return fieldValue(this.#lines, name.toLowerCase());
  }

  /** The values of each line of a field, in order. */
  getAll(name: string): string[] {
    const { keys, values } = this.#lines;
    const key = name.toLowerCase();
    return values.filter((_, at) => keys[at] === key);
  }

  /** The values of the `Set-Cookie` lines, never joined (RFC 6265 3). */
  getSetCookie(): string[] {
    return this.getAll("set-cookie");
  }

  /** Tells whether a field is there. */
  has(name: string): boolean {
    return this.#lines.keys.includes(name.toLowerCase());
  }

  /**
   * Sets a field, in place of all its lines.
   *
   * @throws {TypeError} If the name is not a token or the value has a control
   * character.
   */
  set(name: string, value: string): this {
    const key = checkName(name).toLowerCase();
    const checked = checkValue(name, value);
    const { names, keys, values } = this.#change();
    const at = keys.indexOf(key);
    if (at < 0) {
      names.push(name);
      keys.push(key);
      values.push(checked);
      return this;
    }
    this.#removeFrom(key, at + 1);
    names[at] = name;
    values[at] = checked;
    return this;
  }

  /**
   * Adds a line to a field.
   *
   * @throws {TypeError} If the name is not a token or the value has a control
   * character.
   */
  append(name: string, value: string): this {
    checkName(name);
    const checked = checkValue(name, value);
    const { names, keys, values } = this.#change();
    names.push(name);
    keys.push(name.toLowerCase());
    values.push(checked);
    return this;
  }

  static {
    addMissing = (headers, { names, keys, values }) => {
      const own = headers.#change();
      for (let at = 0; at < keys.length; at++) {
        if (own.keys.includes(keys[at])) continue;
        own.names.push(names[at]);
        own.keys.push(keys[at]);
        own.values.push(values[at]);
      }
    };
  }

  /** Removes all lines of a field. */
  delete(name: string): this {
    const key = name.toLowerCase();
    const at = this.#lines.keys.indexOf(key);
    if (at >= 0) this.#removeFrom(key, at);
    return this;
  }

  #removeFrom(key: string, from: number): void {
    const { names, keys, values } = this.#change();
    for (let at = keys.length - 1; at >= from; at--) {
      if (keys[at] !== key) continue;
      names.splice(at, 1);
      keys.splice(at, 1);
      values.splice(at, 1);
    }
  }

  /** Names in lower case with their joined values, `set-cookie` line by line. */
  *entries(): IterableIterator<[string, string]> {
    const { keys, values } = this.#lines;
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at];
      if (key === "set-cookie") yield [key, values[at]];
      else if (keys.indexOf(key) === at) yield [key, this.get(key) ?? ""];
    }
  }

  /** The names in lower case. */
  *keys(): IterableIterator<string> {
    for (const [name] of this.entries()) yield name;
  }

  /** The values. */
  *values(): IterableIterator<string> {
    for (const [, value] of this.entries()) yield value;
  }

  /** Calls `visit` for each entry. */
  forEach(visit: (value: string, name: string) => void): void {
    for (const [name, value] of this.entries()) visit(value, name);
  }

  /** Iterates over {@linkcode HeaderList.entries}. */
  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }

  /** A web `Headers` with the same fields. */
  toWeb(): Headers {
    const { names, values } = this.#lines;
    const headers = new Headers();
    for (let at = 0; at < names.length; at++) {
      headers.append(names[at], values[at]);
    }
    return headers;
  }
}
