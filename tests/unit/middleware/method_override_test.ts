import { assertEquals, assertThrows } from "@std/assert";
import { HttpServer, ok } from "@x/httpserver";
import { csrf } from "../../../src/middleware/csrf.ts";
import {
  methodOverride,
  type MethodOverrideOptions,
} from "../../../src/middleware/method_override.ts";

const FORM = "application/x-www-form-urlencoded";

/** Answers each method by its name and the content it read. */
function site(options?: MethodOverrideOptions): HttpServer {
  const server = new HttpServer({ beforeRouting: [methodOverride(options)] });
  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
    server.on(
      method,
      "/",
      async (request) =>
        ok(`${method} ${request.method} ${await request.text()}`),
    );
  }
  return server;
}

interface Asked {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

async function ask(server: HttpServer, asked: Asked): Promise<string> {
  const response = await server.inject({ method: "POST", ...asked });
  return response.status === 200 ? await response.text() : `${response.status}`;
}

Deno.test("methodOverride() routes a POST by the method that its header names", async () => {
  const table: [name: string, answer: string][] = [
    ["PUT", "PUT PUT "],
    ["patch", "PATCH PATCH "],
    ["Delete", "DELETE DELETE "],
    ["POST", "POST POST "],
    ["GET", "400"],
    ["HEAD", "400"],
    ["CONNECT", "400"],
    ["OPTIONS", "400"],
    ["PUT, DELETE", "400"],
    ["", "POST POST "],
  ];
  const server = site();
  for (const [name, answer] of table) {
    const headers = { "x-http-method-override": name };
    assertEquals(await ask(server, { headers }), answer, name);
  }
});

Deno.test("methodOverride() changes nothing but a POST", async () => {
  const server = site({ query: "_method" });
  for (const method of ["GET", "PUT", "DELETE"]) {
    const headers = { "x-http-method-override": "PATCH" };
    const path = "/?_method=PATCH";
    const answer = `${method} ${method} `;
    assertEquals(await ask(server, { method, headers, path }), answer);
  }
});

Deno.test("methodOverride() reads the query and the form only if told to", async () => {
  const path = "/?_method=PUT";
  const form = { headers: { "content-type": FORM }, body: "_method=DELETE" };
  assertEquals(await ask(site(), { path }), "POST POST ");
  assertEquals(await ask(site(), form), "POST POST _method=DELETE");
  assertEquals(await ask(site({ query: "_method" }), { path }), "PUT PUT ");
  assertEquals(
    await ask(site({ form: "_method" }), form),
    "DELETE DELETE _method=DELETE",
  );
  const headers = { "x-http-method-override": "PUT" };
  const none = site({ header: false });
  assertEquals(await ask(none, { headers }), "POST POST ");
});

Deno.test("methodOverride() takes the header before the query before the form", async () => {
  const server = site({ query: "q", form: "f" });
  const form = { "content-type": FORM };
  const headers = { ...form, "x-http-method-override": "PATCH" };
  const body = "f=DELETE";
  const path = "/?q=PUT";
  assertEquals(
    await ask(server, { headers, path, body }),
    `PATCH PATCH ${body}`,
  );
  assertEquals(
    await ask(server, { headers: form, path, body }),
    `PUT PUT ${body}`,
  );
  assertEquals(
    await ask(server, { headers: form, body }),
    `DELETE DELETE ${body}`,
  );
});

Deno.test("methodOverride() leaves the whole form to the handler", async () => {
  const server = new HttpServer({
    beforeRouting: [methodOverride({ form: "_method" })],
  });
  server.put("/", async (request) => {
    const form = await request.formData();
    return ok({ name: form.get("name"), used: request.bodyUsed });
  });
  const response = await server.inject({
    method: "POST",
    headers: { "content-type": `${FORM}; charset=UTF-8` },
    body: "name=Ada&_method=put",
  });
  assertEquals(await response.json(), { name: "Ada", used: true });
});

Deno.test("methodOverride() does not look into what is no short urlencoded form", async () => {
  const server = site({ form: "_method" });
  const field = "_method=PUT";
  const long = `${field}&a=${"a".repeat(70_000)}`;
  const stream = new Blob([field]).stream();
  const table: [headers: Record<string, string>, body: unknown][] = [
    [{ "content-type": "text/plain" }, field],
    [{ "content-type": "multipart/form-data; boundary=a" }, field],
    [{ "content-type": FORM, "content-encoding": "gzip" }, field],
    [{ "content-type": FORM }, long],
    [{ "content-type": FORM }, stream],
  ];
  for (const [headers, body] of table) {
    const answer = await ask(server, { headers, body });
    assertEquals(answer.slice(0, 16), `POST POST ${field}`.slice(0, 16));
  }
  const upper = { "content-type": FORM.toUpperCase() };
  assertEquals(
    await ask(server, { headers: upper, body: field }),
    `PUT PUT ${field}`,
  );
});

Deno.test("methodOverride() allows a route its own, lower limit on the form", async () => {
  const server = new HttpServer({
    beforeRouting: [methodOverride({ form: "_method" })],
  });
  server.put(
    "/",
    { bodyBytes: 5 },
    async (request) => ok(await request.text()),
  );
  const headers = { "content-type": FORM };
  assertEquals(await ask(server, { headers, body: "_method=PUT" }), "413");
});

Deno.test("methodOverride() opens no way around csrf()", async () => {
  const server = new HttpServer({ beforeRouting: [methodOverride()] });
  server.use(csrf()).delete("/", () => ok("gone"));
  const headers = {
    "x-http-method-override": "DELETE",
    "origin": "https://evil.example",
  };
  assertEquals(await ask(server, { headers }), "403");
});

Deno.test("methodOverride() works by the web entry", async () => {
  const response = await site({ form: "_method" }).fetch(
    new Request("http://localhost/", {
      method: "POST",
      body: new URLSearchParams({ _method: "delete" }),
      headers: { "content-length": "14" },
    }),
  );
  assertEquals(await response.text(), "DELETE DELETE _method=delete");
});

Deno.test("methodOverride() throws for options that are none", () => {
  const table: [options: unknown, message: string][] = [
    [{ methods: ["GET"] }, '"GET"'],
    [{ methods: ["CONNECT"] }, '"CONNECT"'],
    [{ methods: "PUT" }, "take a list"],
    [{ header: "a b" }, '"a b"'],
    [{ header: true }, '"header"'],
    [{ query: "" }, '"query"'],
    [{ form: 7 }, '"form"'],
    [{ field: "a" }, '"field"'],
  ];
  for (const [options, message] of table) {
    assertThrows(
      () => methodOverride(options as MethodOverrideOptions),
      TypeError,
      message,
    );
  }
});
