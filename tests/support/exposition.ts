/** A strict reader of the text formats of Prometheus and OpenMetrics. */

/** One line with a value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The samples of one metric. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

export type ExpositionFormat = "text" | "openmetrics";

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const NUMBER = "[+-]?(?:Inf|NaN|\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?)";
const META = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (${NUMBER})$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;
const TYPES = ["counter", "gauge", "histogram", "summary", "untyped"];

function fail(line: string, why: string): never {
  throw new Error(`${why}: ${JSON.stringify(line)}`);
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_, char) => char === "n" ? "\n" : char);
}

function readLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const found = LABEL.exec(text) ?? fail(line, "bad labels");
    const [, name, value] = found;
    if (name in labels) fail(line, "a label comes twice");
    labels[name] = unescape(value);
  }
  return labels;
}

function readNumber(text: string): number {
  return Number(text.replace("Inf", "Infinity"));
}

/** The names that samples of a family may have. */
function sampleNames(family: Family, format: ExpositionFormat): string[] {
  const { name, type } = family;
  if (type === "histogram") {
    return ["_bucket", "_sum", "_count"].map((end) => name + end);
  }
  const isOpenCounter = format === "openmetrics" && type === "counter";
  return [isOpenCounter ? `${name}_total` : name];
}

/** Reads an exposition; throws at the first fault. */
export function parseExposition(
  text: string,
  format: ExpositionFormat = "text",
): Map<string, Family> {
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let family: Family | null = null;
  let help: { name: string; text: string } | null = null;
  for (const line of bodyLines(text, format)) {
    const meta = META.exec(line);
    if (meta?.[1] === "HELP") {
      help = { name: meta[2], text: meta[3] };
    } else if (meta !== null) {
      const [, , name, type] = meta;
      if (help?.name !== name) fail(line, "no help ahead");
      if (!TYPES.includes(type)) fail(line, "unknown type");
      if (families.has(name)) fail(line, "the family comes twice");
      family = { name, type, help: help.text, samples: [] };
      families.set(name, family);
    } else if (family === null) fail(line, "no family");
    else addSample(line, family, sampleNames(family, format), seen);
  }
  checkNames(families);
  for (const one of families.values()) checkHistogram(one);
  return families;
}

function bodyLines(text: string, format: ExpositionFormat): string[] {
  if (!text.endsWith("\n")) fail(text.slice(-40), "no newline at the end");
  const lines = text.slice(0, -1).split("\n");
  if (format === "text") return lines.filter((line) => line !== "");
  if (lines.pop() !== "# EOF") fail(text.slice(-40), "no EOF at the end");
  return lines;
}

function addSample(
  line: string,
  family: Family,
  names: readonly string[],
  seen: Set<string>,
): void {
  const [, name, text = "", value] = SAMPLE.exec(line) ??
    fail(line, "no sample");
  if (!names.includes(name)) fail(line, `not of ${family.name}`);
  const labels = readLabels(text, line);
  const key = name + JSON.stringify(Object.entries(labels).sort());
  if (seen.has(key)) fail(line, "the sample comes twice");
  seen.add(key);
  const number = readNumber(value);
  if (family.type === "counter" && !(number >= 0)) fail(line, "not a count");
  family.samples.push({ name, labels, value: number });
}

/** In OpenMetrics `x_total` of a counter `x` must not meet a gauge `x`. */
function checkNames(families: Map<string, Family>): void {
  const bases = [...families.keys()].map((name) => name.replace(/_total$/, ""));
  if (new Set(bases).size !== bases.length) {
    fail(bases.join(), "names of two families meet");
  }
}

function checkHistogram(family: Family): void {
  if (family.type !== "histogram") return;
  const groups = Map.groupBy(family.samples, ({ labels }) => {
    const { le: _, ...rest } = labels;
    return JSON.stringify(rest);
  });
  for (const [key, samples] of groups) {
    const buckets = samples.filter(({ name }) => name.endsWith("_bucket"));
    const count = samples.find(({ name }) => name.endsWith("_count"))?.value;
    let [bound, below] = [-Infinity, 0];
    for (const { labels: { le }, value } of buckets) {
      const next = readNumber(le);
      if (!(next > bound && value >= below)) fail(key, "buckets fall");
      [bound, below] = [next, value];
    }
    if (bound !== Infinity || below !== count) fail(key, "buckets lack some");
  }
}

/** The value of one sample, found by some of its labels. */
export function sampleValue(
  families: Map<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = [...families.values()].flatMap(({ samples }) => samples)
    .filter((sample) =>
      sample.name === name &&
      Object.entries(labels).every(([key, value]) =>
        sample.labels[key] === value
      )
    );
  if (found.length > 1) fail(name, "more than one sample");
  return found[0]?.value;
}
