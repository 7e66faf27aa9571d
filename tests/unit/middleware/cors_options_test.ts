import { assertThrows } from "@std/assert";
import { cors, type CorsOptions } from "../../../src/middleware/cors.ts";

const ORIGIN = "https://example.com";

Deno.test("cors() throws when the options contradict themselves or are malformed", () => {
  const table: [options: CorsOptions, message: string][] = [
    [{ allowCredentials: true }, '"*"'],
    [{ allowOrigins: "*", allowCredentials: true }, '"*"'],
    [{ allowOrigins: ["*"], allowCredentials: true }, '"*"'],
    [
      {
        allowOrigins: [ORIGIN],
        exposeHeaders: "*",
        allowCredentials: true,
      },
      'expose "*"',
    ],
    [
      { allowOrigins: ["https://example.com/"] },
      'browsers send it, "https://example.com"',
    ],
    [
      { allowOrigins: ["https://EXAMPLE.com"] },
      'browsers send it, "https://example.com"',
    ],
    [{ allowOrigins: ["http://a:80"] }, 'browsers send it, "http://a"'],
    [{ allowOrigins: ["HTTPS://a"] }, 'browsers send it, "https://a"'],
    [{ allowOrigins: ["https://*.example.com"] }, "RegExp"],
    [{ allowOrigins: ["https://"] }, "no URL"],
    [{ allowOrigins: ["example.com"] }, '"example.com"'],
    [{ allowOrigins: [""] }, '""'],
    [{ allowOrigins: ORIGIN as unknown as "*" }, `"${ORIGIN}"`],
    [{ origin: ORIGIN } as CorsOptions, '"origin"'],
    [{ allowMethods: ["put"] }, 'take "PUT"'],
    [{ allowMethods: ["A B"] }, '"A B"'],
    [{ allowHeaders: ["x:y"] }, '"x:y"'],
    [{ exposeHeaders: ["a\r\nb"] }, String.raw`"a\r\nb"`],
  ];
  for (const [options, message] of table) {
    assertThrows(() => cors(options), TypeError, message);
  }
});

Deno.test("cors() throws a RangeError when maxAge is out of bounds", () => {
  for (const maxAge of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => cors({ maxAge }), RangeError, `Cannot use ${maxAge} as`);
  }
});
