/**
 * Names, sizes and times as a page shows them.
 *
 * @module
 */

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

// What is not seen, or turns around what is: "\u202Etxt.exe" reads as "exe.txt".
const UNSEEN =
  /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

const UNITS = ["KiB", "MiB", "GiB", "TiB", "PiB"] as const;
const WHOLE = new Intl.NumberFormat("en");

/** Escapes a text for HTML, between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char]);
}

function codePoint(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** A name as plain text: what is not seen is told by its number. */
export function plainName(name: string): string {
  return name.replace(UNSEEN, (char) => `<${codePoint(char)}>`);
}

/** A name as HTML, apart from the direction of what is around it. */
export function showName(name: string): string {
  const shown = escapeHtml(name).replace(
    UNSEEN,
    (char) => `<span class="unseen">${codePoint(char)}</span>`,
  );
  return `<bdi>${shown}</bdi>`;
}

/** A whole number with commas. */
export function formatCount(count: number): string {
  return WHOLE.format(count);
}

/** A number of things: "1 file", "1,200 files". */
export function countOf(count: number, one: string, more: string): string {
  return `${formatCount(count)} ${count === 1 ? one : more}`;
}

/** A number of bytes, short: "17 B", "1.5 KiB", "230 MiB". */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes / 1024;
  let unit = 0;
  for (; value >= 999.5 && unit < UNITS.length - 1; unit++) value /= 1024;
  const number = value < 9.95 ? value.toFixed(1) : WHOLE.format(
    Math.round(value),
  );
  return `${number} ${UNITS[unit]}`;
}
