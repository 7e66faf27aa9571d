/** Longer texts are printed one after the other: the table below would grow
 * with the product of their lengths. */
const MAX_LINES = 1000;

/** Prints a value on lines that can be compared. */
export function format(value: unknown): string {
  return Deno.inspect(value, {
    compact: false,
    depth: Infinity,
    iterableLimit: Infinity,
    sorted: true,
    strAbbreviateSize: Infinity,
    trailingComma: true,
  });
}

/** Both values, line by line: `-` for what is there, `+` for what should be. */
export function difference(actual: unknown, expected: unknown): string {
  const a = lines(actual, expected);
  const b = lines(expected, actual);
  const rows = a.length > MAX_LINES || b.length > MAX_LINES
    ? [...a.map((line) => `-   ${line}`), ...b.map((line) => `+   ${line}`)]
    : compare(a, b);
  return ["", "    [Diff] Actual / Expected", "", ...rows, ""].join("\n");
}

function lines(value: unknown, other: unknown): string[] {
  const bothText = typeof value === "string" && typeof other === "string";
  if (!bothText || !`${value}${other}`.includes("\n")) {
    return format(value).split("\n");
  }
  return value.split("\n").map((line) => JSON.stringify(line));
}

/** Walks the table of longest common subsequences from its first corner. */
function compare(a: string[], b: string[]): string[] {
  const common = commonLengths(a, b);
  const rows: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      rows.push(`    ${a[i++]}`);
      j++;
    } else if (
      j >= b.length || i < a.length && common[i + 1][j] >= common[i][j + 1]
    ) {
      rows.push(`-   ${a[i++]}`);
    } else rows.push(`+   ${b[j++]}`);
  }
  return rows;
}

/** `[i][j]` is how many lines `a` from i and `b` from j have in common. */
function commonLengths(a: string[], b: string[]): Uint16Array[] {
  const table = Array.from(
    { length: a.length + 1 },
    () => new Uint16Array(b.length + 1),
  );
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i][j] = a[i] === b[j]
        ? table[i + 1][j + 1] + 1
        : Math.max(table[i + 1][j], table[i][j + 1]);
    }
  }
  return table;
}
