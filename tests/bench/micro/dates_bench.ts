/** The Date field: made once a second, and what making it costs. */
import { formatHttpDate, parseHttpDate } from "../../../src/grammar/dates.ts";

const NOW = Date.UTC(2024, 4, 5, 6, 7, 8);

Deno.bench({ name: "formatHttpDate()", group: "date", baseline: true }, () => {
  formatHttpDate(NOW);
});

const date = new Date(NOW);
Deno.bench({ name: "Date.toUTCString()", group: "date" }, () => {
  date.toUTCString();
});

Deno.bench({ name: "parseHttpDate()", group: "parse a date" }, () => {
  parseHttpDate("Sun, 05 May 2024 06:07:08 GMT", NOW);
});

Deno.bench({ name: "Date.parse()", group: "parse a date" }, () => {
  Date.parse("Sun, 05 May 2024 06:07:08 GMT");
});
