/** Every example runs, and answers what its comments say. */
import {
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { walk } from "@std/fs/walk";
import { join, relative } from "@std/path";
import { type Program, ROOT, startServer } from "../support/program.ts";

const ON_FREE_PORT = { env: { PORT: "0" } };

function example(name: string): Promise<Program> {
  return startServer(`examples/${name}`, [], ON_FREE_PORT);
}

/** Status, media type and content of an answer. */
async function ask(
  url: string,
  init?: RequestInit,
): Promise<{ status: number; type: string | null; body: string }> {
  const response = await fetch(url, init);
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    body: await response.text(),
  };
}

async function askJson(url: string, init?: RequestInit): Promise<unknown> {
  const { status, body } = await ask(url, init);
  return [status, JSON.parse(body)];
}

Deno.test("01_hello.ts says hello", async () => {
  await using program = await example("01_hello.ts");
  const url = await program.url();
  const type = "text/plain; charset=utf-8";
  assertEquals(await ask(`${url}/`), {
    status: 200,
    type,
    body: "Hello World\n",
  });
  assertEquals((await ask(`${url}/hello/Ada%20L`)).body, "Hello Ada L\n");
});

/** Adds, reads and removes users through the API. */
async function checkUsersApi(url: string): Promise<void> {
  const users = `${url}/api/users`;
  const post = (body: string) => ({ method: "POST", body });
  const ada = { id: 1, name: "Ada" };
  assertEquals(await askJson(users), [200, [ada]]);
  assertEquals(await askJson(`${users}/1`), [200, ada]);

  const created = await fetch(users, post('{"name":" Grace "}'));
  const grace = { id: 2, name: "Grace" };
  assertEquals(created.status, 201);
  assertEquals(created.headers.get("location"), "/api/users/2");
  assertEquals(await created.json(), grace);
  assertEquals(await askJson(`${users}/2`), [200, grace]);

  assertEquals((await ask(users, post('{"name":"Grace"}'))).status, 409);
  for (const body of ["{", "null", "{}", '{"name":7}', '{"name":" "}']) {
    const { status, type } = await ask(users, post(body));
    assertEquals([status, type], [400, "application/problem+json"], body);
  }
  const remove = { method: "DELETE" };
  assertEquals((await ask(`${users}/2`, remove)).status, 204);
  assertEquals((await ask(`${users}/2`, remove)).status, 404);
  assertEquals(await askJson(`${users}/none`), [404, {
    type: "about:blank",
    title: "Not Found",
    status: 404,
    detail: "no such user",
  }]);
  const put = await fetch(users, { method: "PUT" });
  await put.body?.cancel();
  assertEquals(put.status, 405);
  assertEquals(put.headers.get("allow"), "GET, HEAD, POST, OPTIONS");
}

async function checkHealth(url: string): Promise<void> {
  for (const path of ["/health", "/health/live", "/health/ready"]) {
    assertEquals((await ask(url + path)).status, 200, path);
  }
}

/** Fetches the page and all that it needs. */
async function checkSite(url: string): Promise<void> {
  const page = await ask(`${url}/`);
  assertEquals([page.status, page.type], [200, "text/html; charset=utf-8"]);
  const links = [...page.body.matchAll(/(?:src|href)="(\/[^"]+)"/g)]
    .map(([, path]) => path).filter((path) => path !== "/no-such-page");
  assertEquals(links.length, 5);
  for (const path of links) {
    const { status, type, body } = await ask(url + path);
    assertEquals(status, 200, path);
    assertNotEquals([type, body], [page.type, page.body], path);
  }
  const { type } = await ask(`${url}/images/logo.svg`);
  assertEquals(type, "image/svg+xml");
  assertEquals((await ask(`${url}/no-such-page`)).status, 404);
}

Deno.test("02_rest_api.ts keeps users", async () => {
  await using program = await example("02_rest_api.ts");
  const url = await program.url();
  await checkUsersApi(url);
  await checkHealth(url);
});

Deno.test("03_static_site.ts serves a page and what it needs", async () => {
  await using program = await example("03_static_site.ts");
  const url = await program.url();
  await checkSite(url);
  const response = await fetch(`${url}/style.css`);
  assertMatch(await response.text(), /color-scheme/);
  assertEquals(response.headers.get("cache-control"), "public, max-age=60");
  await checkUsersApi(url);
});

Deno.test("start.ts serves all of it on 127.0.0.1", async () => {
  await using program = await example("start.ts");
  const url = await program.url();
  assertMatch(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  await checkSite(url);
  await checkUsersApi(url);
  await checkHealth(url);
  const response = await fetch(`${url}/`);
  await response.body?.cancel();
  assertMatch(response.headers.get("x-request-id") ?? "", /^\S{8,}$/);
});

Deno.test({
  name: "01_hello.ts ends on SIGTERM with code 0",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using program = await example("01_hello.ts");
    await program.url();
    program.kill("SIGTERM");
    const { code, stderr } = await program.ended();
    assertEquals([code, stderr], [0, ""]);
  },
});

Deno.test("every example is tested here or in deploy_test.ts", async () => {
  const sources = await Promise.all(
    ["examples_test.ts", "deploy_test.ts"].map((name) =>
      Deno.readTextFile(join(ROOT, "tests/integration", name))
    ),
  );
  const tests = sources.join("");
  const examples = await Array.fromAsync(
    walk(join(ROOT, "examples"), { exts: ["ts"], includeDirs: false }),
    ({ path }) => relative(join(ROOT, "examples"), path),
  );
  const programs = examples.filter((name) => /^(?:\d\d_|start)/.test(name));
  assertEquals(programs.length, examples.length - 1, "all but print_url.ts");
  for (const name of programs) assertStringIncludes(tests, name);
});
