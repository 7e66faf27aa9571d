import { assertEquals } from "@std/assert";
import type { RequestEnd } from "../../../../src/http/request_end.ts";
import { EndReports } from "../../../../src/server/connection/end_reports.ts";
import { fakeRequest } from "../../middleware/fakes.ts";

/** Reports of a connection whose bytes a test counts. */
function connection() {
  const output = { sent: 0, end: 0 };
  const failures: unknown[] = [];
  const told: [name: string, end: RequestEnd][] = [];
  const reports = new EndReports(
    output,
    { status: 200, contentWithin: (sent) => sent % 100 },
    (error) => failures.push(error),
  );
  const request = (name: string, listener?: () => void) => {
    const request = fakeRequest();
    request.onEnd(listener ?? ((end) => told.push([name, end])));
    return request;
  };
  return { output, failures, told, reports, request };
}

Deno.test("EndReports waits until the bytes of an answer have left", () => {
  const { output, told, reports, request } = connection();
  output.end = 110;
  reports.note(request("a"), true, true);
  output.end = 220;
  reports.note(request("b"), true, true);
  reports.report();
  assertEquals(told, []);
  output.sent = 219;
  reports.report();
  assertEquals(told.map(([name]) => name), ["a"]);
  output.sent = 220;
  reports.report();
  reports.report();
  const end = { status: 200, isComplete: true, error: undefined };
  assertEquals(told, [["a", { ...end, bytes: 10 }], ["b", {
    ...end,
    bytes: 20,
  }]]);
});

Deno.test("EndReports tells what was sent of an answer that did not leave", () => {
  const { output, told, reports, request } = connection();
  output.end = 150;
  reports.note(request("half"), true, true);
  output.end = 180;
  reports.note(request("none"), true, true);
  reports.note(request("unbegun"), false, false);
  output.sent = 120;
  reports.reportAll();
  assertEquals(
    told.map(([name, { status, bytes, isComplete }]) => [
      name,
      status,
      bytes,
      isComplete,
    ]),
    [["half", 200, 20, false], ["none", 200, 20, false], [
      "unbegun",
      null,
      0,
      false,
    ]],
  );
});

Deno.test("EndReports tells of a request once, and its failure with no other", () => {
  const { told, reports, request } = connection();
  const bug = new Error("bug");
  const failed = request("failed");
  reports.failure = bug;
  reports.note(failed, true, false);
  reports.note(failed, true, true);
  reports.note(request("next"), true, true);
  reports.report();
  assertEquals(told.map(([name, { error }]) => [name, error]), [
    ["failed", bug],
    ["next", undefined],
  ]);
});

Deno.test("EndReports goes on when a listener throws or notes another request", () => {
  const { told, failures, reports, request } = connection();
  const bug = new Error("bug");
  const throwing = request("throws", () => {
    throw bug;
  });
  const noting = request("notes", () => {
    reports.note(request("noted"), true, true);
  });
  for (const one of [throwing, noting, request("last")]) {
    reports.note(one, true, true);
  }
  reports.report();
  assertEquals(failures, [bug]);
  assertEquals(told.map(([name]) => name), ["last"]);
  reports.report();
  assertEquals(told.map(([name]) => name), ["last", "noted"]);
});
