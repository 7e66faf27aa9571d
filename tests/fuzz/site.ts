/** The server under the end-to-end fuzzer, and what goes wrong inside it. */
import type { HttpServer, LogRecord } from "@x/httpserver";
import { RawClient } from "../support/raw_client.ts";
import { within } from "../support/within.ts";
import { fuzzedServer } from "./app.ts";
import type { Seen } from "./exchange.ts";

const CLOSE_MS = 10_000;
const SERVE_MS = 5_000;
const GRAVE = "inside: ";

/** Listens on a port of its own. */
export class FuzzedSite implements AsyncDisposable {
  /** Where it listens. */
  readonly port: number;

  readonly #server: HttpServer;
  readonly #faults: string[];
  readonly #note: (event: PromiseRejectionEvent) => void;
  readonly #statuses = new Map<number, number>();

  private constructor(server: HttpServer, port: number, faults: string[]) {
    this.#server = server;
    this.port = port;
    this.#faults = faults;
    this.#note = (event) => {
      event.preventDefault();
      faults.push(`${GRAVE}unhandled ${describe(event.reason)}`);
    };
    addEventListener("unhandledrejection", this.#note);
  }

  /** Starts a server. */
  static async start(): Promise<FuzzedSite> {
    const faults: string[] = [];
    const server = fuzzedServer((record: LogRecord) => {
      if (record.level !== "error") return;
      faults.push(`${GRAVE}${record.message}: ${describe(record.error)}`);
    });
    const address = await server.listen({ port: 0 }) as Deno.NetAddr;
    return new FuzzedSite(server, address.port, faults);
  }

  /** Whether a fault was seen by the server itself. */
  static isGrave(fault: string): boolean {
    return fault.startsWith(GRAVE);
  }

  /** Counts the answers of a connection. */
  count(seen: Seen): void {
    for (const { status } of seen.answers) {
      this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    }
  }

  /** How many answers there were of each status. */
  summary(): string {
    return [...this.#statuses].sort(([one], [other]) => one - other)
      .map(([status, count]) => `${count}x${status}`).join(" ");
  }

  /**
   * What went wrong inside since it was last asked: reported errors, escaped
   * rejections, connections that do not end, a next one that is not served.
   */
  async faultSince(): Promise<string | null> {
    await this.#next().catch((error) => {
      this.#faults.push(`${GRAVE}the next connection: ${describe(error)}`);
    });
    await this.#emptied();
    return this.#faults.splice(0).at(0) ?? null;
  }

  async #next(): Promise<void> {
    using client = await RawClient.connect(this.port);
    const request = "GET /?1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    const answer = await within("an answer", client.ask(request), SERVE_MS);
    if (answer.status !== 200) throw new Error(answer.line);
  }

  async #emptied(): Promise<void> {
    const until = performance.now() + CLOSE_MS;
    for (;;) {
      const { connections, activeRequests } = this.#server.stats();
      if (connections === 0 && activeRequests === 0) return;
      if (performance.now() > until) {
        const left = `${connections} connections, ${activeRequests} requests`;
        this.#faults.push(`${GRAVE}${left} do not end`);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Stops the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown({ graceMs: 0 });
    removeEventListener("unhandledrejection", this.#note);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : `${error}`;
}
