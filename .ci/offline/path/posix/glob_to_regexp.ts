/** Options of {@linkcode globToRegExp}. */
export interface GlobOptions {
  /** Whether `?(a|b)`, `*(..)`, `+(..)`, `@(..)` and `!(..)` are groups. @default {true} */
  extended?: boolean;
  /** Whether `**` stands for any number of segments. @default {true} */
  globstar?: boolean;
  /** Whether case does not count. @default {false} */
  caseInsensitive?: boolean;
}

const SEGMENT_CHAR = "[^/]";
const GROUP_ENDS: Record<string, string> = {
  "@": ")",
  "?": ")?",
  "*": ")*",
  "+": ")+",
  "!": `)${SEGMENT_CHAR}*`,
};

/** Makes a RegExp that tests whole paths by a glob. */
export function globToRegExp(glob: string, options: GlobOptions = {}): RegExp {
  const { extended = true, globstar = true, caseInsensitive } = options;
  const segments = glob.replace(/\/+$/, "").split("/");
  const parts = segments.map((segment, at) => {
    const isLast = at === segments.length - 1;
    if (globstar && segment === "**") return "(?:[^/]+(?:/+|$))*";
    return new SegmentWriter(segment, extended).write() + (isLast ? "" : "/+");
  });
  return new RegExp(`^${parts.join("")}/*$`, caseInsensitive ? "i" : "");
}

class SegmentWriter {
  readonly #glob: string;
  readonly #extended: boolean;
  /** What ends the groups that are open. */
  readonly #open: string[] = [];
  #at = 0;

  constructor(glob: string, extended: boolean) {
    this.#glob = glob;
    this.#extended = extended;
  }

  write(): string {
    let text = "";
    while (this.#at < this.#glob.length) text += this.#next();
    return text;
  }

  #next(): string {
    const char = this.#glob[this.#at++];
    if (char === "\\") return escape(this.#glob[this.#at++] ?? "\\");
    if (char === "[") return this.#charClass();
    if (this.#extended && char in GROUP_ENDS && this.#glob[this.#at] === "(") {
      this.#at++;
      this.#open.push(GROUP_ENDS[char]);
      return char === "!" ? "(?!" : "(?:";
    }
    if (char === "*") return `${SEGMENT_CHAR}*`;
    if (char === "?") return SEGMENT_CHAR;
    return this.#group(char);
  }

  #group(char: string): string {
    if (char === "{") {
      this.#open.push("}");
      return "(?:";
    }
    const end = this.#open.at(-1);
    if (end === undefined) return escape(char);
    if (char === (end === "}" ? "," : "|")) return "|";
    if (char !== end[0]) return escape(char);
    this.#open.pop();
    return end === "}" ? ")" : end;
  }

  #charClass(): string {
    const end = this.#glob.indexOf("]", this.#at + 1);
    if (end < 0) return "\\[";
    const inner = this.#glob.slice(this.#at, end);
    this.#at = end + 1;
    const isNegated = /^[!^]/.test(inner);
    const chars = inner.slice(isNegated ? 1 : 0).replace(/[\\\]^]/g, "\\$&");
    return `[${isNegated ? "^/" : ""}${chars}]`;
  }
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
