/**
 * Text from outside on its way into a log line: nothing in it may end the line,
 * move a terminal's cursor or hide what follows.
 *
 * @module
 */

// What JSON may show between quotes as it is; the common case, decided fast.
const PLAIN = /^[ !#-[\]-~]*$/;
const PLAIN_WORD = /^[!#-[\]-~]+$/;

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

/** A word as it is; anything else as a JSON string, so that columns stay columns. */
export function wordOrString(text: string): string {
  return PLAIN_WORD.test(text) ? text : jsonString(text);
}
