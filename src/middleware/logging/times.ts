/**
 * Times of log lines. Most lines of a busy server fall into the same second, so
 * the text of that is kept: a third of the price of a Date for each.
 *
 * @module
 */

let isoSecond = NaN;
let isoPrefix = "";

/** A time of day in ISO 8601, UTC, from milliseconds since 1970. */
export function isoTime(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== isoSecond) {
    isoPrefix = new Date(second * 1000).toISOString().slice(0, -4);
    isoSecond = second;
  }
  const rest = Math.floor(ms - second * 1000);
  const zeros = rest < 10 ? "00" : rest < 100 ? "0" : "";
  return `${isoPrefix}${zeros}${rest}Z`;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function clf(date: Date): string {
  const [day, time] = date.toISOString().split(/[T.]/);
  const [year, month, dayOfMonth] = day.split("-");
  return `${dayOfMonth}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
}

let clfSecond = NaN;
let clfText = "";

/** A time of day in the form of Apache's `%t`, UTC, without its brackets. */
export function clfTime(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== clfSecond) {
    clfText = clf(new Date(second * 1000));
    clfSecond = second;
  }
  return clfText;
}
