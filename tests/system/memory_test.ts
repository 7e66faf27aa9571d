/** Large bodies pass through in little memory. */
import { assert, assertEquals } from "@std/assert";
import { startServer } from "../support/program.ts";

const MIB = 2 ** 20;
const SIZE = 100 * MIB;
const MOST_GROWTH = 40 * MIB;

/** Resident memory of a process, bytes. */
async function residentBytes(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** The most that a process grew while `work` ran, bytes. */
async function growth(pid: number, work: () => Promise<void>): Promise<number> {
  const before = await residentBytes(pid);
  let most = before;
  const timer = setInterval(async () => {
    most = Math.max(most, await residentBytes(pid));
  }, 20);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return Math.max(most, await residentBytes(pid)) - before;
}

async function checkGrowth(
  name: string,
  pid: number,
  work: () => Promise<void>,
): Promise<void> {
  const bytes = await growth(pid, work);
  console.log(`${name}: memory grew by ${(bytes / MIB).toFixed(1)} MiB`);
  assert(bytes < MOST_GROWTH, `${name} took ${bytes} bytes`);
}

function zeros(): ReadableStream<Uint8Array> {
  let left = SIZE;
  return new ReadableStream({
    pull(controller) {
      const piece = new Uint8Array(Math.min(left, MIB));
      left -= piece.length;
      if (piece.length > 0) controller.enqueue(piece);
      if (left === 0) controller.close();
    },
  });
}

/** Reads an answer at no more than 100 MiB a second, and its first part slower. */
async function readSlowly(url: string): Promise<number> {
  const response = await fetch(url);
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.length;
    if (bytes < 5 * MIB) await new Promise((done) => setTimeout(done, 5));
  }
  return bytes;
}

Deno.test("an upload of 100 MiB is counted in less than 40 MiB of memory", async () => {
  await using server = await startServer("tests/system/transfer_app.ts");
  const url = await server.url();
  const upload = async (init: RequestInit) => {
    const response = await fetch(`${url}/count`, { method: "POST", ...init });
    assertEquals(await response.json(), { bytes: SIZE });
  };
  await fetch(`${url}/count`, { method: "POST", body: "warm" }).then((r) =>
    r.body?.cancel()
  );
  await checkGrowth(
    "chunked upload",
    server.pid,
    () => upload({ body: zeros() }),
  );
});

Deno.test("a download of 100 MiB by a slow reader takes less than 40 MiB of memory", async () => {
  await using server = await startServer("tests/system/transfer_app.ts");
  const url = await server.url();
  await fetch(`${url}/zeros/1000`).then((response) => response.body?.cancel());
  await checkGrowth("slow download", server.pid, async () => {
    assertEquals(await readSlowly(`${url}/zeros/${SIZE}`), SIZE);
  });
});
