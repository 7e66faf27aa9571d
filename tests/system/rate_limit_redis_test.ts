/** Two server processes and one Redis share a limit, under load and without it.
 *
 * `RATE_LIMIT_SECONDS=20` makes the load last longer than its 5 seconds. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertStringIncludes,
} from "@std/assert";
import type { RateLimitOptions } from "@x/httpserver/middleware/rate-limit";
import { type Program, startServer } from "../support/program.ts";
import { RawClient } from "../support/raw_client.ts";
import { get } from "../support/requests.ts";
import { within } from "../support/within.ts";
import { freePort } from "./front.ts";
import { delay, portOf } from "./load.ts";
import type { LimitSettings } from "./rate_limit_app.ts";
import { type ClientName, RedisServer } from "./redis.ts";

const SECONDS = Number(Deno.env.get("RATE_LIMIT_SECONDS") ?? 5);
const CONNECTIONS = 6;

/** One answer. */
interface Answer {
  readonly server: number;
  /** When it was there, and how long that took; ms. */
  readonly at: number;
  readonly ms: number;
  readonly status: number;
  readonly retryAfter: string | null;
}

/** A Redis server and two servers that use it. */
class Pair implements AsyncDisposable {
  private constructor(
    readonly redis: RedisServer,
    readonly servers: readonly Program[],
    readonly ports: readonly number[],
  ) {}

  static async start(
    client: ClientName,
    limit: RateLimitOptions,
  ): Promise<Pair> {
    const redis = await RedisServer.start(freePort());
    const settings: LimitSettings = { client, redisPort: redis.port, limit };
    const start = () =>
      startServer("tests/system/rate_limit_app.ts", [JSON.stringify(settings)]);
    const servers = await Promise.all([start(), start()]);
    const ports = await Promise.all(servers.map(portOf));
    return new Pair(redis, servers, ports);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.servers) await server[Symbol.asyncDispose]();
    await this.redis[Symbol.asyncDispose]();
  }
}

/** Asks both servers, over several connections each, until told to stop. */
class Load {
  readonly answers: Answer[] = [];
  #stopped = false;
  readonly #done: Promise<unknown>;

  constructor(ports: readonly number[]) {
    this.#done = Promise.all(
      ports.flatMap((port, server) =>
        Array.from({ length: CONNECTIONS }, () => this.#ask(port, server))
      ),
    );
  }

  async #ask(port: number, server: number): Promise<void> {
    using client = await RawClient.connect(port);
    while (!this.#stopped) {
      const from = performance.now();
      const { status, header } = await client.ask(get("/"));
      const at = performance.now();
      const retryAfter = header("retry-after");
      this.answers.push({ server, at, ms: at - from, status, retryAfter });
    }
  }

  async stop(): Promise<readonly Answer[]> {
    this.#stopped = true;
    await within("the last answers", this.#done);
    return this.answers;
  }
}

function greatest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}

function least(values: readonly number[]): number {
  return -greatest(values.map((value) => -value));
}

function countAdmitted(answers: readonly Answer[]): number {
  return answers.filter(({ status }) => status === 200).length;
}

const BUCKETS: [ClientName, "token-bucket" | "gcra"][] = [
  ["ioredis", "token-bucket"],
  ["redis", "token-bucket"],
  ["redis", "gcra"],
];

for (const [client, algorithm] of BUCKETS) {
  Deno.test(`two processes with ${client} admit burst + rate x t within 1 % by ${algorithm}`, async () => {
    // So much at once that it takes 2 seconds to come back: a busy machine may
    // let the load pause meanwhile.
    const rate = 100;
    const burst = 200;
    const limit: RateLimitOptions = algorithm === "gcra"
      ? { algorithm, limit: rate, windowMs: 1000, burstSize: burst }
      : { requestsPerSecond: rate, burstSize: burst };
    await using pair = await Pair.start(client, limit);
    const load = new Load(pair.ports);
    await delay(1000 * SECONDS);
    const answers = await load.stop();

    const first = least(answers.map(({ at, ms }) => at - ms));
    const last = greatest(answers.map(({ at }) => at));
    const expected = burst + rate * (last - first) / 1000;
    const admitted = countAdmitted(answers);
    console.log(
      `${algorithm}, ${client}: ${answers.length} requests in ` +
        `${((last - first) / 1000).toFixed(2)} s, admitted ${admitted} of ` +
        `${expected.toFixed(1)}`,
    );
    assertAlmostEquals(admitted, expected, expected / 100);
    assertGreater(answers.length, 2 * expected, "The load was too small");
    for (const server of [0, 1]) {
      const own = answers.filter((one) => one.server === server);
      assertGreater(countAdmitted(own), expected / 10, "Both take part");
    }
    const others = answers.filter(({ status }) => status !== 200);
    assert(others.every(({ status }) => status === 429));
    assert(others.every(({ retryAfter }) => retryAfter === "1"));
  });
}

for (const algorithm of ["sliding-window", "fixed-window"] as const) {
  Deno.test(`two processes admit the limit in each window within 1 % by ${algorithm}`, async () => {
    const windowMs = 1000;
    const perWindow = 100;
    const options = { algorithm, limit: perWindow, windowMs };
    await using pair = await Pair.start("ioredis", options);
    const load = new Load(pair.ports);
    const windows = SECONDS;
    // Windows begin late rather than early: the one after the last is not seen.
    await delay(windowMs * windows - 50);
    const answers = await load.stop();
    const admitted = countAdmitted(answers);
    console.log(`${algorithm}: admitted ${admitted} of ${windows * perWindow}`);
    assertAlmostEquals(admitted / (windows * perWindow), 1, 0.01);
    assert(answers.every(({ status }) => status === 200 || status === 429));
  });
}

const TIMEOUT_MS = 300;
const SLOWEST_MS = 1_500;

/** What ends an outage, and how it begins. */
const OUTAGES = {
  "is killed": {
    begin: (redis: RedisServer) => redis.kill(),
    end: (redis: RedisServer) => redis.startAgain(),
  },
  "stops answering": {
    begin: (redis: RedisServer) => Promise.resolve(redis.pause()),
    end: (redis: RedisServer) => Promise.resolve(redis.resume()),
  },
};

const CASES: [ClientName, "open" | "closed", keyof typeof OUTAGES][] = [
  ["ioredis", "open", "is killed"],
  ["ioredis", "closed", "is killed"],
  ["redis", "open", "is killed"],
  ["redis", "closed", "is killed"],
  ["ioredis", "closed", "stops answering"],
  ["redis", "open", "stops answering"],
];

for (const [client, onStoreError, what] of CASES) {
  Deno.test(`a limit that fails ${onStoreError} goes on when Redis ${what}, with ${client}`, async () => {
    await using pair = await Pair.start(client, {
      requestsPerSecond: 20,
      burstSize: 20,
      onStoreError,
      storeTimeoutMs: TIMEOUT_MS,
      storeRetryMs: 300,
    });
    const load = new Load(pair.ports);
    await delay(700);
    const began = performance.now();
    await OUTAGES[what].begin(pair.redis);
    await delay(1500);
    const ended = performance.now();
    await OUTAGES[what].end(pair.redis);
    await delay(1500);
    const answers = await load.stop();

    const between = (from: number, to: number) =>
      answers.filter(({ at }) => at >= from && at < to)
        .map(({ status }) => status);
    const before = between(0, began);
    const during = between(began + 2 * TIMEOUT_MS, ended);
    const after = between(ended + 1_000, Infinity);
    assertEquals([...new Set(before)].sort(), [200, 429]);
    assertEquals(
      [...new Set(during)],
      [onStoreError === "open" ? 200 : 503],
    );
    assertGreater(during.length, 100);
    assertGreater(after.length, 100);
    assert(after.includes(429), "the limit is back");
    assert(!after.includes(503));
    assert(after.filter((status) => status === 200).length < 60);

    const slowest = greatest(answers.map(({ ms }) => ms));
    console.log(
      `${client}, ${onStoreError}, Redis ${what}: ${during.length} answers ` +
        `in the outage, the slowest of all took ${Math.round(slowest)} ms`,
    );
    assert(slowest < SLOWEST_MS, `one took ${slowest} ms`);
    for (const { status, retryAfter } of answers) {
      assertEquals(retryAfter !== null, status !== 200);
    }
    for (const server of pair.servers) {
      server.kill("SIGTERM");
      const { code, stderr } = await server.ended();
      assertEquals(code, 0);
      const warnings = stderr.match(/^httpserver: .*$/gm) ?? [];
      // One, unless the machine was so busy that an answer came too late.
      assert(warnings.length >= 1 && warnings.length <= 3, stderr);
      for (const warning of warnings) {
        assertStringIncludes(
          warning,
          'warn: the store of rate limit "default" fails',
        );
      }
    }
  });
}
