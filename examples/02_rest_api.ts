/**
 * A JSON API for users, kept in memory, with a health check.
 *
 *   deno task deno run -A examples/02_rest_api.ts
 *   curl http://127.0.0.1:8080/api/users
 *   curl --json '{"name":"Grace"}' http://127.0.0.1:8080/api/users
 */
import {
  conflict,
  created,
  HttpError,
  HttpServer,
  noContent,
  ok,
  Router,
} from "@x/httpserver";
import { HealthCheck } from "@x/httpserver/handlers";
import { logging, requestId } from "@x/httpserver/middleware";
import { printUrl } from "./print_url.ts";

interface User {
  id: number;
  name: string;
}

const MAX_USERS = 1000;

/** What a client sends is not to be trusted: check it before it is used. */
function readName(data: unknown): string {
  const { name } = (data ?? {}) as { name?: unknown };
  if (typeof name !== "string" || name.trim() === "" || name.length > 100) {
    // Thrown anywhere, it becomes this answer, here 400 with the reason.
    throw new HttpError(400, "name must be a text of 1 to 100 characters");
  }
  return name.trim();
}

/** The routes of the API, to be mounted below a path. */
export function usersApi(): Router {
  const users = new Map<number, User>([[1, { id: 1, name: "Ada" }]]);
  let lastId = users.size;

  function find(id: string): User {
    const user = users.get(Number(id));
    if (user === undefined) throw new HttpError(404, "no such user");
    return user;
  }

  return new Router()
    .get("/", () => ok([...users.values()]))
    .get("/:id", (request) => ok(find(request.params.id)))
    .delete("/:id", (request) => {
      users.delete(find(request.params.id).id);
      return noContent();
    })
    .post("/", async (request) => {
      const name = readName(await request.json());
      const taken = [...users.values()].some((user) => user.name === name);
      if (taken) return conflict("the name is taken");
      if (users.size >= MAX_USERS) return conflict("there are too many users");
      const user = { id: ++lastId, name };
      users.set(user.id, user);
      return created(user, { location: `/api/users/${user.id}` });
    });
}

/** Answers /health for people, /health/live and /health/ready for machines. */
export function healthRoutes(): Router {
  const health = new HealthCheck();
  health.addCheck("store", () => ({ healthy: true, message: "in memory" }));
  return new Router()
    .get("/", health.handle)
    .get("/live", health.liveness)
    .get("/ready", health.readiness);
}

// Only if this file is the program, not where another one imports it.
if (import.meta.main) {
  const server = new HttpServer();
  server.use(requestId(), logging());
  server.mount("/api/users", usersApi());
  server.mount("/health", healthRoutes());
  await server.run({
    port: Number(Deno.env.get("PORT") ?? 8080),
    onListen: printUrl,
  });
}
