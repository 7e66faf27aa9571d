import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { HttpResponse } from "../../../src/http/response.ts";
import {
  type TraceContext,
  traceContext,
  type TraceContextOptions,
  type TraceContextState,
} from "../../../src/middleware/trace_context.ts";
import {
  parseTraceParent,
  parseTraceState,
} from "../../../src/middleware/trace_parent.ts";
import { fakeRequest, run } from "./fakes.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";
const VALID = `00-${TRACE}-${PARENT}-01`;

async function trace(
  headers: Record<string, string>,
  options?: TraceContextOptions,
): Promise<{ trace: TraceContext; response: HttpResponse }> {
  const request = fakeRequest<Partial<TraceContextState>>({ headers });
  const response = await run(traceContext(options), request);
  const { trace } = request.state;
  assert(trace !== undefined);
  return { trace, response };
}

Deno.test("parseTraceParent() reads what is valid", () => {
  const table: [value: string, sampled: boolean, random: boolean][] = [
    [VALID, true, false],
    [`00-${TRACE}-${PARENT}-00`, false, false],
    [`00-${TRACE}-${PARENT}-02`, false, true],
    [`00-${TRACE}-${PARENT}-03`, true, true],
    [`00-${TRACE}-${PARENT}-ff`, true, true],
    [`00-${TRACE}-${PARENT}-fc`, false, false],
    [`01-${TRACE}-${PARENT}-01`, true, false],
    [`cc-${TRACE}-${PARENT}-01-what the future brings`, true, false],
    [`fe-${TRACE}-${PARENT}-00-`, false, false],
  ];
  for (const [value, sampled, random] of table) {
    const expected = { traceId: TRACE, parentId: PARENT, sampled, random };
    assertEquals(parseTraceParent(value), expected, value);
  }
});

Deno.test("parseTraceParent() refuses what is malformed", () => {
  const values = [
    "",
    "00",
    `0-${TRACE}-${PARENT}-01`,
    `000-${TRACE}-${PARENT}-01`,
    `ff-${TRACE}-${PARENT}-01`,
    `0G-${TRACE}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}-01-`,
    `00-${TRACE}-${PARENT}-01-extra`,
    `00-${TRACE}-${PARENT}-1`,
    `00-${TRACE}-${PARENT}-001`,
    `01-${TRACE}-${PARENT}-01extra`,
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    `00-${TRACE}-${PARENT.toUpperCase()}-01`,
    `00-${"0".repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `00-${TRACE.slice(1)}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}0-01`,
    `00_${TRACE}_${PARENT}_01`,
    `00-${TRACE}-${PARENT}`,
    ` ${VALID}`,
    `${VALID}\n`,
    // Two lines of the field, joined.
    `${VALID}, ${VALID}`,
  ];
  for (const value of values) {
    assertEquals(parseTraceParent(value), null, JSON.stringify(value));
  }
});

Deno.test("parseTraceState() keeps members in order and drops what is malformed", () => {
  const members = (count: number) =>
    Array.from({ length: count }, (_, at) => `k${at}=v`).join(",");
  const table: [value: string, kept: string][] = [
    ["a=1,b=2", "a=1,b=2"],
    ["b=2 ,\ta=1,,", "b=2,a=1"],
    ["tenant@vendor=a b", "tenant@vendor=a b"],
    ["0a-_*/=!~", "0a-_*/=!~"],
    [members(32), members(32)],
    [members(33), ""],
    ["a=1,a=2", ""],
    ["a=", ""],
    ["=1", ""],
    ["a", ""],
    ["A=1", ""],
    ["a=1=2", ""],
    ["a=é", ""],
    ["a b=1", ""],
    [`${"k".repeat(256)}=v`, `${"k".repeat(256)}=v`],
    [`${"k".repeat(257)}=v`, ""],
    [`k=${"v".repeat(256)}`, `k=${"v".repeat(256)}`],
    [`k=${"v".repeat(257)}`, ""],
  ];
  for (const [value, kept] of table) {
    assertEquals(parseTraceState(value), kept, value);
  }
});

Deno.test("traceContext() continues a trace with a span of its own", async () => {
  const headers = { traceparent: VALID, tracestate: "a=1, b=2" };
  const { trace: first, response } = await trace(headers);
  assertEquals([first.traceId, first.parentId], [TRACE, PARENT]);
  assertEquals([first.sampled, first.traceState], [true, "a=1,b=2"]);
  assertMatch(first.spanId, /^(?!0+$)[0-9a-f]{16}$/);
  assertNotEquals(first.spanId, PARENT);
  assertEquals(first.traceparent, `00-${TRACE}-${first.spanId}-01`);
  assertEquals(first.headers, {
    traceparent: first.traceparent,
    tracestate: "a=1,b=2",
  });
  assertEquals(response.headers.size, 0);
  const { trace: second } = await trace(headers);
  assertNotEquals(second.spanId, first.spanId);
});

Deno.test("traceContext() keeps the flags that it knows, and no others", async () => {
  for (const [given, kept] of [["00", "00"], ["02", "02"], ["ff", "03"]]) {
    const { trace: { traceparent, sampled } } = await trace({
      traceparent: `00-${TRACE}-${PARENT}-${given}`,
    });
    assertEquals(traceparent.slice(-2), kept);
    assertEquals(sampled, kept === "03");
  }
});

Deno.test("traceContext() begins a trace when none came or it is malformed", async () => {
  const table: Record<string, string>[] = [
    {},
    { tracestate: "a=1" },
    { traceparent: "none", tracestate: "a=1" },
    { traceparent: `${VALID}, ${VALID}` },
  ];
  for (const headers of table) {
    const { trace: begun } = await trace(headers);
    assertMatch(begun.traceId, /^[0-9a-f]{32}$/);
    assertNotEquals(begun.traceId, TRACE);
    assertEquals([begun.parentId, begun.traceState], [null, ""]);
    assertEquals(begun.traceparent, `00-${begun.traceId}-${begun.spanId}-03`);
    assertEquals(begun.headers, { traceparent: begun.traceparent });
  }
});

Deno.test("traceContext() trusts and samples as it is told", async () => {
  const headers = { traceparent: VALID };
  const table: [TraceContextOptions, isKnown: boolean, sampled: boolean][] = [
    [{}, true, true],
    [{ trustIncoming: false }, false, true],
    [{ trustIncoming: false, sample: false }, false, false],
    [{ trustIncoming: ({ ip }) => ip === "192.0.2.1" }, true, true],
    [{ trustIncoming: () => false, sample: () => false }, false, false],
    // What the caller says counts in a trace of its own.
    [{ sample: false }, true, true],
  ];
  for (const [options, isKnown, sampled] of table) {
    const { trace: found } = await trace(headers, options);
    assertEquals([found.traceId === TRACE, found.sampled], [isKnown, sampled]);
  }
});

Deno.test("traceContext() tells of the trace in traceresponse when asked to", async () => {
  const request = fakeRequest<Partial<TraceContextState>>();
  const middleware = traceContext({ respond: true });
  for (
    const next of [() => new HttpResponse(), async () => {
      await null;
      return new HttpResponse();
    }]
  ) {
    const response = await run(middleware, request, next);
    const { trace } = request.state;
    assertEquals(response.header("traceresponse"), trace?.traceparent);
  }
});

Deno.test("traceContext() throws when an option is unknown or wrong", () => {
  for (
    const options of [{ sampled: true }, { sample: 1 }, { trustIncoming: "x" }]
  ) {
    assertThrows(() => traceContext(options as TraceContextOptions), TypeError);
  }
});
