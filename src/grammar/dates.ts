/**
 * Dates of HTTP: the one form that is sent and the three that are read
 * (RFC 9110 5.6.7).
 *
 * @module
 */

const DAY_MS = 86_400_000;
// The years of four digits, 0000 to 9999, are all that the format can say.
const FIRST_MS = -62_167_219_200_000;
const LAST_MS = 253_402_300_799_999;

const DAYS = "Sun Mon Tue Wed Thu Fri Sat".split(" ");
const LONG_DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday"
  .split(" ");
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const TWO_DIGITS: readonly string[] = Array.from(
  { length: 100 },
  (_, value) => String(value).padStart(2, "0"),
);

const DAY_NAME = `(?:${DAYS.join("|")})`;
const LONG_DAY_NAME = `(?:${LONG_DAYS.join("|")})`;
const MONTH = `(?:${MONTHS.join("|")})`;
const TIME = "\\d\\d:\\d\\d:\\d\\d";
const IMF_FIXDATE = new RegExp(
  `^${DAY_NAME}, \\d\\d ${MONTH} \\d{4} ${TIME} GMT$`,
);
const RFC850_DATE = new RegExp(
  `^${LONG_DAY_NAME}, \\d\\d-${MONTH}-\\d\\d ${TIME} GMT$`,
);
const ASCTIME_DATE = new RegExp(
  `^${DAY_NAME} ${MONTH} (?:\\d| )\\d ${TIME} \\d{4}$`,
);

let lastDay = NaN;
let lastDayText = "";

function formatDay(day: number): string {
  const date = new Date(day * DAY_MS);
  const name = DAYS[date.getUTCDay()];
  const month = MONTHS[date.getUTCMonth()];
  const year = String(date.getUTCFullYear()).padStart(4, "0");
  return `${name}, ${TWO_DIGITS[date.getUTCDate()]} ${month} ${year}`;
}

/**
 * Formats a time as an IMF-fixdate, the form that `Date`, `Last-Modified` and
 * `Expires` are sent in (RFC 9110 5.6.7). What is below a second is cut off.
 *
 * @param ms Milliseconds since 1970, as `Date.now()` gives them.
 * @throws {RangeError} If `ms` is not a number or outside the years 0 to 9999.
 *
 * @example Usage
 * ```ts
 * import { formatHttpDate } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatHttpDate(784111777000), "Sun, 06 Nov 1994 08:49:37 GMT");
 * ```
 */
export function formatHttpDate(ms: number): string {
  if (!(ms >= FIRST_MS && ms <= LAST_MS)) {
    throw new RangeError(
      `Cannot format "${ms}" as an HTTP date: take a time of the years 0 to 9999`,
    );
  }
  const day = Math.floor(ms / DAY_MS);
  // Most times of a busy server are of one day: 3 x cheaper than toUTCString.
  if (day !== lastDay) {
    lastDayText = formatDay(day);
    lastDay = day;
  }
  const second = Math.floor((ms - day * DAY_MS) / 1000);
  const hours = TWO_DIGITS[Math.floor(second / 3600)];
  const minutes = TWO_DIGITS[Math.floor(second / 60) % 60];
  return `${lastDayText} ${hours}:${minutes}:${TWO_DIGITS[second % 60]} GMT`;
}

/** Reads a number of two digits, or of a space and one digit. */
function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) & 15) * 10 + (text.charCodeAt(at + 1) & 15);
}

function daysOfMonth(year: number, month: number): number {
  if (month !== 1) return MONTH_DAYS[month];
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return isLeap ? 29 : 28;
}

function startOfDay(year: number, month: number, day: number): number | null {
  if (day < 1 || day > daysOfMonth(year, month)) return null;
  // Date.UTC takes the years 0 to 99 for 1900 to 1999; the calendar repeats
  // after 400 years.
  return Date.UTC(year + 400, month, day) - 146_097 * DAY_MS;
}

function timeOfDay(text: string, at: number): number | null {
  const hour = twoDigits(text, at);
  const minute = twoDigits(text, at + 3);
  const second = twoDigits(text, at + 6);
  // RFC 9110 5.6.7: 00:00:00 to 23:59:60, the last for a leap second.
  const isLeap = second === 60 && minute === 59 && hour === 23;
  const isReal = hour < 24 && minute < 60 && (second < 60 || isLeap);
  return isReal ? ((hour * 60 + minute) * 60 + second) * 1000 : null;
}

/** Where the parts of a form stand, which is fixed once the form is known. */
interface Places {
  day: number;
  month: number;
  time: number;
}

const IMF_PLACES: Places = { day: 5, month: 8, time: 17 };
const ASCTIME_PLACES: Places = { day: 8, month: 4, time: 11 };

function toTime(text: string, year: number, places: Places): number | null {
  const month = MONTHS.indexOf(text.slice(places.month, places.month + 3));
  const start = startOfDay(year, month, twoDigits(text, places.day));
  const rest = timeOfDay(text, places.time);
  return start === null || rest === null ? null : start + rest;
}

function fourDigits(text: string, at: number): number {
  return twoDigits(text, at) * 100 + twoDigits(text, at + 2);
}

function parseImfFixdate(text: string): number | null {
  if (!IMF_FIXDATE.test(text)) return null;
  return toTime(text, fourDigits(text, 12), IMF_PLACES);
}

function parseAsctime(text: string): number | null {
  if (!ASCTIME_DATE.test(text)) return null;
  return toTime(text, fourDigits(text, 20), ASCTIME_PLACES);
}

function parseRfc850(text: string, now: number): number | null {
  if (!RFC850_DATE.test(text)) return null;
  const comma = text.indexOf(",");
  const places = { day: comma + 2, month: comma + 5, time: comma + 12 };
  const horizon = new Date(now);
  const lastYear = horizon.getUTCFullYear() + 50;
  horizon.setUTCFullYear(lastYear);
  // The latest year with these digits that is at most 50 years ahead.
  const year = lastYear - (lastYear - twoDigits(text, comma + 9)) % 100;
  const time = toTime(text, year, places);
  const isTooFar = year === lastYear &&
    (time === null || time > horizon.getTime());
  return isTooFar ? toTime(text, year - 100, places) : time;
}

/**
 * Reads a date in any of the three forms of RFC 9110 5.6.7: IMF-fixdate, the
 * one of RFC 850 with a year of two digits, and that of C's `asctime`. Case and
 * spaces are those of the RFC, and a date or time that does not exist is
 * refused. The name of the day is not compared with the date, as the field's
 * other servers do not.
 *
 * @param text The field value, without surrounding whitespace.
 * @param now What to measure a year of two digits by, in milliseconds since
 * 1970: the latest such year at most 50 years ahead is meant.
 * @returns Milliseconds since 1970, or `null` if `text` is not a valid date.
 *
 * @example Usage
 * ```ts
 * import { parseHttpDate } from "@x/httpserver/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const ms = 784111777000;
 * assertEquals(parseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), ms);
 * assertEquals(parseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT"), ms);
 * assertEquals(parseHttpDate("Sun Nov  6 08:49:37 1994"), ms);
 * assertEquals(parseHttpDate("yesterday"), null);
 * ```
 */
export function parseHttpDate(
  text: string,
  now: number = Date.now(),
): number | null {
  // The length and the comma tell the form; no other text reaches a RegExp.
  if (text.length === 29) return parseImfFixdate(text);
  if (text.length === 24) return parseAsctime(text);
  return text.length >= 30 && text.length <= 33 ? parseRfc850(text, now) : null;
}
