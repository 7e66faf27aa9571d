/** nginx and haproxy as processes of a test. */
import { join } from "@std/path";
import { delay } from "./load.ts";

/** A port that was free a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

const TRIES = 200;
const TRY_EVERY_MS = 20;

/** A front server, run in the foreground until it is disposed of. */
export class Front implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #output: Promise<Deno.CommandOutput>;
  readonly #folder: string;

  private constructor(child: Deno.ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    this.#output = child.output();
  }

  /**
   * Starts a program with a configuration file that `configure` writes for a
   * folder of its own, and waits until it listens on `port`.
   */
  static async start(
    command: readonly string[],
    port: number,
    configure: (folder: string) => string,
  ): Promise<Front> {
    const folder = await Deno.makeTempDir({ prefix: "front_" });
    // Unprivileged workers must get to it.
    await Deno.chmod(folder, 0o755);
    const file = join(folder, "front.conf");
    await Deno.writeTextFile(file, configure(folder));
    const [name, ...args] = command;
    const child = new Deno.Command(name, {
      args: [...args, file],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const front = new Front(child, folder);
    await front.#listens(port);
    return front;
  }

  async #listens(port: number): Promise<void> {
    for (let at = 0; at < TRIES; at++) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port })).close();
        return;
      } catch {
        await delay(TRY_EVERY_MS);
      }
    }
    const { stdout, stderr } = await this.#stop();
    const decoder = new TextDecoder();
    throw new Error(
      `Nothing listens on ${port}:\n${decoder.decode(stdout)}${
        decoder.decode(stderr)
      }`,
    );
  }

  async #stop(): Promise<Deno.CommandOutput> {
    try {
      // It takes its workers along.
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
    const output = await this.#output;
    await Deno.remove(this.#folder, { recursive: true });
    return output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }
}

/** Starts nginx with these lines in its one `server` block. */
export function startNginxServer(
  port: number,
  lines: readonly string[],
): Promise<Front> {
  const configure = (folder: string) => `
daemon off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    ${lines.join("\n    ")}
  }
}
`;
  return Front.start(["nginx", "-p", "/tmp", "-c"], port, configure);
}

/** Starts nginx with one `location` that passes all on to `upstream`. */
export function startNginx(
  port: number,
  upstream: string,
  lines: readonly string[],
): Promise<Front> {
  return startNginxServer(port, [
    "location / {",
    `proxy_pass ${upstream};`,
    "proxy_http_version 1.1;",
    'proxy_set_header Connection "";',
    "proxy_set_header Host $http_host;",
    ...lines,
    "}",
  ]);
}

/** Starts haproxy in `mode` before a server on `upstream`. */
export function startHaproxy(
  port: number,
  upstream: number,
  mode: "tcp" | "http",
  options: string,
): Promise<Front> {
  const configure = () => `
global
  maxconn 256
defaults
  mode ${mode}
  timeout connect 5s
  timeout client 10s
  timeout server 10s
frontend front
  bind 127.0.0.1:${port}
  default_backend back
backend back
  server only 127.0.0.1:${upstream} ${options}
`;
  return Front.start(["haproxy", "-db", "-f"], port, configure);
}
