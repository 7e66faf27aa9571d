/** A listening server for one test, with a clock that stands still. */
import { assertEquals } from "@std/assert";
import {
  HttpServer,
  type HttpServerOptions,
  type LogRecord,
} from "@x/httpserver";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import { RawClient } from "./raw_client.ts";

/** The clock of a {@linkcode Site} starts at Sun, 06 Nov 1994 08:49:37 GMT. */
export const START_MS = 784_111_777_000;

const PATIENCE_MS = 5_000;

/** A server, its clock, its reports and what escaped it. */
export class Site implements AsyncDisposable {
  readonly server: HttpServer;
  readonly clock: FakeClock;
  readonly port: number;
  /** What the server has reported. */
  readonly logs: LogRecord[];

  readonly #escaped: unknown[] = [];
  readonly #note = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    this.#escaped.push(event.reason);
  };

  private constructor(
    server: HttpServer,
    clock: FakeClock,
    port: number,
    logs: LogRecord[],
  ) {
    this.server = server;
    this.clock = clock;
    this.port = port;
    this.logs = logs;
    addEventListener("unhandledrejection", this.#note);
  }

  /** Listens with the routes that `define` adds. */
  static async start(
    define: (server: HttpServer) => unknown,
    options: HttpServerOptions = {},
  ): Promise<Site> {
    const clock = new FakeClock(START_MS);
    const logs: LogRecord[] = [];
    const log = (record: LogRecord) => void logs.push(record);
    const server = new HttpServer({ clock, log, ...options });
    define(server);
    const address = await server.listen({ port: 0 }) as Deno.NetAddr;
    return new Site(server, clock, address.port, logs);
  }

  /** Opens a connection. */
  connect(): Promise<RawClient> {
    return RawClient.connect(this.port);
  }

  /** Sends bytes on a connection of its own and reads all that comes back. */
  async exchange(data: string | Uint8Array): Promise<string> {
    using client = await this.connect();
    await client.send(data);
    await client.closeWrite();
    return await client.readAll();
  }

  /** The messages of the reports of a level. */
  reports(level: LogRecord["level"]): string[] {
    return this.logs.filter((one) => one.level === level)
      .map((one) => one.message);
  }

  /**
   * Lets time pass in ticks until `event` has settled; the event loop turns
   * between two of them.
   */
  async advanceUntil<T>(event: Promise<T>, stepMs = 250): Promise<T> {
    let settled = false;
    const note = () => void (settled = true);
    event.then(note, note);
    const until = performance.now() + PATIENCE_MS;
    while (!settled && performance.now() < until) {
      await turn();
      if (!settled) this.clock.advance(stepMs);
    }
    if (!settled) throw new Error("Time passed and nothing happened");
    return await event;
  }

  /** Cuts what is left, and fails if a rejection has escaped. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.server.shutdown();
    this.server.shutdown({ graceMs: 0 });
    await ended;
    await turn();
    removeEventListener("unhandledrejection", this.#note);
    assertEquals(this.#escaped, [], "rejections that nobody handled");
  }
}

/** Lets everything that is due run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** A promise and what resolves it. */
export interface Gate {
  readonly passed: Promise<void>;
  open(): void;
}

/** A gate that a test opens, or an event that it waits for. */
export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}
