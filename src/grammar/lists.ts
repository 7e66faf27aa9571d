/**
 * Lists, parameters and quoted strings of field values (RFC 9110 5.6). All of it
 * takes time linear in the length of its input.
 *
 * @module
 */

import { isFieldValue, isToken } from "./chars.ts";

const HTAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function isOws(code: number): boolean {
  return code === SPACE || code === HTAB;
}

/**
 * Cuts optional whitespace, SP and HTAB, off both ends (RFC 9110 5.6.3).
 * `String.prototype.trim` would also take off bytes that belong to the value,
 * such as 0xA0.
 *
 * @example Usage
 * ```ts
 * import { trimOws } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(trimOws(" \tgzip "), "gzip");
 * ```
 */
export function trimOws(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isOws(text.charCodeAt(from))) from++;
  while (to > from && isOws(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function endOfMember(text: string, from: number, separator: number): number {
  let isQuoted = false;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) isQuoted = !isQuoted;
    else if (isQuoted && code === BACKSLASH) at++;
    else if (!isQuoted && code === separator) return at;
  }
  return text.length;
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const members: string[] = [];
  const code = separator.charCodeAt(0);
  for (let from = 0; from < text.length;) {
    const to = endOfMember(text, from, code);
    const member = trimOws(text.slice(from, to));
    if (member !== "") members.push(member);
    from = to + 1;
  }
  return members;
}

/**
 * Splits a list at its commas, but for those within quoted strings. Members come
 * without surrounding whitespace; empty ones are dropped (RFC 9110 5.6.1.2). A
 * quoted string that never ends takes the rest of the list into its member.
 *
 * Not for entity tags, in which a backslash escapes nothing.
 *
 * @example Usage
 * ```ts
 * import { splitList } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(splitList('a, ,b;c="d,e",'), ["a", 'b;c="d,e"']);
 * ```
 */
export function splitList(value: string): string[] {
  return splitOutsideQuotes(value, ",");
}

/**
 * Writes a text as a quoted string (RFC 9110 5.6.4).
 *
 * @throws {TypeError} If `text` holds a control character or what is not a byte.
 *
 * @example Usage
 * ```ts
 * import { quote } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(quote('say "hi"'), String.raw`"say \"hi\""`);
 * ```
 */
export function quote(text: string): string {
  if (!isFieldValue(text)) {
    throw new TypeError(
      `Cannot quote ${
        JSON.stringify(text)
      }: take visible characters, spaces and tabs`,
    );
  }
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/**
 * Reads a quoted string (RFC 9110 5.6.4).
 *
 * @returns The text without quotes and escapes, or `null` if `text` is not
 * exactly one quoted string.
 *
 * @example Usage
 * ```ts
 * import { unquote } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(unquote('"a b"'), "a b");
 * assertEquals(unquote("a b"), null);
 * ```
 */
export function unquote(text: string): string | null {
  const end = text.length - 1;
  if (end < 1 || text[0] !== '"' || text[end] !== '"') return null;
  let value = "";
  let from = 1;
  for (let at = 1; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return null;
    if (code !== BACKSLASH) continue;
    value += text.slice(from, at);
    from = ++at;
  }
  // A last quote that is escaped itself closes nothing.
  if (from === end && text.charCodeAt(end - 1) === BACKSLASH) return null;
  value += text.slice(from, end);
  return isFieldValue(value) ? value : null;
}

/**
 * Reads parameters, `;name=value` each, the value a token or a quoted string
 * (RFC 9110 5.6.6). Names become lower-case; of a repeated name the first counts.
 * The first semicolon may be missing, empty parameters are skipped.
 *
 * @returns The values by name, or `null` if a parameter is malformed.
 *
 * @example Usage
 * ```ts
 * import { parseParameters } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const parameters = parseParameters('; Charset=utf-8; title="a; b"');
 * assertEquals(parameters?.get("charset"), "utf-8");
 * assertEquals(parameters?.get("title"), "a; b");
 * ```
 */
export function parseParameters(text: string): Map<string, string> | null {
  const parameters = new Map<string, string>();
  for (const member of splitOutsideQuotes(text, ";")) {
    const equals = member.indexOf("=");
    const name = member.slice(0, equals).toLowerCase();
    const raw = member.slice(equals + 1);
    const value = isToken(raw) ? raw : unquote(raw);
    if (equals < 0 || !isToken(name) || value === null) return null;
    if (!parameters.has(name)) parameters.set(name, value);
  }
  return parameters;
}

/**
 * Writes parameters, each with its `; ` before it, quoting what is not a token
 * (RFC 9110 5.6.6).
 *
 * @throws {TypeError} If a name is not a token or a value cannot be sent.
 *
 * @example Usage
 * ```ts
 * import { formatParameters } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   formatParameters([["charset", "utf-8"], ["title", "a b"]]),
 *   '; charset=utf-8; title="a b"',
 * );
 * ```
 */
export function formatParameters(
  parameters: Iterable<readonly [string, string]>,
): string {
  let text = "";
  for (const [name, value] of parameters) {
    if (!isToken(name)) {
      throw new TypeError(
        `Cannot write a parameter named ${JSON.stringify(name)}: take a token`,
      );
    }
    text += `; ${name}=${isToken(value) ? value : quote(value)}`;
  }
  return text;
}
