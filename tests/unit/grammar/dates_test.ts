import { assertEquals, assertThrows } from "@std/assert";
import { formatHttpDate, parseHttpDate } from "../../../src/grammar/dates.ts";
import { Prng } from "./prng.ts";

const NOVEMBER_1994 = Date.UTC(1994, 10, 6, 8, 49, 37);
const NOW = Date.UTC(2026, 10, 22, 12);

Deno.test("formatHttpDate() writes an IMF-fixdate", () => {
  const cases: [number, string][] = [
    [NOVEMBER_1994, "Sun, 06 Nov 1994 08:49:37 GMT"],
    [NOVEMBER_1994 + 999, "Sun, 06 Nov 1994 08:49:37 GMT"],
    [0, "Thu, 01 Jan 1970 00:00:00 GMT"],
    [-1, "Wed, 31 Dec 1969 23:59:59 GMT"],
    [0.5, "Thu, 01 Jan 1970 00:00:00 GMT"],
    [Date.UTC(2024, 1, 29, 23, 59, 59), "Thu, 29 Feb 2024 23:59:59 GMT"],
    [-62_167_219_200_000, "Sat, 01 Jan 0000 00:00:00 GMT"],
    [253_402_300_799_999, "Fri, 31 Dec 9999 23:59:59 GMT"],
  ];
  for (const [ms, text] of cases) assertEquals(formatHttpDate(ms), text);
});

Deno.test("formatHttpDate() equals toUTCString when the days alternate", () => {
  const random = new Prng(1);
  for (let run = 0; run < 2000; run++) {
    const ms = random.integer(0, 4_000_000_000_000);
    assertEquals(formatHttpDate(ms), new Date(ms).toUTCString());
  }
});

Deno.test("formatHttpDate() throws when the time has no such form", () => {
  const cases = [
    NaN,
    Infinity,
    -Infinity,
    -62_167_219_200_001,
    253_402_300_800_000,
  ];
  for (const ms of cases) {
    assertThrows(() => formatHttpDate(ms), RangeError, `"${ms}"`);
  }
});

Deno.test("parseHttpDate() reads the three forms", () => {
  const cases: [string, number][] = [
    ["Sun, 06 Nov 1994 08:49:37 GMT", NOVEMBER_1994],
    ["Sunday, 06-Nov-94 08:49:37 GMT", NOVEMBER_1994],
    ["Wednesday, 06-Nov-94 08:49:37 GMT", NOVEMBER_1994],
    ["Sun Nov  6 08:49:37 1994", NOVEMBER_1994],
    ["Sun Nov 06 08:49:37 1994", NOVEMBER_1994],
    ["Wed Nov 16 08:49:37 1994", NOVEMBER_1994 + 10 * 86_400_000],
    // The name of the day may be wrong.
    ["Mon, 06 Nov 1994 08:49:37 GMT", NOVEMBER_1994],
    ["Thu, 29 Feb 2024 00:00:00 GMT", Date.UTC(2024, 1, 29)],
    ["Tue, 29 Feb 2000 00:00:00 GMT", Date.UTC(2000, 1, 29)],
    // A leap second is the first one of the next minute.
    ["Sat, 31 Dec 2016 23:59:60 GMT", Date.UTC(2017, 0, 1)],
    ["Sat, 01 Jan 0000 00:00:00 GMT", -62_167_219_200_000],
    ["Sun, 31 Dec 0099 23:59:59 GMT", -59_011_459_201_000],
  ];
  for (const [text, ms] of cases) {
    assertEquals(parseHttpDate(text, NOW), ms, text);
  }
});

Deno.test("parseHttpDate() gives null when the text is not a date", () => {
  const cases = [
    "",
    "0",
    "1994-11-06T08:49:37Z",
    "sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 NOV 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 gmt",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun,  6 Nov 1994 08:49:37 GMT",
    "Sun 06 Nov 1994 08:49:37  GMT",
    "Sun, 06 Nov 94 08:49:37 GMT",
    " Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT\n",
    "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
    "Xyz, 06 Nov 1994 08:49:37 GMT",
    "Sun, 00 Nov 1994 08:49:37 GMT",
    "Sun, 31 Nov 1994 08:49:37 GMT",
    "Sun, 32 Oct 1994 08:49:37 GMT",
    "Mon, 29 Feb 1900 00:00:00 GMT",
    "Wed, 29 Feb 2023 00:00:00 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:00 GMT",
    "Sun, 06 Nov 1994 08:49:60 GMT",
    "Sun, 06 Nov 1994 23:59:61 GMT",
    "Sun, 06 Nov 1994 8:49:37 AM GMT",
    "Sun, 06-Nov-94 08:49:37 GMT",
    "Sunday, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-1994 08:49:37 GMT",
    "Sunday, 31-Nov-94 08:49:37 GMT",
    "Sun Nov 6 08:49:37 1994",
    "Sun Nov  0 08:49:37 1994",
    "Sun Nov 31 08:49:37 1994",
    "Sun Nov 1  08:49:37 1994",
    "Sun Nov  6 08:49:37 1994 GMT",
    "Sun, 0\u0666 Nov 1994 08:49:37 GMT",
  ];
  for (const text of cases) assertEquals(parseHttpDate(text), null, text);
});

Deno.test("parseHttpDate() takes two digits for a year at most 50 years ahead", () => {
  const cases: [string, number, number][] = [
    ["01-Jan-26", NOW, Date.UTC(2026, 0, 1)],
    ["01-Jan-75", NOW, Date.UTC(2075, 0, 1)],
    ["22-Nov-76", NOW, Date.UTC(2076, 10, 22)],
    ["22-Nov-76", Date.UTC(2026, 10, 22), Date.UTC(2076, 10, 22)],
    ["23-Nov-76", NOW, Date.UTC(1976, 10, 23)],
    ["01-Jan-77", NOW, Date.UTC(1977, 0, 1)],
    ["01-Jan-99", NOW, Date.UTC(1999, 0, 1)],
    ["01-Jan-00", NOW, Date.UTC(2000, 0, 1)],
    ["01-Jan-05", Date.UTC(2096, 0), Date.UTC(2105, 0, 1)],
    ["01-Jan-95", Date.UTC(2001, 0), Date.UTC(1995, 0, 1)],
    ["29-Feb-00", Date.UTC(2050, 0), Date.UTC(2000, 1, 29)],
  ];
  for (const [date, now, ms] of cases) {
    const text = `Monday, ${date} 00:00:00 GMT`;
    assertEquals(parseHttpDate(text, now), ms, text);
  }
});

Deno.test("parseHttpDate() reads back what formatHttpDate() wrote", () => {
  const random = new Prng(2);
  for (let run = 0; run < 2000; run++) {
    const ms = random.integer(-62_167_219_200, 253_402_300_799) * 1000;
    assertEquals(parseHttpDate(formatHttpDate(ms)), ms);
  }
});

Deno.test("parseHttpDate() gives a date that formats the same or null when a character is changed", () => {
  const random = new Prng(3);
  const text = "Sun, 06 Nov 1994 08:49:37 GMT";
  for (let run = 0; run < 5000; run++) {
    const at = random.integer(5, text.length - 1);
    const changed = text.slice(0, at) + random.pick("0123456789 :,-GMTNov") +
      text.slice(at + 1);
    const ms = parseHttpDate(changed);
    if (ms === null) continue;
    assertEquals(formatHttpDate(ms).slice(5), changed.slice(5));
  }
});
