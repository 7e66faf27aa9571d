import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FileBody } from "../../../../src/http/file_body.ts";
import {
  loadFileSystem,
  OpenFile,
} from "../../../../src/handlers/static/open_file.ts";
import { ReadPace } from "../../../../src/handlers/static/read_pace.ts";
import { makeBody } from "../../../../src/handlers/static/pieces.ts";
import { discard, openDescriptors, Site, someBytes } from "./site.ts";

const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "staticFiles() leaves no file open, whatever it answers",
  ignore,
  async fn() {
    using site = new Site({
      "small.txt": "small",
      "large.bin": someBytes(500_000),
      "d/index.html": "d",
    });
    site.write("secret", "out");
    site.link("../secret", "root/out");
    const ask = site.serve();
    const tag = (await ask("/large.bin", { method: "HEAD" })).header("etag");
    const cases: [string, string, Record<string, string>, number][] = [
      ["GET", "/small.txt", {}, 200],
      ["HEAD", "/small.txt", {}, 200],
      ["HEAD", "/large.bin", {}, 200],
      ["GET", "/large.bin", { "if-none-match": tag ?? "" }, 304],
      ["HEAD", "/large.bin", { "if-none-match": tag ?? "" }, 304],
      ["GET", "/large.bin", { "if-match": '"x"' }, 412],
      ["GET", "/large.bin", { range: "bytes=999999-" }, 416],
      ["GET", "/large.bin", { range: "bytes=0-9" }, 206],
      ["GET", "/large.bin", { range: "bytes=0-9,20-29" }, 206],
      ["GET", "/large.bin", { range: "bytes=0-99999,200000-" }, 206],
      ["GET", "/large.bin", {}, 200],
      ["GET", "/d", {}, 301],
      ["GET", "/d/", {}, 200],
      ["GET", "/out", {}, 404],
      ["GET", "/none", {}, 404],
      ["POST", "/small.txt", {}, 405],
    ];
    const before = openDescriptors(site.base);
    for (let round = 0; round < 20; round++) {
      for (const [method, target, headers, status] of cases) {
        const response = await ask(target, { method, headers });
        assertEquals(response.status, status, `${method} ${target}`);
        if (round % 2 === 0) discard(response);
        else await response.bytes();
      }
    }
    assertEquals(openDescriptors(site.base), before);
  },
});

Deno.test({
  name: "makeBody() closes a file that was cut",
  ignore,
  async fn() {
    using site = new Site({ a: someBytes(100), b: someBytes(100_000) });
    await loadFileSystem();
    const before = openDescriptors(site.base);
    const small = OpenFile.open(site.path("root/a"));
    const large = OpenFile.open(site.path("root/b"));
    assert(small !== null && large !== null);
    Deno.truncateSync(site.path("root/a"), 10);
    Deno.truncateSync(site.path("root/b"), 10);
    let message = "";
    try {
      makeBody(small, [{ start: 0, end: 99 }]);
    } catch (error) {
      message = String(error);
    }
    assertEquals(message, "Error: The file ended 90 bytes too early");
    const body = makeBody(large, [{ start: 0, end: 99_999 }]);
    assert(body instanceof FileBody);
    await assertRejects(() => Array.fromAsync(body), Error, "too early");
    assertEquals(openDescriptors(site.base), before);
  },
});

Deno.test({
  name: "OpenFile.close() waits for a read that is under way",
  ignore,
  async fn() {
    using site = new Site({ a: someBytes(1000) });
    await loadFileSystem();
    const path = site.path("root/a");
    // Each look at this clock seems to take long: the disk is slow then.
    let time = 0;
    const file = OpenFile.open(path, new ReadPace(() => time += 20));
    assert(file !== null);
    const into = new Uint8Array(1000);
    for (let slow = 0; slow < 2; slow++) {
      assertEquals(file.read(into, 0), 1000);
    }
    const reading = file.read(into, 0);
    assert(reading instanceof Promise);
    file.close();
    file.close();
    assertEquals(Deno.readLinkSync(file.processPath), path);
    assertEquals(await reading, 1000);
    assertEquals(into, someBytes(1000));
    assertThrows(
      () => Deno.readLinkSync(file.processPath),
      Deno.errors.NotFound,
    );
    assertThrows(() => file.read(into, 0), TypeError, "closed");
  },
});

Deno.test("OpenFile.read() goes to another thread for a second once the disk was slow twice", async () => {
  using site = new Site({ a: someBytes(1000) });
  await loadFileSystem();
  let time = 0;
  let step = 0;
  const pace = new ReadPace(() => time += step);
  const file = OpenFile.open(site.path("root/a"), pace);
  assert(file !== null);
  const into = new Uint8Array(1000);
  const kinds: string[] = [];
  const waits = [0, 0, 0, 0, 0, 0, 900, 200];
  const takes = [1, 6, 1, 6, 6, 1, 1, 1];
  for (const [at, wait] of waits.entries()) {
    time += wait;
    step = takes[at];
    const count = file.read(into, 0);
    kinds.push(typeof count);
    assertEquals(await count, 1000);
  }
  file.close();
  const expected = [...Array(5).fill("number"), "object", "object", "number"];
  assertEquals(kinds, expected);
});

Deno.test("OpenFile.open() gives null for a FIFO and does not wait", async () => {
  if (Deno.build.os === "windows") return;
  using site = new Site();
  await loadFileSystem();
  const path = site.path("root/fifo");
  await new Deno.Command("mkfifo", { args: [path] }).output();
  assertEquals(OpenFile.open(path), null);
  assertEquals(OpenFile.open("/dev/null"), null);
  assertEquals(OpenFile.open(site.root), null);
});
