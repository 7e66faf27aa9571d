import { assertEquals } from "@std/assert";
import {
  acceptedValues,
  formatValue,
  parseValue,
  type UnitKind,
} from "../../../../src/cli/config/units.ts";
import { OPTIONS } from "../../../../src/server/option_table.ts";
import { readText, showValue } from "../../../../src/cli/config/values.ts";

const CASES: Record<UnitKind, Record<string, string | number | null>> = {
  text: { "0.0.0.0": "0.0.0.0", " ": " ", "": null },
  port: {
    "0": 0,
    "8080": 8080,
    "65535": 65535,
    "65536": null,
    "-1": null,
    "80.5": null,
    "0x50": null,
    "1e3": null,
    " 80": null,
    "80 ": null,
    "http": null,
    "1k": null,
    "": null,
  },
  count: { "0": 0, "100": 100, "-1": null, "1KiB": null, "": null },
  bytes: {
    "0": 0,
    "1024": 1024,
    "1b": 1,
    "64KiB": 65536,
    "64kib": 65536,
    "1MiB": 1048576,
    "2GiB": 2147483648,
    "1KB": 1000,
    "1kB": 1000,
    "1MB": 1000000,
    "1GB": 1000000000,
    "9007199254740991": 9007199254740991,
    "9007199254740992": null,
    "9007199254740991GiB": null,
    "1.5MiB": null,
    "1 MiB": null,
    "1M": null,
    "MiB": null,
    "-1MiB": null,
    "1s": null,
    "1constructor": null,
    "١": null,
    "1K\u0130B": null,
  },
  seconds: {
    "0": 0,
    "90": 90,
    "90s": 90,
    "5m": 300,
    "1h": 3600,
    "7d": 604_800,
    "1w": null,
    "500ms": null,
    "": null,
  },
  ms: {
    "0": 0,
    "1500": 1500,
    "500ms": 500,
    "30s": 30_000,
    "30S": 30_000,
    "2m": 120_000,
    "1h": 3_600_000,
    "1d": null,
    "1.5s": null,
    "1m30s": null,
    "s": null,
    "1MiB": null,
    "Infinity": null,
    "9007199254740991h": null,
  },
};

Deno.test("parseValue() takes what the kind of option accepts", () => {
  for (const [kind, cases] of Object.entries(CASES)) {
    for (const [text, expected] of Object.entries(cases)) {
      const value = parseValue(kind as UnitKind, text);
      assertEquals(value, expected, `${kind} ${JSON.stringify(text)}`);
    }
  }
});

Deno.test("formatValue() takes the largest unit without a fraction", () => {
  const cases: [UnitKind, string | number, string][] = [
    ["text", "127.0.0.1", "127.0.0.1"],
    ["port", 3600000, "3600000"],
    ["count", 1024, "1024"],
    ["bytes", 0, "0"],
    ["bytes", 1000, "1000"],
    ["bytes", 1024, "1KiB"],
    ["bytes", 1536, "1536"],
    ["bytes", 1024 ** 2, "1MiB"],
    ["bytes", 1024 ** 2 + 1024, "1025KiB"],
    ["bytes", 3 * 1024 ** 3, "3GiB"],
    ["ms", 0, "0"],
    ["ms", 250, "250ms"],
    ["ms", 1500, "1500ms"],
    ["ms", 65_000, "65s"],
    ["ms", 120_000, "2m"],
    ["ms", 7_200_000, "2h"],
    ["seconds", 90, "90s"],
    ["seconds", 3600, "1h"],
    ["seconds", 172_800, "2d"],
  ];
  for (const [kind, value, expected] of cases) {
    assertEquals(formatValue(kind, value), expected);
  }
});

Deno.test("readText() reads back every default as showValue() writes it", () => {
  for (const spec of OPTIONS) {
    if (spec.default === null) continue;
    const text = showValue(spec, spec.default);
    assertEquals(readText(spec, text), spec.default, spec.name);
  }
});

Deno.test("acceptedValues() quotes only values that parseValue() takes", () => {
  let quoted = 0;
  for (const kind of Object.keys(CASES) as UnitKind[]) {
    for (const [, text] of acceptedValues(kind).matchAll(/"([^"]+)"/g)) {
      quoted++;
      assertEquals(typeof parseValue(kind, text), "number", text);
    }
  }
  assertEquals(quoted, 13);
});
