import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import { HttpResponse } from "../../../src/http/response.ts";
import { cors, type CorsOptions } from "../../../src/middleware/cors.ts";
import { fakeRequest, run } from "./fakes.ts";

const ORIGIN = "https://example.com";

type Fields = Record<string, string>;

/** The fields that an answer has for CORS, by their names in lower case. */
function corsFields(response: HttpResponse): Fields {
  return Object.fromEntries(
    [...response.headers].filter(([name]) =>
      name === "vary" || name.startsWith("access-control-")
    ),
  );
}

async function answerTo(
  options: CorsOptions,
  headers: Fields,
  method = "GET",
  response: HttpResponse = new HttpResponse(),
): Promise<Fields> {
  const request = fakeRequest({ method, headers });
  return corsFields(await run(cors(options), request, () => response));
}

async function preflight(
  options: CorsOptions,
  headers: Fields = {},
): Promise<Fields> {
  const request = fakeRequest({
    method: "OPTIONS",
    headers: {
      "Origin": ORIGIN,
      "Access-Control-Request-Method": "PUT",
      ...headers,
    },
  });
  const response = await run(cors(options), request, () => {
    throw new Error("A preflight must not reach the handler");
  });
  assertEquals(response.status, 204);
  assertEquals(response.body, null);
  return corsFields(response);
}

async function isAllowed(
  allowOrigins: CorsOptions["allowOrigins"],
  origin: string,
): Promise<boolean> {
  const fields = await answerTo({ allowOrigins }, { Origin: origin });
  const allowed = fields["access-control-allow-origin"];
  assert(allowed === undefined || allowed === origin);
  return allowed !== undefined;
}

Deno.test("cors() answers every request alike when all origins are allowed", async () => {
  const any = { "access-control-allow-origin": "*" };
  assertEquals(await answerTo({}, {}), any);
  assertEquals(await answerTo({}, { Origin: ORIGIN }), any);
  assertEquals(await answerTo({}, { Origin: "null" }), any);
  assertEquals(await answerTo({ allowOrigins: ["*"] }, {}), any);
});

Deno.test("cors() names an allowed origin and varies on it", async () => {
  const options = { allowOrigins: ["https://a.example", ORIGIN] };
  assertEquals(await answerTo(options, { Origin: ORIGIN }), {
    "access-control-allow-origin": ORIGIN,
    "vary": "Origin",
  });
});

Deno.test("cors() only varies when the origin is another or missing", async () => {
  const options: CorsOptions = {
    allowOrigins: [ORIGIN],
    allowCredentials: true,
    exposeHeaders: ["X-Total"],
  };
  const table: Fields[] = [{}, { Origin: "https://evil.example" }];
  for (const headers of table) {
    assertEquals(await answerTo(options, headers), { vary: "Origin" });
  }
});

Deno.test("cors() runs the request of a disallowed origin", async () => {
  let ran = false;
  const request = fakeRequest({ headers: { Origin: "https://evil.example" } });
  await run(cors({ allowOrigins: [ORIGIN] }), request, () => {
    ran = true;
    return new HttpResponse();
  });
  assert(ran);
});

Deno.test("cors() compares origins exactly", async () => {
  const list = [ORIGIN, "http://localhost:8080", "chrome-extension://abc"];
  const table: [origin: string, allowed: boolean][] = [
    [ORIGIN, true],
    ["http://localhost:8080", true],
    ["chrome-extension://abc", true],
    ["http://example.com", false],
    ["https://example.com:8443", false],
    ["https://example.com/", false],
    ["https://EXAMPLE.com", false],
    ["https://example.com.evil.example", false],
    ["https://evil.example.com", false],
    ["http://localhost", false],
    ["https://example.com, https://example.com", false],
    ["null", false],
    ["", false],
  ];
  for (const [origin, allowed] of table) {
    assertEquals(await isAllowed(list, origin), allowed, origin);
  }
});

Deno.test("cors() matches a RegExp against the whole origin", async () => {
  const table: [pattern: RegExp, origin: string, allowed: boolean][] = [
    [/https:\/\/\w+\.example\.com/, "https://a.example.com", true],
    [/^https:\/\/\w+\.example\.com$/, "https://a.example.com", true],
    [/example\.com/, "https://example.com", false],
    [/https:\/\/example\.com/, "https://example.com.evil.test", false],
    [/https:\/\/a|https:\/\/ab/, "https://ab", true],
    [/https:\/\/A/i, "https://a", true],
    [/.*/, "null", false],
    [/null/, "null", false],
  ];
  for (const [pattern, origin, allowed] of table) {
    assertEquals(await isAllowed([pattern], origin), allowed, `${pattern}`);
    assertEquals(await isAllowed(pattern, origin), allowed, `${pattern}`);
  }
});

Deno.test("cors() gives the same verdict each time for a global or sticky RegExp", async () => {
  for (const flags of ["g", "y", "gy"]) {
    const middleware = cors({ allowOrigins: [new RegExp(ORIGIN, flags)] });
    for (let time = 0; time < 3; time++) {
      const request = fakeRequest({ headers: { Origin: ORIGIN } });
      const response = await run(middleware, request);
      assertEquals(response.header("access-control-allow-origin"), ORIGIN);
    }
  }
});

Deno.test("cors() allows the origin null only when it is listed", async () => {
  assert(await isAllowed(["null"], "null"));
  assertFalse(await isAllowed([ORIGIN, /.+/], "null"));
  assertFalse(await isAllowed(["null"], ORIGIN));
});

Deno.test("cors() asks a function, at once or later, with the request", async () => {
  const seen: string[] = [];
  const rules: CorsOptions["allowOrigins"][] = [
    (origin, request) => {
      seen.push(`${request.method} ${origin}`);
      return origin === ORIGIN;
    },
    (origin) => Promise.resolve(origin === ORIGIN),
  ];
  for (const rule of rules) {
    assert(await isAllowed(rule, ORIGIN));
    assertFalse(await isAllowed(rule, "https://evil.example"));
    assertFalse(await isAllowed(rule, "null"));
  }
  assertEquals(seen, [
    `GET ${ORIGIN}`,
    "GET https://evil.example",
    "GET null",
  ]);
});

Deno.test("cors() does not ask a function about a request without an origin", async () => {
  const fields = await answerTo({
    allowOrigins: () => {
      throw new Error("asked");
    },
  }, {});
  assertEquals(fields, { vary: "Origin" });
});

Deno.test("cors() allows nothing when a function returns no boolean", async () => {
  for (const verdict of [undefined, 1, "yes", Promise.resolve("yes"), {}]) {
    const rule = (() => verdict) as unknown as () => boolean;
    assertFalse(await isAllowed(rule, ORIGIN));
  }
});

Deno.test("cors() passes on what a function throws and runs nothing", async () => {
  let ran = false;
  const middleware = cors({
    allowOrigins: () => Promise.reject(new Error("no database")),
  });
  const request = fakeRequest({ headers: { Origin: ORIGIN } });
  await assertRejects(
    () =>
      run(middleware, request, () => {
        ran = true;
        return new HttpResponse();
      }),
    Error,
    "no database",
  );
  assertFalse(ran);
});

Deno.test("cors() marks answers with credentials and exposed headers", async () => {
  const options: CorsOptions = {
    allowOrigins: [ORIGIN],
    allowCredentials: true,
    exposeHeaders: ["X-Total", "ETag"],
  };
  assertEquals(await answerTo(options, { Origin: ORIGIN }), {
    "access-control-allow-origin": ORIGIN,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "X-Total, ETag",
    "vary": "Origin",
  });
});

Deno.test("cors() exposes all headers to all origins when told to", async () => {
  assertEquals(await answerTo({ exposeHeaders: "*" }, {}), {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "*",
  });
});

Deno.test("cors() merges Vary and replaces what the handler has allowed", async () => {
  const response = new HttpResponse({
    headers: {
      "Vary": "Accept-Encoding",
      "Access-Control-Allow-Origin": "*",
    },
  });
  const options = { allowOrigins: [ORIGIN] };
  assertEquals(await answerTo(options, { Origin: ORIGIN }, "GET", response), {
    "vary": "Accept-Encoding, Origin",
    "access-control-allow-origin": ORIGIN,
  });
});

Deno.test("cors() marks an error answer, sync or async", async () => {
  const nexts = [
    () => new HttpResponse({ status: 500 }),
    () => Promise.resolve(new HttpResponse({ status: 500 })),
  ];
  for (const next of nexts) {
    const request = fakeRequest({ headers: { Origin: ORIGIN } });
    const response = await run(cors({ allowOrigins: [ORIGIN] }), request, next);
    assertEquals(response.status, 500);
    assertEquals(response.header("access-control-allow-origin"), ORIGIN);
  }
});

Deno.test("cors() answers without a promise when next does", () => {
  const answer = cors({ allowOrigins: [ORIGIN] })(
    fakeRequest({ headers: { Origin: ORIGIN } }),
    () => new HttpResponse(),
  );
  assert(answer instanceof HttpResponse);
});

Deno.test("cors() answers a preflight by the defaults", async () => {
  assertEquals(
    await preflight({}, {
      "Access-Control-Request-Headers": "authorization,content-type",
    }),
    {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": "authorization, content-type",
      "vary": "Access-Control-Request-Headers",
    },
  );
});

Deno.test("cors() answers a preflight by its options", async () => {
  const options: CorsOptions = {
    allowOrigins: [ORIGIN],
    allowMethods: ["PUT", "patch"],
    allowHeaders: ["X-Token"],
    exposeHeaders: ["X-Total"],
    allowCredentials: true,
    maxAge: 600,
  };
  assertEquals(await preflight(options), {
    "access-control-allow-origin": ORIGIN,
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "PUT, patch",
    "access-control-allow-headers": "X-Token",
    "access-control-max-age": "600",
    "vary": "Origin",
  });
});

Deno.test("cors() grants a preflight of a disallowed origin nothing", async () => {
  const options: CorsOptions = {
    allowOrigins: ["https://a.example"],
    allowMethods: "*",
    maxAge: 1,
    allowPrivateNetwork: true,
  };
  assertEquals(await preflight(options), {
    vary:
      "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network",
  });
});

Deno.test("cors() repeats the asked method when any is allowed", async () => {
  const options: CorsOptions = { allowMethods: "*", allowHeaders: [] };
  assertEquals(
    await preflight(options, { "Access-Control-Request-Method": "patch" }),
    {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "patch",
      "vary": "Access-Control-Request-Method",
    },
  );
});

Deno.test("cors() repeats only names of a preflight that are tokens", async () => {
  const fields = await preflight({}, {
    "Access-Control-Request-Headers": "x-a, x b, <script>, ,\u00e9, x-c",
  });
  assertEquals(fields["access-control-allow-headers"], "x-a, x-c");
});

Deno.test("cors() sends a max age of 0", async () => {
  assertEquals((await preflight({ maxAge: 0 }))["access-control-max-age"], "0");
});

Deno.test("cors() allows a private network only when asked and told to", async () => {
  const name = "access-control-allow-private-network";
  const asked = { "Access-Control-Request-Private-Network": "true" };
  const on = { allowPrivateNetwork: true };
  assertEquals((await preflight(on, asked))[name], "true");
  assertEquals((await preflight(on))[name], undefined);
  assertEquals((await preflight({}, asked))[name], undefined);
});

Deno.test("cors() passes on an OPTIONS that is no preflight", async () => {
  const table: Fields[] = [
    {},
    { Origin: ORIGIN },
    { "Access-Control-Request-Method": "PUT" },
  ];
  for (const headers of table) {
    const request = fakeRequest({ method: "OPTIONS", headers });
    const response = await run(
      cors(),
      request,
      () => new HttpResponse({ status: 200, headers: { Allow: "GET" } }),
    );
    assertEquals(response.header("allow"), "GET");
    assertEquals(response.header("access-control-allow-methods"), null);
  }
});

Deno.test("cors() takes only OPTIONS in upper case for a preflight", async () => {
  const request = fakeRequest({
    method: "options",
    headers: { "Origin": ORIGIN, "Access-Control-Request-Method": "PUT" },
  });
  assertEquals((await run(cors(), request)).status, 200);
});
