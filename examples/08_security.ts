/**
 * A guest book that keeps forgers, strangers and floods out.
 *
 *   deno task deno run -A examples/08_security.ts
 *   and open http://127.0.0.1:8080/ in a browser; to delete, log in as
 *   "ada" with the password "lovelace"
 *
 *   curl -u ada:lovelace http://127.0.0.1:8080/admin
 *   curl -H 'Authorization: Bearer demo-token' http://127.0.0.1:8080/api/notes
 *   curl -d note=forged -H 'Origin: https://evil.example' http://127.0.0.1:8080/notes
 */
import { html, HttpServer, ok, redirect } from "@x/httpserver";
import {
  basicAuth,
  bearerAuth,
  bodyLimit,
  cors,
  csrf,
  except,
  ipFilter,
  logging,
  methodOverride,
  NONCE,
  overload,
  recover,
  requestId,
  secureHeaders,
  some,
  timeout,
  trailingSlash,
} from "@x/httpserver/middleware";
import { printUrl } from "./print_url.ts";

const notes = new Map([[1, "Hello <b>world</b>"]]);
let lastId = notes.size;

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

function page(nonce: string): string {
  const items = [...notes].map(([id, note]) =>
    `<li>${escapeHtml(note)}
    <form method="post" action="/admin/notes/${id}"><button>delete</button>
    <input type="hidden" name="_method" value="delete"></form>`
  );
  return `<!doctype html><meta charset="utf-8"><title>Guest book</title>
    <h1>Guest book</h1><ul>${items.join("")}</ul>
    <form method="post" action="/notes"><input name="note" id="note">
    <button>sign</button></form>
    <script nonce="${nonce}">document.querySelector("#note").focus()</script>`;
}

const server = new HttpServer({
  // Forms can only POST: a hidden field makes a DELETE of it, before a route
  // is chosen.
  beforeRouting: [methodOverride({ form: "_method" })],
});

// The order matters: what comes first sees the answers of all that follow.
const site = server
  .use(requestId(), logging())
  .use(overload({ maxInFlight: 1_000, maxEventLoopLagMs: 500 }))
  .use(secureHeaders({
    contentSecurityPolicy: {
      "default-src": ["'self'"],
      "script-src": [NONCE],
      "base-uri": ["'none'"],
      "frame-ancestors": ["'none'"],
    },
    permissionsPolicy: { camera: [], microphone: [], geolocation: [] },
  }))
  .use(recover({ render: () => html("<h1>Sorry</h1>", { status: 500 }) }))
  .use(trailingSlash())
  // Programs come with a token, not with a cookie: nobody can forge that.
  .use(except(["/api"], csrf()))
  .use(bodyLimit(10 * 1024), timeout(5_000));

site.get("/", (request) => html(page(request.state.cspNonce)));

site.post("/notes", async (request) => {
  const note = (await request.formData()).get("note");
  if (typeof note === "string" && note !== "" && notes.size < 1000) {
    notes.set(++lastId, note);
  }
  return redirect("/", { status: 303 });
});

// From this machine with a password, which should not stand here.
const admin = server.use(
  "/admin",
  ipFilter({ allow: ["loopback"] }),
  basicAuth({ users: { ada: "lovelace" }, realm: "guest book" }),
);
admin.get("/admin", (request) => ok(`hello ${request.state.user}`));
admin.delete("/admin/notes/:id", (request) => {
  notes.delete(Number(request.params.id));
  return redirect("/", { status: 303 });
});

// For pages of another origin, and for programs: by a token, or a password.
server.use(
  "/api",
  cors({ allowOrigins: ["https://app.example"], allowHeaders: "*" }),
  some(
    bearerAuth({ tokens: "demo-token" }),
    basicAuth({ users: { ada: "lovelace" } }),
  ),
);
server.get("/api/notes", () => ok([...notes.values()]));

await server.run({
  port: Number(Deno.env.get("PORT") ?? 8080),
  onListen: printUrl,
});
