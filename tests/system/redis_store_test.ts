/** The store in Redis, by both clients, against a real server. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { rateLimit } from "@x/httpserver/middleware/rate-limit";
import { redisStore } from "@x/httpserver/middleware/rate-limit/redis";
import { HttpServer, ok } from "@x/httpserver";
import {
  CONSUME,
  freshState,
  GROUPS,
} from "../../src/middleware/rate_limit/algorithms.ts";
import {
  NOW_LINE,
  SCRIPT,
} from "../../src/middleware/rate_limit/redis_script.ts";
import type {
  RateLimitAlgorithm,
  RateLimitPolicy,
} from "../../src/middleware/rate_limit/store.ts";
import { Prng } from "../unit/grammar/prng.ts";
import { freePort } from "./front.ts";
import {
  CLIENT_NAMES,
  type ClientName,
  connectRedis,
  RedisServer,
} from "./redis.ts";
import { runTool } from "./tools.ts";

const ALGORITHMS = Object.keys(CONSUME) as RateLimitAlgorithm[];

/** Runs `test` with a server and a client of a package. */
async function withRedis(
  name: ClientName,
  test: (
    connected: Awaited<ReturnType<typeof connectRedis>>,
    cli: (...args: string[]) => Promise<string>,
  ) => Promise<void>,
): Promise<void> {
  const port = freePort();
  await using _server = await RedisServer.start(port);
  const connected = await connectRedis(name, port);
  const cli = async (...args: string[]) =>
    (await runTool("redis-cli", ["-p", `${port}`, ...args])).stdout.trim();
  try {
    await test(connected, cli);
  } finally {
    await connected.close();
  }
}

function policyOf(
  algorithm: RateLimitAlgorithm,
  capacity: number,
  periodMs: number,
): RateLimitPolicy {
  return { name: "test", algorithm, capacity, periodMs };
}

for (const name of CLIENT_NAMES) {
  for (const algorithm of ALGORITHMS) {
    Deno.test(`redisStore() admits as many as there are with ${algorithm} and ${name}`, async () => {
      await withRedis(name, async ({ client }, cli) => {
        const store = redisStore(client, { prefix: "p:" });
        const policy = policyOf(algorithm, 50, 60_000);
        const asked = Array.from(
          { length: 120 },
          () => store.consume("a", 1, policy),
        );
        const decisions = await Promise.all(asked);
        const admitted = decisions.filter((one) => one.admitted);
        assertEquals(admitted.length, 50);
        const left = admitted.map(({ remaining }) => remaining);
        assertEquals(new Set(left).size, 50, "each sees another rest");
        const refused = decisions.filter((one) => !one.admitted);
        const { retryAfterMs, resetMs } = refused[0];
        assert(retryAfterMs > 0 && retryAfterMs <= 60_000, `${retryAfterMs}`);
        assert(resetMs > 0 && resetMs <= retryAfterMs);

        assertEquals(await cli("KEYS", "*"), "p:a");
        const ttl = Number(await cli("PTTL", "p:a"));
        assert(ttl > 55_000 && ttl <= 60_001, `${ttl}`);
        assertEquals(await store.consume("b", 51, policy), {
          admitted: false,
          remaining: 50,
          resetMs: 0,
          retryAfterMs: Infinity,
        });
        assertEquals(await cli("EXISTS", "p:b"), "0");
      });
    });
  }

  Deno.test(`redisStore() goes on when Redis has lost its scripts, with ${name}`, async () => {
    await withRedis(name, async ({ client }, cli) => {
      const store = redisStore(client);
      const policy = policyOf("token-bucket", 5, 60_000);
      assertEquals((await store.consume("a", 1, policy)).remaining, 4);
      assertEquals((await store.consume("a", 1, policy)).remaining, 3);
      await cli("SCRIPT", "FLUSH");
      assertEquals((await store.consume("a", 1, policy)).remaining, 2);
      const stats = await cli("INFO", "commandstats");
      assert(/cmdstat_eval:calls=2,/.test(stats), stats);
      assert(/cmdstat_evalsha:calls=3,/.test(stats), stats);
    });
  });

  Deno.test(`redisStore() serves several limits of a server, with ${name}`, async () => {
    await withRedis(name, async ({ client }, cli) => {
      const store = redisStore(client);
      const server = new HttpServer()
        .use(
          rateLimit({ name: "day", requestsPerSecond: 1, burstSize: 9, store }),
          rateLimit({
            name: "minute",
            algorithm: "fixed-window",
            limit: 2,
            windowMs: 60_000,
            key: { header: "x-api-key" },
            store,
          }),
        )
        .get("/", () => ok("hello"));
      const headers = { "x-api-key": "secret-key-of-a-user" };
      const statuses: number[] = [];
      for (let n = 0; n < 3; n++) {
        statuses.push((await server.inject({ path: "/", headers })).status);
      }
      assertEquals(statuses, [200, 200, 429]);
      const keys = (await cli("KEYS", "*")).split("\n").sort();
      assertEquals(keys.length, 2);
      assert(keys[0].startsWith("ratelimit:day:token-bucket:"), keys[0]);
      assert(keys[1].startsWith("ratelimit:minute:fixed-window:=#"), keys[1]);
      assert(!keys[1].includes("secret"), "Redis holds no secret");
    });
  });
}

/** The script with a clock and a life of keys that the test chooses. */
function scriptWithClock(): string {
  const clocked = SCRIPT.replace(NOW_LINE, "local now = tonumber(ARGV[6])");
  assertNotEquals(clocked, SCRIPT);
  const lasting = clocked.replace(
    /^local function lifetime.*$/m,
    "local function lifetime() return 600000 end",
  );
  assertNotEquals(lasting, clocked);
  return lasting;
}

for (const algorithm of ALGORITHMS) {
  Deno.test(`the script of redisStore() decides as ${algorithm} in memory does`, async () => {
    const random = new Prng(11);
    const script = scriptWithClock();
    await withRedis("ioredis", async ({ client }) => {
      if (!("evalsha" in client)) throw new Error("This is not ioredis");
      for (let run = 0; run < 40; run++) {
        const capacity = random.integer(1, run % 2 === 0 ? 10 : 400);
        const periodMs = random.integer(100, 5000);
        const policy = policyOf(algorithm, capacity, periodMs);
        const state = freshState();
        let now = 1_000_000;
        for (let step = 0; step < 60; step++) {
          const wait = random.integer(0, Math.ceil(periodMs / 3));
          // A clock that goes back, now and then.
          now += random.next() < 0.05 ? -3 * wait : wait;
          const cost = random.integer(0, Math.ceil(capacity / 4) + 1);
          const numbers = [capacity, periodMs, cost, GROUPS, now].map(String);
          const reply = await client.eval(
            script,
            1,
            `${algorithm}:${run}`,
            algorithm,
            ...numbers,
          ) as number[];
          const own = CONSUME[algorithm](state, now, cost, policy);
          const name = `run ${run}, step ${step}`;
          assertEquals(reply[0], Number(own.admitted), name);
          assertEquals(reply[1], own.remaining, name);
          assert(Math.abs(reply[2] - own.resetMs) <= 1.001, name);
          const retryMs = own.retryAfterMs === Infinity ? -1 : own.retryAfterMs;
          assert(Math.abs(reply[3] - retryMs) <= 1.001, name);
        }
      }
    });
  });
}
