/** A file as `Deno.serve` sends it: opened, and streamed. */

const ROOT = Deno.env.get("BENCH_FILES");

/** Answers with a file of the harness's directory. */
export async function serveFile(name: string): Promise<Response> {
  const file = await Deno.open(`${ROOT}/${name}`);
  const { size } = await file.stat();
  return new Response(file.readable, {
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(size),
    },
  });
}
