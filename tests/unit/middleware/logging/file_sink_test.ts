import { assert, assertEquals, assertThrows } from "@std/assert";
import { join, toFileUrl } from "@std/path";
import {
  type FileSink,
  fileSink,
  type FileSinkOptions,
} from "../../../../src/middleware/logging/mod.ts";

const IS_WINDOWS = Deno.build.os === "windows";

/** A directory for a log, and the sinks that write there. */
class Place implements Disposable {
  readonly dir = Deno.makeTempDirSync();
  readonly path = join(this.dir, "access.log");
  readonly #sinks: FileSink[] = [];

  sink(options: Partial<FileSinkOptions> = {}): FileSink {
    const sink = fileSink({ path: this.path, ...options });
    this.#sinks.push(sink);
    return sink;
  }

  /** The content of the file with this ending; `null` if there is none. */
  read(ending = ""): string | null {
    try {
      return Deno.readTextFileSync(this.path + ending);
    } catch {
      return null;
    }
  }

  files(): string[] {
    return Array.from(Deno.readDirSync(this.dir), ({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    for (const sink of this.#sinks) sink.close();
    Deno.removeSync(this.dir, { recursive: true });
  }
}

function write(sink: FileSink, ...lines: string[]): void {
  for (const line of lines) {
    sink.write(line, null);
    sink.flush();
  }
}

Deno.test("fileSink() appends lines to a file", () => {
  using place = new Place();
  Deno.writeTextFileSync(place.path, "before\n");
  const sink = place.sink({ path: toFileUrl(place.path) });
  sink.write("one", null);
  assertEquals(place.read(), "before\n");
  sink.write("größe", null);
  sink.flush();
  assertEquals(place.read(), "before\none\ngröße\n");
  assertEquals(sink.takeLoss?.(), null);
});

Deno.test({
  name: "fileSink() makes a file that is not for everyone",
  ignore: IS_WINDOWS,
  fn: () => {
    using place = new Place();
    place.sink();
    assertEquals((Deno.statSync(place.path).mode ?? 0) & 0o777 & 0o137, 0);
    Deno.removeSync(place.path);
    place.sink({ mode: 0o600 });
    assertEquals((Deno.statSync(place.path).mode ?? 0) & 0o777, 0o600);
  },
});

Deno.test("fileSink() writes at the end of the turn and at once when full", async () => {
  using place = new Place();
  const sink = place.sink({ queueBytes: 10 });
  sink.write("a", null);
  assertEquals(place.read(), "");
  await new Promise<void>((resolve) => void setImmediate(resolve));
  assertEquals(place.read(), "a\n");
  sink.write("123456789", null);
  assertEquals(place.read(), "a\n123456789\n");
});

Deno.test("fileSink() rotates before a file is over its size", () => {
  using place = new Place();
  const sink = place.sink({ maxBytes: 10, maxFiles: 2 });
  write(sink, "1111", "2222", "3333", "4444", "5555", "6666", "7777");
  assertEquals(place.read(), "7777\n");
  assertEquals(place.read(".1"), "5555\n6666\n");
  assertEquals(place.read(".2"), "3333\n4444\n");
  assertEquals(place.files(), ["access.log", "access.log.1", "access.log.2"]);
});

Deno.test("fileSink() splits what was collected between files by lines", () => {
  using place = new Place();
  const sink = place.sink({ maxBytes: 10, maxFiles: 9 });
  for (const line of ["1111", "22", "333", "a".repeat(20), "4", "5"]) {
    sink.write(line, null);
  }
  sink.flush();
  const contents = [".3", ".2", ".1", ""].map((ending) => place.read(ending));
  assertEquals(contents, [
    "1111\n22\n",
    "333\n",
    `${"a".repeat(20)}\n`,
    "4\n5\n",
  ]);
});

Deno.test("fileSink() keeps no old file when told to", () => {
  using place = new Place();
  const sink = place.sink({ maxBytes: 10, maxFiles: 0 });
  write(sink, "1111", "2222", "3333");
  assertEquals(place.read(), "3333\n");
  assertEquals(place.files(), ["access.log"]);
});

Deno.test("fileSink() counts what was there before a restart", () => {
  using place = new Place();
  write(place.sink({ maxBytes: 10 }), "1111");
  write(place.sink({ maxBytes: 10 }), "2222", "3333");
  assertEquals([place.read(".1"), place.read()], ["1111\n2222\n", "3333\n"]);
});

Deno.test("fileSink() ends a line that a crash has cut", () => {
  using place = new Place();
  Deno.writeTextFileSync(place.path, "whole\nha");
  write(place.sink(), "next");
  assertEquals(place.read(), "whole\nha\nnext\n");
});

Deno.test("fileSink() opens the file again after close()", () => {
  using place = new Place();
  const sink = place.sink();
  sink.write("one", null);
  sink.close();
  assertEquals(place.read(), "one\n");
  sink.close();
  write(sink, "two");
  assertEquals(place.read(), "one\ntwo\n");
});

Deno.test("fileSink() reopen() goes on at the path", () => {
  using place = new Place();
  const sink = place.sink();
  sink.write("old", null);
  Deno.renameSync(place.path, `${place.path}.1`);
  sink.reopen();
  write(sink, "new");
  assertEquals([place.read(".1"), place.read()], ["old\n", "new\n"]);
});

Deno.test({
  name: "fileSink() notices that its file was renamed or deleted",
  ignore: IS_WINDOWS,
  fn: () => {
    using place = new Place();
    const { now } = performance;
    let time = 0;
    performance.now = () => time;
    try {
      const sink = place.sink();
      write(sink, "one");
      Deno.renameSync(place.path, `${place.path}.1`);
      time += 999;
      write(sink, "two");
      time += 1;
      write(sink, "three");
      assertEquals([place.read(".1"), place.read()], [
        "one\ntwo\n",
        "three\n",
      ]);
      Deno.removeSync(place.path);
      time += 1_000;
      write(sink, "four");
      assertEquals(place.read(), "four\n");
    } finally {
      performance.now = now;
    }
  },
});

Deno.test("fileSink() opens the file anew when the signal comes", {
  ignore: IS_WINDOWS,
}, async () => {
  using place = new Place();
  const sink = place.sink({ reopenSignal: "SIGUSR2" });
  write(sink, "old");
  Deno.renameSync(place.path, `${place.path}.1`);
  Deno.kill(Deno.pid, "SIGUSR2");
  while (place.read() === null) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  write(sink, "new");
  assertEquals([place.read(".1"), place.read()], ["old\n", "new\n"]);
});

Deno.test({
  name: "fileSink() of two processes rotate one file and lose nothing",
  ignore: IS_WINDOWS,
  fn: () => {
    using place = new Place();
    // Two sinks know as little of each other as two processes do.
    const sinks = [1, 2].map(() => place.sink({ maxBytes: 40, maxFiles: 99 }));
    const lines = Array.from({ length: 60 }, (_, at) => `line ${at}`);
    lines.forEach((line, at) => write(sinks[at % 2], line));
    const found = place.files().flatMap((name) =>
      Deno.readTextFileSync(join(place.dir, name)).split("\n")
    ).filter((line) => line !== "");
    assertEquals(found.sort(), lines.sort());
  },
});

Deno.test("fileSink() writes on and tells when it cannot rotate", () => {
  using place = new Place();
  // A directory that is not empty can't be replaced by a file.
  Deno.mkdirSync(`${place.path}.1/x`, { recursive: true });
  const sink = place.sink({ maxBytes: 10, maxFiles: 1 });
  write(sink, "1111", "2222", "3333");
  assertEquals(place.read(), "1111\n2222\n3333\n");
  const loss = sink.takeLoss?.();
  assertEquals(loss?.lines, 0);
  assert(loss?.error instanceof Error);
  // Not again with each line.
  write(sink, "4444");
  assertEquals(sink.takeLoss?.(), null);
  Deno.removeSync(`${place.path}.1`, { recursive: true });
  write(sink, "5555", "6666");
  assertEquals(place.read(".1")?.startsWith("1111\n"), true);
});

Deno.test("fileSink() survives that its directory goes and comes", () => {
  using place = new Place();
  const sink = place.sink();
  sink.close();
  Deno.removeSync(place.dir, { recursive: true });
  write(sink, "lost", "lost");
  const loss = sink.takeLoss?.();
  assertEquals(loss?.lines, 2);
  assert(loss?.error instanceof Deno.errors.NotFound);
  Deno.mkdirSync(place.dir);
  write(sink, "kept");
  assertEquals(place.read(), "kept\n");
});

Deno.test({
  name: "fileSink() loses lines and nothing else on a full disk",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    const sink = fileSink({ path: "/dev/full", maxBytes: 1 });
    write(sink, "one", "two");
    assertEquals(sink.takeLoss?.()?.lines, 2);
    sink.close();
  },
});

Deno.test({
  name: "fileSink() refuses a FIFO, which would wait for a reader",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    using place = new Place();
    await new Deno.Command("mkfifo", { args: [place.path] }).output();
    assertThrows(() => place.sink(), TypeError, "FIFO");
  },
});

Deno.test("fileSink() throws at once when it cannot open its file", () => {
  using place = new Place();
  assertThrows(
    () => place.sink({ path: join(place.dir, "none", "a.log") }),
    Deno.errors.NotFound,
  );
});

Deno.test("fileSink() throws when an option is unknown or wrong", () => {
  type Case = [Record<string, unknown>, typeof TypeError | typeof RangeError];
  const table: Case[] = [
    [{}, TypeError],
    [{ path: "" }, TypeError],
    [{ path: new URL("http://a/") }, TypeError],
    [{ path: "x", maxBytes: 0 }, RangeError],
    [{ path: "x", maxBytes: "1MiB" }, TypeError],
    [{ path: "x", maxFiles: -1 }, RangeError],
    [{ path: "x", mode: -1 }, RangeError],
    [{ path: "x", maxSize: 1 }, TypeError],
  ];
  for (const [options, error] of table) {
    assertThrows(() => fileSink(options as unknown as FileSinkOptions), error);
  }
});
