/** What is measured: each case, and the servers that take part in it. */

/** The servers, as `servers.ts` starts them. */
export type ServerName =
  | "ours"
  | "raw"
  | "Deno.serve"
  | "Hono"
  | "Bun.serve"
  | "node:http"
  | "node:http on Deno"
  | "Fastify"
  | "Express"
  | "nginx"
  | "ours, 10 routes"
  | "ours, 10,000 routes"
  | "ours, by a writer"
  | "ours, with a log"
  | "ours, full stack"
  | "Hono, full stack";

/** One comparison. */
export interface Case {
  readonly name: string;
  readonly path: string;
  readonly connections: number;
  readonly script?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly servers: readonly ServerName[];
  /** Over TLS. */
  readonly tls?: boolean;
  /** Also measured by `--quick`. */
  readonly quick?: boolean;
}

const ON_DENO: readonly ServerName[] = ["ours", "raw", "Deno.serve", "Hono"];
const ALL: readonly ServerName[] = [
  ...ON_DENO,
  "Bun.serve",
  "node:http",
  "node:http on Deno",
  "Fastify",
  "Express",
];
const FILES: readonly ServerName[] = ["ours", "nginx", "Deno.serve", "Hono"];

// What a desktop browser sends when it follows a link: 14 fields with Host.
const BROWSER = {
  "Connection": "keep-alive",
  "Cache-Control": "max-age=0",
  "sec-ch-ua": '"Chromium";v="142", "Not_A Brand";v="99"',
  "sec-ch-ua-mobile": "?0",
  "sec-ch-ua-platform": '"Linux"',
  "Upgrade-Insecure-Requests": "1",
  "User-Agent":
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) " +
    "Chrome/142.0.0.0 Safari/537.36",
  "Accept":
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif," +
    "image/webp,*/*;q=0.8",
  "Sec-Fetch-Site": "same-origin",
  "Sec-Fetch-Mode": "navigate",
  "Sec-Fetch-Dest": "document",
  "Accept-Language": "en-US,en;q=0.9",
  "Cookie": "session=0123456789abcdef0123456789abcdef; theme=dark",
};

/** Every case, in the order of the report. */
export const CASES: readonly Case[] = [
  { name: "plaintext", path: "/", connections: 64, servers: ALL, quick: true },
  { name: "JSON", path: "/json", connections: 64, servers: ALL, quick: true },
  {
    name: "route with a parameter, among 50",
    path: "/resource25/42",
    connections: 64,
    servers: ALL,
    quick: true,
  },
  {
    name: "headers of a browser",
    path: "/",
    connections: 64,
    headers: BROWSER,
    servers: ALL,
    quick: true,
  },
  {
    name: "POST 1 KiB of JSON, echoed",
    path: "/echo",
    connections: 64,
    script: "post.lua",
    servers: ALL,
    quick: true,
  },
  {
    name: "a line of JSON in a log file",
    path: "/json",
    connections: 64,
    servers: ["ours, with a log", "ours"],
  },
  {
    name: "full stack of middleware",
    path: "/json",
    connections: 64,
    servers: ["ours, full stack", "Hono, full stack"],
  },
  {
    name: "streamed 1 MiB",
    path: "/stream",
    connections: 16,
    servers: ALL,
  },
  {
    name: "written 1 MiB",
    path: "/stream",
    connections: 16,
    servers: ["ours, by a writer", "ours", "raw", "Deno.serve"],
  },
  {
    name: "pipelined, 16 at a time",
    path: "/",
    connections: 64,
    script: "pipeline.lua",
    servers: ["ours", "Deno.serve", "Hono", "Bun.serve", "node:http"],
    quick: true,
  },
  {
    name: "pipelined, headers of a browser",
    path: "/",
    connections: 64,
    script: "pipeline.lua",
    headers: BROWSER,
    servers: ["ours", "Deno.serve", "Bun.serve"],
  },
  {
    name: "file of 1 KiB",
    path: "/files/1k.bin",
    connections: 64,
    servers: FILES,
  },
  {
    name: "file of 100 KiB",
    path: "/files/100k.bin",
    connections: 64,
    servers: FILES,
  },
  {
    name: "file of 10 MiB",
    path: "/files/10m.bin",
    connections: 16,
    servers: FILES,
  },
  {
    name: "route among 10 and among 10,000",
    path: "/resource5/42",
    connections: 64,
    servers: ["ours, 10,000 routes", "ours, 10 routes"],
  },
  { name: "1 connection", path: "/", connections: 1, servers: ON_DENO },
  { name: "10 connections", path: "/", connections: 10, servers: ON_DENO },
  { name: "100 connections", path: "/", connections: 100, servers: ON_DENO },
  { name: "256 connections", path: "/", connections: 256, servers: ON_DENO },
  { name: "512 connections", path: "/", connections: 512, servers: ON_DENO },
  { name: "1,000 connections", path: "/", connections: 1000, servers: ON_DENO },
  // Needs 10,000 descriptors: ulimit -n 20000.
  {
    name: "10,000 connections",
    path: "/",
    connections: 10_000,
    servers: ["ours", "raw", "Deno.serve"],
  },
  {
    name: "new connection for each request",
    path: "/",
    connections: 64,
    headers: { "Connection": "close" },
    servers: ON_DENO,
  },
  {
    name: "over TLS",
    path: "/",
    connections: 64,
    tls: true,
    servers: ["ours", "raw", "Deno.serve"],
  },
];
