/**
 * Runs the notes: everything that an installation decides comes from the
 * environment.
 *
 *   deno task deno run -A examples/10_notes/main.ts
 *   and open http://127.0.0.1:8080/ in a browser
 *
 * | variable | what it is | without it |
 * | --- | --- | --- |
 * | `HOST`, `PORT` | where to listen | 127.0.0.1, 8080 |
 * | `NOTES_DATABASE` | the SQLite file | `notes.db` in the current directory |
 * | `NOTES_KEYS` | what signs cookies: 32 characters or more, several with commas between, the newest first | a secret in the database |
 * | `TRUSTED_PROXIES` | addresses and networks, with commas between | none |
 * | `LOG_FORMAT` | `text`, `json`, `logfmt` or `combined` | `text` |
 */
import type { LogFormat } from "@x/httpserver/middleware";
import { printUrl } from "../print_url.ts";
import { createApp } from "./app.ts";

function list(name: string): string[] | undefined {
  return Deno.env.get(name)?.split(",").map((one) => one.trim());
}

const server = createApp({
  database: Deno.env.get("NOTES_DATABASE") ?? "notes.db",
  sessionKeys: list("NOTES_KEYS"),
  trustedProxies: list("TRUSTED_PROXIES"),
  // What it is not made for, it refuses itself.
  logFormat: Deno.env.get("LOG_FORMAT") as LogFormat | undefined,
});

await server.run({
  hostname: Deno.env.get("HOST") ?? "127.0.0.1",
  port: Number(Deno.env.get("PORT") ?? 8080),
  onListen: printUrl,
});
