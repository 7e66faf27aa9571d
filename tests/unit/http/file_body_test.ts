import { assertEquals, assertRejects } from "@std/assert";
import { FileBody, type ReadableFile } from "../../../src/http/file_body.ts";
import { HttpResponse } from "../../../src/http/response.ts";
import { bytes } from "./fixtures.ts";

/** A file in memory that gives at most `most` bytes a read. */
class FakeFile implements ReadableFile {
  closed = 0;
  readonly asked: number[] = [];
  #bytes: Uint8Array;
  readonly #most: number;

  constructor(text: string, most: number = Infinity) {
    this.#bytes = bytes(text);
    this.#most = most;
  }

  read(into: Uint8Array): Promise<number | null> {
    this.asked.push(into.length);
    const count = Math.min(into.length, this.#bytes.length, this.#most);
    into.set(this.#bytes.subarray(0, count));
    this.#bytes = this.#bytes.subarray(count);
    return Promise.resolve(count === 0 ? null : count);
  }

  close(): void {
    this.closed++;
  }
}

Deno.test("FileBody.read() fills the buffer and stops at its length", async () => {
  const file = new FakeFile("hello world");
  const body = new FileBody(file, 5);
  const into = new Uint8Array(3);
  assertEquals(await body.read(into), 3);
  assertEquals(into, bytes("hel"));
  assertEquals(await body.read(into), 2);
  assertEquals(into.subarray(0, 2), bytes("lo"));
  assertEquals(await body.read(into), 0);
  assertEquals(file.asked, [3, 2]);
  assertEquals(body.length, 5);
});

Deno.test("FileBody.read() passes short reads on", async () => {
  const body = new FileBody(new FakeFile("hello", 2), 5);
  const counts: number[] = [];
  for (let count; (count = await body.read(new Uint8Array(9))) > 0;) {
    counts.push(count);
  }
  assertEquals(counts, [2, 2, 1]);
});

Deno.test("FileBody.read() throws when the file was cut", async () => {
  const body = new FileBody(new FakeFile("hel"), 5);
  assertEquals(await body.read(new Uint8Array(9)), 3);
  await assertRejects(() => body.read(new Uint8Array(9)), Error, "2 bytes");
});

Deno.test("FileBody of no bytes reads nothing", async () => {
  const file = new FakeFile("hello");
  assertEquals(await new FileBody(file, 0).read(new Uint8Array(9)), 0);
  assertEquals(file.asked, []);
});

Deno.test("FileBody.close() closes the file once", () => {
  const file = new FakeFile("");
  const body = new FileBody(file, 0);
  body.close();
  body.close();
  assertEquals(file.closed, 1);
});

Deno.test("FileBody closes the file when it was iterated to its end", async () => {
  const file = new FakeFile("x".repeat(300_000), 200_000);
  const body = new FileBody(file, 299_999);
  let total = 0;
  for await (const piece of body) total += piece.length;
  assertEquals(total, 299_999);
  assertEquals(file.closed, 1);
  body.close();
  assertEquals(file.closed, 1);
});

Deno.test("FileBody closes the file when the reader stops or the file was cut", async () => {
  const stopped = new FakeFile("hello", 1);
  for await (const _ of new FileBody(stopped, 5)) break;
  assertEquals(stopped.closed, 1);

  const cut = new FakeFile("hel");
  await assertRejects(
    () => Array.fromAsync(new FileBody(cut, 5)),
    Error,
    "2 bytes",
  );
  assertEquals(cut.closed, 1);
});

Deno.test("FileBody closes the file when its web stream is cancelled", async () => {
  const file = new FakeFile("hello", 1);
  const web = new HttpResponse({ body: new FileBody(file, 5) }).toWeb();
  const reader = web.body?.getReader();
  assertEquals((await reader?.read())?.value, bytes("h"));
  await reader?.cancel();
  assertEquals(file.closed, 1);
});

Deno.test("FileBody reads a Deno.FsFile from its offset", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "hello world");
    const file = await Deno.open(path);
    await file.seek(6, Deno.SeekMode.Start);
    const response = new HttpResponse({ body: new FileBody(file, 5) });
    assertEquals(await response.text(), "world");
  } finally {
    await Deno.remove(path);
  }
});
