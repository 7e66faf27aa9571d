/**
 * A login form, a signed cookie, and pages in the client's language.
 *
 *   deno task deno run -A examples/12_cookies.ts
 *   and open http://127.0.0.1:8080/ in a browser; any name will do
 */
import {
  html,
  HttpError,
  HttpServer,
  redirect,
  ResponseBuilder,
  SignedCookies,
} from "@x/httpserver";
import { csrf } from "@x/httpserver/middleware";
import { printUrl } from "./print_url.ts";

const GREETINGS = { en: "Hello", de: "Hallo" };

// The first key signs; any others are old ones that are still valid. Real keys
// come from the environment: with these a restart logs everybody out.
const cookies = new SignedCookies({
  keys: [crypto.getRandomValues(new Uint8Array(32))],
});

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** The cookie of a login; without an age it ends with the browser. */
function loginCookie(user: string, maxAge?: number): Promise<string> {
  return cookies.format({
    name: "user",
    value: encodeURIComponent(user), // only some characters may be in a cookie
    path: "/",
    httpOnly: true, // no script reads it
    sameSite: "Lax", // over HTTPS also `secure: true`, and `__Host-` in the name
    maxAge,
  });
}

const server = new HttpServer().use(csrf());

server.get("/", async (request) => {
  // `null` too for a cookie that somebody has changed.
  const cookie = await cookies.read(request, "user");
  if (cookie === null) {
    return html(`<form method="post" action="/login">
      <input name="user"><button>log in</button></form>`);
  }
  const language = request.acceptsLanguages("en", "de") === "de" ? "de" : "en";
  const user = escapeHtml(decodeURIComponent(cookie.value));
  return html(`${GREETINGS[language]} ${user}
    <form method="post" action="/logout"><button>log out</button></form>`);
});

server.post("/login", async (request) => {
  const { user } = await request.form({ fields: 10 });
  if (typeof user !== "string" || user === "") {
    throw new HttpError(400, "a name is needed");
  }
  return new ResponseBuilder().status(303).header("Location", "/")
    .append("Set-Cookie", await loginCookie(user)).build();
});

server.post("/logout", async () => {
  const response = redirect("/", { status: 303 });
  response.headers.append("Set-Cookie", await loginCookie("", 0));
  return response;
});

await server.run({
  port: Number(Deno.env.get("PORT") ?? 8080),
  onListen: printUrl,
});
