/** How each server is started. */
import { fromFileUrl, join } from "@std/path";
import { commandLine } from "../../.ci/offline/standins.ts";
import type { ServerName } from "./cases.ts";
import type { Start } from "./process.ts";

/** What the servers need that is made for one run. */
export interface Fixture {
  /** A directory with the files that are served. */
  readonly files: string;
  /** Certificate and key, PEM files. */
  readonly cert: string;
  readonly key: string;
  /** A directory for what servers write. */
  readonly work: string;
  /** A port that is free, for servers that can't choose one. */
  readonly freePort: () => number;
}

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
const PEERS_FOLDER = fromFileUrl(new URL("./peers/", import.meta.url));

const PROGRAMS: Partial<Record<ServerName, string>> = {
  "ours": "ours.ts",
  "ours, 10 routes": "ours.ts",
  "ours, 10,000 routes": "ours.ts",
  "ours, by a writer": "ours_writer.ts",
  "ours, with a log": "ours_log.ts",
  "ours, full stack": "ours_stack.ts",
  "raw": "raw.ts",
  "Deno.serve": "deno_serve.ts",
  "Hono": "hono.ts",
  "Hono, full stack": "hono_stack.ts",
};

const ROUTES: Partial<Record<ServerName, string>> = {
  "ours, 10 routes": "10",
  "ours, 10,000 routes": "10000",
};

/** The start of a server; with TLS where `tls` says so. */
export async function startOf(
  name: ServerName,
  fixture: Fixture,
  tls: boolean,
): Promise<Start> {
  const env: Record<string, string> = {
    BENCH_FILES: fixture.files,
    BENCH_WORK: fixture.work,
  };
  if (tls) {
    Object.assign(env, { BENCH_CERT: fixture.cert, BENCH_KEY: fixture.key });
  }
  const routes = ROUTES[name];
  if (routes !== undefined) env.BENCH_ROUTES = routes;
  const program = PROGRAMS[name];
  if (program !== undefined) return await denoProgram(program, env);
  switch (name) {
    case "Bun.serve":
      return peer(join(PEERS_FOLDER, "node_modules/.bin/bun"), "bun.js");
    case "node:http on Deno":
      return peer(Deno.execPath(), "node_http.js", "run", "-A", "--no-config");
    case "node:http":
      return peer("node", "node_http.js");
    case "Fastify":
      return peer("node", "fastify.js");
    case "Express":
      return peer("node", "express.js");
    default:
      return nginx(fixture);
  }
}

async function denoProgram(
  file: string,
  env: Record<string, string>,
): Promise<Start> {
  const path = fromFileUrl(new URL(`./servers/${file}`, import.meta.url));
  const line = await commandLine(["run", "-A", path]);
  return {
    command: Deno.execPath(),
    args: line.args,
    env: { ...line.env, ...env },
  };
}

function peer(command: string, file: string, ...args: string[]): Start {
  return {
    command,
    args: [...args, join(PEERS_FOLDER, file)],
    env: { NODE_ENV: "production" },
  };
}

function nginx(fixture: Fixture): Start {
  const port = fixture.freePort();
  const config = join(fixture.work, "nginx.conf");
  Deno.writeTextFileSync(config, nginxConfig(fixture, port));
  return { command: "nginx", args: ["-c", config], port };
}

function nginxConfig({ files, work }: Fixture, port: number): string {
  return `daemon off;
worker_processes 1;
pid ${work}/nginx.pid;
error_log ${work}/nginx.log;
events { worker_connections 2048; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  open_file_cache max=1000;
  client_body_temp_path ${work}/nginx_body;
  proxy_temp_path ${work}/nginx_proxy;
  fastcgi_temp_path ${work}/nginx_fastcgi;
  uwsgi_temp_path ${work}/nginx_uwsgi;
  scgi_temp_path ${work}/nginx_scgi;
  server {
    listen 127.0.0.1:${port};
    location /files/ { alias ${files}/; }
  }
}
`;
}

/** The servers that `peers/package.json` names. */
export const PEERS: readonly ServerName[] = ["Bun.serve", "Fastify", "Express"];

/** Installs them, once. */
export async function installPeers(): Promise<void> {
  try {
    await Deno.stat(join(PEERS_FOLDER, "node_modules/.bin/bun"));
  } catch {
    console.error("Installing Bun, Fastify and Express into tests/bench/peers");
    const { success, stderr } = await new Deno.Command("npm", {
      args: ["install", "--no-package-lock", "--no-audit", "--no-fund"],
      cwd: PEERS_FOLDER,
      stdout: "null",
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  }
}

/** True if this machine has what a server runs on. */
export async function available(name: ServerName): Promise<boolean> {
  if (name === "nginx") return await runs("nginx", "-v");
  if (["node:http", "Fastify", "Express"].includes(name)) {
    return await runs("node", "--version");
  }
  return true;
}

async function runs(command: string, ...args: string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(command, {
      args,
      cwd: ROOT,
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}
