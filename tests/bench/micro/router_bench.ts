// What routing costs a request: finding the route, its parameters, middleware.
// Run: deno task deno bench tests/bench/micro/router_bench.ts
import { RegExpRouter } from "hono/router/reg-exp-router";
import { SmartRouter } from "hono/router/smart-router";
import { TrieRouter } from "hono/router/trie-router";
import type { HttpRequest } from "../../../src/http/request.ts";
import { HttpResponse } from "../../../src/http/response.ts";
import { type Middleware, Router } from "../../../src/routing/mod.ts";
import { makeRequest } from "../../unit/routing/make_request.ts";

const RESPONSE = new HttpResponse({ body: "x" });
const BATCH = 1000;

function answer(): HttpResponse {
  return RESPONSE;
}

function pass(): Middleware {
  return function pass(_request, next) {
    return next();
  };
}

function makeRouter(count: number): Router {
  const router = new Router();
  for (let at = 0; at < count / 2; at++) {
    router.get(`/resource${at}/list`, answer);
    router.get(`/resource${at}/:id`, answer);
  }
  return router;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

// A flat text that nobody has hashed yet, as a socket gives it.
function fresh(text: string): string {
  return decoder.decode(encoder.encode(text));
}

function requests(count: number, tail: (at: number) => string): HttpRequest[] {
  return Array.from({ length: BATCH }, (_, at) => {
    const resource = (at * 7919) % (count / 2);
    return makeRequest("GET", fresh(`/resource${resource}/${tail(at)}`));
  });
}

function bench(
  name: string,
  router: Router,
  makeBatch: () => HttpRequest[],
): void {
  Deno.bench(`${name} (x ${BATCH})`, (context) => {
    const batch = makeBatch();
    context.start();
    for (const request of batch) router.handle(request);
    context.end();
  });
}

for (const count of [10, 50, 10_000]) {
  const router = makeRouter(count);
  bench(`static, ${count} routes`, router, () => requests(count, () => "list"));
  bench(
    `1 param, ${count} routes`,
    router,
    () => requests(count, (at) => `${at}`),
  );
}
const fifty = makeRouter(50);
bench(
  "1 param, escaped, 50 routes",
  fifty,
  () => requests(50, (at) => `%20${at}`),
);
bench("404, 50 routes", fifty, () => requests(50, (at) => `x/${at}`));

const layered = makeRouter(50);
for (let at = 0; at < 3; at++) layered.use(pass());
bench(
  "1 param, 3 middleware, 50 routes",
  layered,
  () => requests(50, (at) => `${at}`),
);

Deno.bench("register and compile 10,000 routes", () => {
  makeRouter(10_000).handle(makeRequest("GET", "/"));
});

// Only the search, on the same paths: what Hono's usual router does of it.
const PATHS = Array.from(
  { length: BATCH },
  (_, at) => fresh(`/resource${at % 25}/${at}`),
);
const hono = new SmartRouter<number>({
  routers: [new RegExpRouter(), new TrieRouter()],
});
for (let at = 0; at < 25; at++) {
  hono.add("GET", `/resource${at}/list`, at);
  hono.add("GET", `/resource${at}/:id`, at);
}
Deno.bench(`Hono's SmartRouter, 1 param, 50 routes (x ${BATCH})`, () => {
  for (const path of PATHS) hono.match("GET", path);
});
