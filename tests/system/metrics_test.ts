/** Metrics as the tool of Prometheus itself reads them. */
import { assertEquals } from "@std/assert";
import { HttpServer, ok } from "@x/httpserver";
import { Metrics } from "@x/httpserver/metrics";

/** What `promtool check metrics` has to say: faults of form and of style. */
async function check(text: string): Promise<string> {
  const command = new Deno.Command("promtool", {
    args: ["check", "metrics"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const child = command.spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return `${code} ${decoder.decode(stdout)}${decoder.decode(stderr)}`;
}

Deno.test("Metrics shows what promtool finds no fault with", async () => {
  const metrics = new Metrics();
  await using server = new HttpServer().use(metrics.middleware)
    .get("/users/:id(\\d+)", (request) => ok(request.params))
    .get("/metrics", metrics.handler);
  const { port } = await server.listen({ port: 0 }) as Deno.NetAddr;
  const ask = async (path: string) =>
    await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  for (const path of ["/users/7", "/none", "/metrics"]) await ask(path);
  assertEquals(await check(await ask("/metrics")), "0 ");
  // It does see a fault where there is one.
  assertEquals((await check("a{ 1\n"))[0], "1");
});
