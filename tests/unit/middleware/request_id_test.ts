import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { HttpResponse } from "../../../src/http/response.ts";
import {
  requestId,
  type RequestIdOptions,
  type RequestIdState,
} from "../../../src/middleware/request_id.ts";
import { fakeRequest, run } from "./fakes.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function incoming(id: string, header = "X-Request-Id") {
  return fakeRequest<Partial<RequestIdState>>({ headers: { [header]: id } });
}

Deno.test("requestId() makes an id when none came", async () => {
  const request = fakeRequest<Partial<RequestIdState>>();
  let seen = "";
  const response = await run(requestId(), request, () => {
    seen = request.id;
    return new HttpResponse();
  });
  assertMatch(seen, UUID);
  assertEquals(request.state.requestId, seen);
  assertEquals(response.header("x-request-id"), seen);
});

Deno.test("requestId() makes another id for each request", async () => {
  const first = await run(requestId(), fakeRequest());
  const second = await run(requestId(), fakeRequest());
  assertNotEquals(
    first.header("x-request-id"),
    second.header("x-request-id"),
  );
});

Deno.test("requestId() keeps an id that is well formed", async () => {
  for (const id of ["a", "0", "aZ09._~-", "x".repeat(128)]) {
    const request = incoming(id);
    const response = await run(requestId(), request);
    assertEquals(request.id, id);
    assertEquals(request.state.requestId, id);
    assertEquals(response.header("x-request-id"), id);
  }
});

Deno.test("requestId() replaces an id that is not well formed", async () => {
  const ids = [
    "",
    "x".repeat(129),
    "a b",
    "a\tb",
    "a, b",
    "a/../b",
    'a"b',
    "a%0ab",
    "\x1b[31m",
    "a\x9bb",
    "a\n",
    "é",
    "a{b}",
    "$(id)",
  ];
  for (const id of ids) {
    const request = incoming(id);
    const response = await run(requestId(), request);
    assertMatch(request.id, UUID, JSON.stringify(id));
    assertEquals(response.header("x-request-id"), request.id);
  }
});

Deno.test("requestId() ignores an id that came when trustIncoming is off", async () => {
  const request = incoming("abc");
  await run(requestId({ trustIncoming: false }), request);
  assertMatch(request.id, UUID);
});

Deno.test("requestId() reads and sets the header of the options", async () => {
  const request = incoming("abc", "Trace");
  const response = await run(requestId({ header: "trace" }), request);
  assertEquals(response.header("trace"), "abc");
  assertEquals(response.header("x-request-id"), null);
});

Deno.test("requestId() takes ids from the generator with the request", async () => {
  const middleware = requestId({
    generator: (request) => `${request.method}-1`,
  });
  const request = fakeRequest<Partial<RequestIdState>>({ method: "PUT" });
  const response = await run(middleware, request);
  assertEquals(response.header("x-request-id"), "PUT-1");
});

Deno.test("requestId() refuses a generated id of another form before the handler runs", async () => {
  let ran = false;
  const middleware = requestId({ generator: () => "a\r\nb" });
  await assertRejects(
    async () => {
      await run(middleware, fakeRequest(), () => {
        ran = true;
        return new HttpResponse();
      });
    },
    TypeError,
    String.raw`"a\r\nb"`,
  );
  assert(!ran);
});

Deno.test("requestId() sets the header in place of the answer's own, sync and async", async () => {
  const answer = () => new HttpResponse({ headers: { "X-Request-Id": "own" } });
  for (const next of [answer, () => Promise.resolve(answer())]) {
    const response = await run(requestId(), incoming("abc"), next);
    assertEquals(response.headers.getAll("x-request-id"), ["abc"]);
  }
});

Deno.test("requestId() answers without a promise when next does", () => {
  const answer = requestId()(fakeRequest(), () => new HttpResponse());
  assert(answer instanceof HttpResponse);
});

Deno.test("requestId() marks an error answer too", async () => {
  const response = await run(
    requestId(),
    incoming("abc"),
    () => new HttpResponse({ status: 500 }),
  );
  assertEquals(response.header("x-request-id"), "abc");
});

Deno.test("requestId() throws when the header is not a token", () => {
  for (const header of ["", "a b", "a:b", "a\n"]) {
    assertThrows(
      () => requestId({ header }),
      TypeError,
      JSON.stringify(header),
    );
  }
});

Deno.test("requestId() trusts the clients that a function accepts", async () => {
  for (const address of ["192.0.2.1", "192.0.2.2"]) {
    const trustIncoming = ({ ip }: { ip: string }) => ip === address;
    const request = incoming("abc");
    await run(requestId({ trustIncoming }), request);
    assertEquals(request.id === "abc", address === "192.0.2.1");
  }
});

Deno.test("requestId() throws when an option is unknown or wrong", () => {
  for (const options of [{ trustIncoming: "yes" }, { name: "x-id" }]) {
    assertThrows(
      () => requestId(options as unknown as RequestIdOptions),
      TypeError,
    );
  }
});
