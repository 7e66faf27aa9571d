/** What examples/deploy holds, run as its files say. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { Program, ROOT } from "../support/program.ts";
import { within } from "../support/within.ts";
import { Front } from "./front.ts";
import { delay } from "./load.ts";

/** Where the files are. */
export const FOLDER = join(ROOT, "examples", "deploy");

/** Reads one of the files. */
export function readDeployFile(name: string): Promise<string> {
  return Deno.readTextFile(join(FOLDER, name));
}

/** The arguments of deno in the Dockerfile. */
export async function imageCommand(): Promise<string[]> {
  const dockerfile = await readDeployFile("Dockerfile");
  const [, list] = /^CMD (\[.*\])$/m.exec(dockerfile) ?? [];
  return JSON.parse(list);
}

const START_MS = 30_000;
const POLL_MS = 10;

/** A replica on a port of its own, that can be restarted. */
export class Replica implements AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly name: string;
  readonly #env: Record<string, string>;
  #program: Program | null = null;

  constructor(port: number, env: Record<string, string>) {
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.name = env.REPLICA ?? `${port}`;
    this.#env = { ...env, PORT: `${port}`, TRUSTED_PROXIES: "127.0.0.1" };
  }

  /** Starts it with the permissions of the image, and waits until it is ready. */
  async start(): Promise<void> {
    // The packages may have to be fetched here.
    const args = (await imageCommand()).filter((one) =>
      one !== "--cached-only"
    );
    this.#program = await Program.start(args, { env: this.#env });
    await within("a replica", this.#program.url(), START_MS);
    assertEquals(await this.status("/health/ready"), 200);
  }

  /** The status of an answer of this replica, past the proxy. */
  async status(path: string): Promise<number> {
    const response = await fetch(this.url + path);
    await response.body?.cancel();
    return response.status;
  }

  /** Sends SIGTERM and returns once it is not ready any more. */
  async beginEnd(): Promise<void> {
    this.#program?.kill("SIGTERM");
    const unready = async () => {
      while (await this.status("/health/ready") !== 503) await delay(POLL_MS);
    };
    await within("readiness to fall", unready());
  }

  /** Waits for the end of the process. */
  async ended(): Promise<void> {
    const ended = this.#program?.ended();
    if (ended === undefined) return;
    const { code, stderr } = await within("the end", ended, START_MS);
    assertEquals([code, stderr], [0, ""]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]();
  }
}

/** A text with each of these replaced, all of which must be there. */
export function replaceAll(
  text: string,
  pairs: Readonly<Record<string, string>>,
): string {
  for (const [from, to] of Object.entries(pairs)) {
    if (!text.includes(from)) throw new Error(`There is no "${from}"`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** Writes nginx.conf and its upstreams for a test into a folder. */
export async function nginxFiles(
  port: number,
  upstream: string,
): Promise<(folder: string) => string> {
  const config = await readDeployFile("nginx/nginx.conf");
  return (folder) => {
    Deno.writeTextFileSync(join(folder, "upstream.conf"), upstream);
    return replaceAll(config, {
      "listen 8080;": `listen 127.0.0.1:${port};`,
      "/run/nginx.pid": `${folder}/nginx.pid`,
      "/var/log/nginx/error.log": "stderr",
      "/var/log/nginx/access.log": `${folder}/access.log`,
    });
  };
}

/** nginx as `nginx.conf` and `upstream.conf` say, before these two replicas. */
export async function startDeployedNginx(
  port: number,
  [first, second]: readonly Replica[],
): Promise<Front> {
  const upstream = replaceAll(await readDeployFile("nginx/upstream.conf"), {
    "127.0.0.1:8081": `127.0.0.1:${first.port}`,
    "127.0.0.1:8082": `127.0.0.1:${second.port}`,
  });
  const command = ["nginx", "-g", "daemon off;", "-p", "/tmp", "-c"];
  return Front.start(command, port, await nginxFiles(port, upstream));
}

/** Caddy as the `Caddyfile` says, before these two replicas. */
export async function startDeployedCaddy(
  port: number,
  [first, second]: readonly Replica[],
): Promise<Front> {
  const config = replaceAll(await readDeployFile("Caddyfile"), {
    ":8080 {": `:${port} {\n\tbind 127.0.0.1`,
    "127.0.0.1:8081": `127.0.0.1:${first.port}`,
    "127.0.0.1:8082": `127.0.0.1:${second.port}`,
  });
  const command = ["caddy", "run", "--adapter", "caddyfile", "--config"];
  return Front.start(command, port, () => config);
}
