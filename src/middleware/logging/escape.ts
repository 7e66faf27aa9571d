/**
 * Text from outside on its way into a log line: nothing in it may end the line,
 * move a terminal's cursor or hide what follows.
 *
 * @module
 */

// What JSON may show between quotes as it is; the common case, decided fast.
const PLAIN = /^[ !#-[\]-~]*$/;
const PLAIN_WORD = /^[!#-[\]-~]+$/;
// In logfmt a bare value has no "=" either.
const PLAIN_VALUE = /^[!#-<>-[\]-~]+$/;
// Bare keys must not be taken for several, or for one with a value.
const NO_KEY = /[^A-Za-z0-9_.@$/-]/g;

// All of C0, DEL and C1, and also line separators and invisible characters such
// as those that turn the direction of text.
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

function escapeUnits(text: string): string {
  let escaped = "";
  for (let at = 0; at < text.length; at++) {
    escaped += `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`;
  }
  return escaped;
}

/** Escapes what cannot be seen, each as `\uXXXX`; leaves the rest as it is. */
export function escapeUnseen(text: string): string {
  return PLAIN.test(text) ? text : text.replace(UNSEEN, escapeUnits);
}

/** A JSON string that shows as one line of visible text (RFC 8259 7). */
export function jsonString(text: string): string {
  return PLAIN.test(text)
    ? `"${text}"`
    : JSON.stringify(text).replace(UNSEEN, escapeUnits);
}

/** The same without its quotes. */
export function jsonText(text: string): string {
  return PLAIN.test(text) ? text : jsonString(text).slice(1, -1);
}

/** A word as it is; anything else as a JSON string, so that columns stay columns. */
export function wordOrString(text: string): string {
  return PLAIN_WORD.test(text) ? text : jsonString(text);
}

/** A value of logfmt: bare if it can be, else a JSON string. */
export function logfmtValue(text: string): string {
  return PLAIN_VALUE.test(text) ? text : jsonString(text);
}

/** A key of logfmt: what may not be in one becomes `_`. */
export function logfmtKey(text: string): string {
  return text === "" ? "_" : text.replace(NO_KEY, "_");
}

const NAMED: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

const utf8 = new TextEncoder();

// A character of a header stands for a byte; one of more bytes comes from the
// application.
function hexBytes(char: string): string {
  const bytes = char <= "\xff" ? [char.charCodeAt(0)] : utf8.encode(char);
  return Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`)
    .join("");
}

/**
 * As Apache's httpd writes text between quotes: `\"`, `\\`, `\n` and its like,
 * and any other byte that does not print as `\xhh`.
 */
export function apacheEscape(text: string): string {
  return PLAIN.test(text)
    ? text
    : text.replace(/[^ !#-[\]-~]/gu, (char) => NAMED[char] ?? hexBytes(char));
}

/** Likewise for a column without quotes, which has no spaces. */
export function apacheWord(text: string): string {
  return text === "" ? "-" : apacheEscape(text).replaceAll(" ", "\\x20");
}
