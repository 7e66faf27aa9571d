/** A Redis server of one test, and the clients that people use. */
import { Redis } from "ioredis";
import { createClient } from "redis";
import type { RedisLike } from "../../src/middleware/rate_limit/redis_store.ts";
import { delay } from "./load.ts";

/** Names of the packages that the store is tested with. */
export type ClientName = "ioredis" | "redis";

export const CLIENT_NAMES: readonly ClientName[] = ["ioredis", "redis"];

const TRIES = 100;
const RECONNECT_MS = 50;

/** `redis-server` on a port, without a file. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  #child: Deno.ChildProcess;

  private constructor(port: number) {
    this.port = port;
    this.#child = RedisServer.#spawn(port);
  }

  static #spawn(port: number): Deno.ChildProcess {
    const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", ""];
    return new Deno.Command("redis-server", {
      args,
      cwd: "/tmp",
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  /** Starts one and waits until it takes connections. */
  static async start(port: number): Promise<RedisServer> {
    const server = new RedisServer(port);
    await server.#listens();
    return server;
  }

  async #listens(): Promise<void> {
    for (let n = 0; n < TRIES; n++) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port: this.port }))
          .close();
        return;
      } catch {
        await delay(20);
      }
    }
    throw new Error(`No Redis listens on ${this.port}`);
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }

  /** Starts it again, without what it knew. */
  async startAgain(): Promise<void> {
    this.#child = RedisServer.#spawn(this.port);
    await this.#listens();
  }

  /** Lets it hold its connections and answer nothing. */
  pause(): void {
    this.#child.kill("SIGSTOP");
  }

  /** Lets it go on. */
  resume(): void {
    this.#child.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.kill();
    } catch {
      // It has ended already.
    }
  }
}

/** A client that is connected, and how it is ended. */
export interface Connected {
  readonly client: RedisLike;
  close(): Promise<void>;
}

// Commands without a connection fail at once, and so does waiting for one that
// does not come back.
async function connectIoRedis(port: number): Promise<Connected> {
  const client = new Redis({
    host: "127.0.0.1",
    port,
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => RECONNECT_MS,
  });
  client.on("error", () => {});
  await client.connect();
  return {
    client,
    close: async () => {
      const ended = new Promise((resolve) => client.once("end", resolve));
      client.disconnect();
      await ended;
    },
  };
}

async function connectNodeRedis(port: number): Promise<Connected> {
  const client = createClient({
    socket: {
      host: "127.0.0.1",
      port,
      reconnectStrategy: () => RECONNECT_MS,
    },
    disableOfflineQueue: true,
  });
  client.on("error", () => {});
  await client.connect();
  return {
    client,
    close: () => {
      client.destroy();
      return Promise.resolve();
    },
  };
}

/** Connects a client of a package. */
export function connectRedis(
  name: ClientName,
  port: number,
): Promise<Connected> {
  return name === "ioredis" ? connectIoRedis(port) : connectNodeRedis(port);
}
