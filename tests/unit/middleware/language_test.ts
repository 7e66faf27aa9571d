import { assertEquals, assertThrows } from "@std/assert";
import { HttpResponse, HttpServer, ok } from "@x/httpserver";
import {
  language,
  type LanguageOptions,
} from "../../../src/middleware/language.ts";
import { assertType, type Same } from "../../support/types.ts";

const SUPPORTED = ["en", "de", "pt-BR", "zh-Hant"] as const;

interface Asked {
  header?: string;
  path?: string;
  cookie?: string;
}

async function ask(
  options: Partial<LanguageOptions<typeof SUPPORTED[number]>>,
  { header, path = "/", cookie }: Asked,
): Promise<[language: string, vary: string | null]> {
  const server = new HttpServer();
  server.use(language({ supported: SUPPORTED, ...options }))
    .get("/", (request) => ok(request.state.language));
  const headers: Record<string, string> = {};
  if (header !== undefined) headers["accept-language"] = header;
  if (cookie !== undefined) headers["cookie"] = cookie;
  const response = await server.inject({ path, headers });
  const chosen = await response.text();
  assertEquals(response.header("content-language"), chosen);
  return [chosen, response.header("vary")];
}

Deno.test("language() looks up what Accept-Language likes best", async () => {
  const table: [header: string | undefined, language: string][] = [
    [undefined, "en"],
    ["", "en"],
    ["de", "de"],
    ["DE-ch", "de"],
    ["fr, de;q=0.5", "de"],
    ["en;q=0.1, pt-BR", "pt-BR"],
    ["pt", "pt-BR"],
    ["zh-Hant-TW", "zh-Hant"],
    ["zh-Hans", "en"],
    ["fr", "en"],
    ["*", "en"],
    ["en;q=0, *", "de"],
    ["nonsense!!", "en"],
    ["de;q=2", "en"],
  ];
  for (const [header, expected] of table) {
    assertEquals(
      await ask({}, { header }),
      [expected, "Accept-Language"],
      header,
    );
  }
});

Deno.test("language() falls back to its default", async () => {
  const options = { default: "de" } as const;
  for (const header of [undefined, "fr", "*", ""]) {
    assertEquals((await ask(options, { header }))[0], "de", header);
  }
  assertEquals((await ask(options, { header: "en" }))[0], "en");
});

Deno.test("language() takes the query before the cookie before the header", async () => {
  const options = { query: "lang", cookie: "language" };
  const both = "Cookie, Accept-Language";
  const table: [asked: Asked, language: string, vary: string | null][] = [
    [{ path: "/?lang=de", cookie: "language=en", header: "pt" }, "de", null],
    [{ path: "/?lang=de-AT" }, "de", null],
    [{ path: "/?lang=fr", header: "de" }, "de", both],
    [{ path: "/?lang=", header: "de" }, "de", both],
    [{ path: "/?lang=*", header: "de" }, "de", both],
    [{ path: "/?lang=fr,de;q=1", header: "pt" }, "pt-BR", both],
    [{ path: "/?lang=en&lang=de" }, "en", null],
    [{ cookie: "language=pt-BR", header: "de" }, "pt-BR", "Cookie"],
    [{ cookie: "language=xx", header: "de" }, "de", both],
    [{ cookie: "other=de" }, "en", both],
    [{ path: "/?LANG=de" }, "en", both],
    [{ path: `/?lang=${"a-".repeat(5000)}a`, header: "de" }, "de", both],
  ];
  for (const [asked, expected, vary] of table) {
    assertEquals(
      await ask(options, asked),
      [expected, vary],
      JSON.stringify(asked).slice(0, 80),
    );
  }
});

Deno.test("language() does not look at a query and a cookie that nobody named", async () => {
  const asked = { path: "/?lang=de", cookie: "lang=de" };
  assertEquals(await ask({}, asked), ["en", "Accept-Language"]);
});

Deno.test("language() keeps what the handler has set and adds to its Vary", async () => {
  const server = new HttpServer();
  server.use(language({ supported: ["en", "de"] })).get(
    "/",
    async () =>
      await Promise.resolve(
        new HttpResponse({
          headers: { "Content-Language": "de, en", "Vary": "Accept" },
        }),
      ),
  );
  const response = await server.inject({});
  assertEquals(response.header("content-language"), "de, en");
  assertEquals(response.header("vary"), "Accept, Accept-Language");
});

Deno.test("language() types the language as one of those supported", () => {
  const server = new HttpServer();
  server.use(language({ supported: ["en", "de"] })).get("/", ({ state }) => {
    assertType<Same<typeof state.language, "en" | "de">>();
    return ok();
  });
});

Deno.test("language() throws for options that are none", () => {
  const table: [options: unknown, message: string][] = [
    [{ supported: [] }, "list of language tags"],
    [{ supported: "en" }, "list of language tags"],
    [{ supported: ["en", "d e"] }, '"d e"'],
    [{ supported: ["en_US"] }, '"en_US"'],
    [{ supported: ["*"] }, '"*"'],
    [{ supported: ["en"], default: "de" }, '"de"'],
    [{ supported: ["en"], query: "" }, '"query"'],
    [{ supported: ["en"], cookie: 7 }, '"cookie"'],
    [{ supported: ["en"], header: false }, '"header"'],
  ];
  for (const [options, message] of table) {
    assertThrows(
      () => language(options as LanguageOptions),
      TypeError,
      message,
    );
  }
});
