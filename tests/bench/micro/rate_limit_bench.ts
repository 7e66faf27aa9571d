/** What a rate limit costs a request, with its store in memory. */
import { HttpResponse } from "../../../src/http/response.ts";
import {
  memoryStore,
  rateLimit,
  type RateLimitOptions,
} from "../../../src/middleware/rate_limit/mod.ts";
import { fakeRequest } from "../../unit/middleware/fakes.ts";

const MANY = 1e9;
const LIMITS: Record<string, RateLimitOptions> = {
  "token-bucket": { requestsPerSecond: MANY, burstSize: MANY },
  "gcra": { algorithm: "gcra", limit: MANY, windowMs: 1000 },
  "fixed-window": { algorithm: "fixed-window", limit: MANY, windowMs: 1000 },
  "sliding-window": {
    algorithm: "sliding-window",
    limit: MANY,
    windowMs: 1000,
  },
  "token-bucket without fields": {
    requestsPerSecond: MANY,
    burstSize: MANY,
    standardHeaders: false,
  },
};

const addresses = Array.from({ length: 1000 }, (_, n) => `10.0.${n >> 8}.${n}`);
const requests = addresses.map((hostname) =>
  fakeRequest({ remoteAddress: { transport: "tcp", hostname, port: 1 } })
);
let turn = 0;

function next(): HttpResponse {
  return new HttpResponse();
}

Deno.bench("no limit", { group: "admit", baseline: true }, () => {
  turn = (turn + 1) % requests.length;
  next();
});

for (const [name, options] of Object.entries(LIMITS)) {
  const limit = rateLimit(options);
  Deno.bench(name, { group: "admit" }, () => {
    turn = (turn + 1) % requests.length;
    limit(requests[turn], next);
  });
}

const refusing = rateLimit({ requestsPerSecond: 1e-9 });
Deno.bench("token-bucket, refused", { group: "refuse" }, () => {
  turn = (turn + 1) % requests.length;
  refusing(requests[turn], next);
});

const policy = {
  name: "bench",
  algorithm: "token-bucket",
  capacity: 10,
  periodMs: 3_600_000,
} as const;
const full = memoryStore({ maxKeys: 10_000 });
let made = 0;
Deno.bench("a new key in a full store", { group: "keys" }, () => {
  full.consume(`key ${made++}`, 1, policy);
});
