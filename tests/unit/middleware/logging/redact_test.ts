import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { HttpResponse } from "../../../../src/http/response.ts";
import type { LoggingOptions } from "../../../../src/middleware/logging/mod.ts";
import { Redaction } from "../../../../src/middleware/logging/redact.ts";
import { logJson, logLine } from "./helpers.ts";

Deno.test("Redaction masks parameters however their names are written", () => {
  const redaction = new Redaction(["Session"]);
  const table: [query: string, masked: string][] = [
    ["", ""],
    ["a=1&b=2", "a=1&b=2"],
    ["token=secret&a=1", "token=[redacted]&a=1"],
    ["TOKEN=secret", "TOKEN=[redacted]"],
    ["%74oken=secret", "%74oken=[redacted]"],
    ["a=1&session=se=cret", "a=1&session=[redacted]"],
    ["token", "token=[redacted]"],
    ["token=a&token=b", "token=[redacted]&token=[redacted]"],
    ["%zz=1", "%zz=1"],
    ["tokens=1", "tokens=1"],
    ["access_token=a", "access_token=[redacted]"],
  ];
  for (const [query, masked] of table) {
    assertEquals(redaction.query(query), masked);
  }
});

Deno.test("Redaction masks what a Referer tells of a query", () => {
  const redaction = new Redaction([]);
  const url = "http://a/b?token=1&c=2#frag";
  assertEquals(redaction.referer(url, false), "http://a/b");
  assertEquals(redaction.referer(url, true), "http://a/b?token=[redacted]&c=2");
  assertEquals(redaction.referer("http://a/b", true), "http://a/b");
});

const SECRETS = {
  Authorization: "Bearer s3cret",
  Cookie: "session=s3cret",
  "Proxy-Authorization": "Basic s3cret",
  "X-Key": "s3cret",
  Accept: "text/html",
};

Deno.test("logging() logs headers on demand and never their secrets", async () => {
  const options: LoggingOptions = {
    headers: Object.keys(SECRETS),
    responseHeaders: ["Set-Cookie", "Location", "Absent"],
    redact: ["x-KEY"],
  };
  const next = () =>
    new HttpResponse({
      headers: { "set-cookie": "a=s3cret", location: "/b" },
    });
  const line = await logJson({ headers: SECRETS }, next, options);
  assertEquals(line.headers, {
    authorization: "[redacted]",
    cookie: "[redacted]",
    "proxy-authorization": "[redacted]",
    "x-key": "[redacted]",
    accept: "text/html",
  });
  assertEquals(line.responseHeaders, {
    "set-cookie": "[redacted]",
    location: "/b",
  });
  const logfmt = await logLine({ ...options, format: "logfmt" }, {
    headers: SECRETS,
  }, next);
  assertFalse(logfmt.includes("s3cret"), logfmt);
  assertStringIncludes(logfmt, " headers.accept=text/html");
});

Deno.test("logging() logs no header unless it is asked to", async () => {
  for (const format of ["text", "json", "logfmt", "combined"] as const) {
    const line = await logLine({ format }, { headers: SECRETS });
    assertFalse(line.includes("s3cret"), line);
    assertFalse(line.includes("text/html"), line);
  }
});

Deno.test("logging() masks fields by their names in every format", async () => {
  const init = {
    target: "/s3cret?s3cret",
    headers: { "User-Agent": "s3cret" },
    remoteAddress: { transport: "unix", path: "s3cret" },
    state: { trace: { traceId: "s3cret", spanId: "b" } },
  } as const;
  const options: LoggingOptions = {
    includeQuery: true,
    redact: ["path", "remoteaddress", "useragent", "traceId", "ssn", "user"],
    fields: () => ({
      ssn: "s3cret",
      user: "s3cret",
      list: [{ deep: { SSN: "s3cret", kept: 1 } }],
    }),
  };
  const own: LoggingOptions["format"] = ({ path, userAgent, remoteAddress }) =>
    `${path} ${userAgent} ${remoteAddress}`;
  for (const format of ["text", "json", "logfmt", "combined", own] as const) {
    const line = await logLine({ ...options, format }, init);
    assertFalse(line.includes("s3cret"), line);
    assertStringIncludes(line, "[redacted]");
  }
  const { list } = await logJson(init, undefined, options);
  assertEquals(list, [{ deep: { SSN: "[redacted]", kept: 1 } }]);
});

Deno.test("logging() adds fields under names that forge none of its own", async () => {
  const cycle: Record<string, unknown> = {};
  cycle.cycle = cycle;
  const fields = () => ({
    status: 200,
    level: "info",
    tenant: "a b",
    count: 7,
    isNew: true,
    none: null,
    left: undefined,
    big: 7n,
    deep: { a: [1, "\u2028"] },
    cycle,
    "a b=c": 1,
    "": 2,
  });
  const options = { fields };
  const line = await logJson({ end: { status: 503 } }, undefined, options);
  assertEquals([line.status, line.level], [503, "error"]);
  const { tenant, count, isNew, none, big, deep, cycle: broken } = line;
  assertEquals(
    [line["fields.status"], line["fields.level"], tenant, count, isNew, none],
    [200, "info", "a b", 7, true, null],
  );
  assertEquals([big, deep, broken], [
    "7",
    { a: [1, "\u2028"] },
    "[unreadable]",
  ]);
  assertFalse("left" in line);
  assertStringIncludes(
    await logLine({ ...options, format: "logfmt" }),
    ' fields.status=200 fields.level=info tenant="a b" count=7 isNew=true none=null big=7 ' +
      String
        .raw`deep="{\"a\":[1,\"\\u2028\"]}" cycle="\"[unreadable]\"" a_b_c=1 _=2`,
  );
});
