/** `ResponseWriter`: what a text is on the wire. */
import { assertEquals } from "@std/assert";
import { latin1 } from "../../../../src/grammar/latin1.ts";
import { HttpResponse } from "../../../../src/http/response.ts";
import { ResponseEncoder } from "../../../../src/protocol/encoder.ts";
import { OutputPool } from "../../../../src/server/connection/buffer_pool.ts";
import { Output } from "../../../../src/server/connection/output.ts";
import { fakeTime } from "./fake_time.ts";
import {
  type Exchange,
  ResponseWriter,
} from "../../../../src/server/connection/writer.ts";

const DATE = "Date: Tue, 02 Jan 2024 12:00:00 GMT\r\n";

function make(): { output: Output; writer: ResponseWriter } {
  const socket = {
    write: (bytes: Uint8Array) => Promise.resolve(bytes.length),
  };
  const output = new Output(socket, new OutputPool(), fakeTime(0));
  const encoder = new ResponseEncoder(() => "OK");
  encoder.setTime(Date.UTC(2024, 0, 2, 12));
  return { output, writer: new ResponseWriter(output, encoder) };
}

function exchange(parts: Partial<Exchange> = {}): Exchange {
  return {
    headOnly: false,
    minorVersion: 1,
    keepAlive: true,
    begun: false,
    ...parts,
  };
}

/** The bytes that an answer with `body` becomes behind another one. */
function written(body: string, how: Exchange): string {
  const { output, writer } = make();
  writer.write(new HttpResponse({ body: "before" }), exchange());
  const { length } = output;
  assertEquals(writer.write(new HttpResponse({ body }), how), undefined);
  assertEquals(writer.contentWithin(output.end), encoded(body).length);
  return latin1(output.buffer.bytes, length, output.buffer.length);
}

function encoded(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return latin1(bytes, 0, bytes.length);
}

const WAYS: [string, Partial<Exchange>, string][] = [
  ["that stays", {}, ""],
  ["that closes", { keepAlive: false }, "Connection: close\r\n"],
  ["of HTTP/1.0", { minorVersion: 0 }, "Connection: keep-alive\r\n"],
];

for (const [name, how, line] of WAYS) {
  Deno.test(`ResponseWriter tells the length of a text in bytes on a connection ${name}`, () => {
    const units = ["a", "\u00e9", "\u20ac", "\u{1F600}"];
    // The length gets another digit from characters to bytes at some of these.
    const counts = [0, 1, 2, 3, 4, 5, 9, 10, 11, 33, 34, 49, 50, 51, 99, 100];
    for (const unit of units) {
      for (const count of [...counts, 249, 250, 251, 499, 500, 999, 9999]) {
        for (const text of [unit.repeat(count), "a".repeat(count) + unit]) {
          const content = encoded(text);
          assertEquals(
            written(text, exchange(how)),
            `HTTP/1.1 200 OK\r\n${DATE}${line}` +
              `Content-Length: ${content.length}\r\n\r\n${content}`,
          );
        }
      }
    }
  });
}

Deno.test("ResponseWriter writes a lone surrogate as U+FFFD", () => {
  const text = written("\ud83d", exchange());
  assertEquals(
    text.slice(text.indexOf("Content-Length")),
    "Content-Length: 3\r\n\r\n\u00ef\u00bf\u00bd",
  );
});
