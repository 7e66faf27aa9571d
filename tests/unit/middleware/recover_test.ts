import { assertEquals, assertThrows } from "@std/assert";
import {
  HttpError,
  type HttpResponse,
  HttpServer,
  type LogRecord,
  ok,
  text,
} from "@x/httpserver";
import {
  recover,
  type RecoverOptions,
} from "../../../src/middleware/recover.ts";

interface Outcome {
  status: number;
  body: string;
  logged: unknown[];
}

async function ask(
  options: RecoverOptions,
  fail: () => HttpResponse | Promise<HttpResponse>,
): Promise<Outcome> {
  const logs: LogRecord[] = [];
  const server = new HttpServer({ log: (record) => void logs.push(record) });
  server.use(recover(options)).get("/", fail);
  const response = await server.inject({ headers: { accept: "text/plain" } });
  return {
    status: response.status,
    body: await response.text(),
    logged: logs.map(({ error }) => error),
  };
}

const BUG = new Error("a bug");

function fails(error: unknown): (() => Promise<HttpResponse>)[] {
  return [
    () => {
      throw error;
    },
    () => Promise.reject(error),
  ];
}

Deno.test("recover() renders what nobody expected and leaves it in the log", async () => {
  const renders: RecoverOptions["render"][] = [
    (error, request) => text(`${request.path} ${error}`, { status: 500 }),
    (error, request) =>
      Promise.resolve(text(`${request.path} ${error}`, { status: 500 })),
    (error, request) =>
      new Response(`${request.path} ${error}`, { status: 500 }),
  ];
  for (const render of renders) {
    for (const fail of fails(BUG)) {
      assertEquals(await ask({ render }, fail), {
        status: 500,
        body: "/ Error: a bug",
        logged: [BUG],
      });
    }
  }
});

Deno.test("recover() catches whatever was thrown", async () => {
  for (const thrown of ["text", 7, null, { a: 1 }]) {
    const seen: unknown[] = [];
    const render = (error: unknown) => {
      seen.push(error);
      return text("sorry", { status: 500 });
    };
    for (const fail of fails(thrown)) {
      assertEquals((await ask({ render }, fail)).body, "sorry");
    }
    assertEquals(seen, [thrown, thrown]);
  }
});

Deno.test("recover() leaves an HttpError and any other answer alone", async () => {
  const options = {
    render: () => text("rendered", { status: 500 }),
    report: () => {
      throw new Error("must not be told");
    },
  };
  for (const fail of fails(new HttpError(404, "no such user"))) {
    const { status, body } = await ask(options, fail);
    assertEquals([status, body], [404, "404 Not Found: no such user\n"]);
  }
  for (const fail of fails(new HttpError(503))) {
    assertEquals((await ask(options, fail)).status, 503);
  }
  assertEquals((await ask(options, () => ok("fine"))).body, "fine");
});

Deno.test("recover() answers as without it when rendering fails", async () => {
  const table: [render: RecoverOptions["render"], why: string[]][] = [
    [() => {
      throw new Error("no template");
    }, ["Error: no template"]],
    [
      () => Promise.reject(new Error("no template")),
      ["Error: no template"],
    ],
    [() => "a page" as unknown as HttpResponse, [
      'TypeError: Cannot answer with "a page" that "render" of recover gave: ' +
      "return an HttpResponse or a Response",
    ]],
    [undefined, []],
  ];
  for (const [render, why] of table) {
    const { status, body, logged } = await ask({ render }, fails(BUG)[0]);
    assertEquals(status, 500, `${render}`);
    assertEquals(body, "500 Internal Server Error\n");
    assertEquals(logged.map(String), [...why, "Error: a bug"]);
  }
});

Deno.test("recover() tells a tracker and waits for none", async () => {
  const seen: unknown[] = [];
  const reports: RecoverOptions["report"][] = [
    (error) => seen.push(error),
    (error) => {
      seen.push(error);
      throw new Error("no network");
    },
    (error) => {
      seen.push(error);
      return Promise.reject(new Error("no network"));
    },
    (error) => {
      seen.push(error);
      return new Promise(() => {});
    },
  ];
  for (const report of reports) {
    assertEquals((await ask({ report }, fails(BUG)[1])).status, 500);
  }
  assertEquals(seen, [BUG, BUG, BUG, BUG]);
});

Deno.test("recover() does not change an answer that is kept for others", async () => {
  const page = text("sorry", { status: 500 });
  const render = () => page;
  for (let time = 0; time < 2; time++) {
    assertEquals((await ask({ render }, fails(BUG)[0])).logged, [BUG]);
  }
  assertEquals(page.error, undefined);
});

Deno.test("recover() throws for options that are none", () => {
  const table: [options: unknown, message: string][] = [
    [{ render: "page" }, '"page"'],
    [{ report: 7 }, "7"],
    [{ onError: () => {} }, '"onError"'],
  ];
  for (const [options, message] of table) {
    assertThrows(() => recover(options as RecoverOptions), TypeError, message);
  }
});
