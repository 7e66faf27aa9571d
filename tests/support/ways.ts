/** The three ways that a request can take to a server: a socket, `inject()`,
 * and the web entry. */
import type { HttpServer } from "@x/httpserver";

/** A request, for any way. */
export interface Asked {
  readonly method?: string;
  /** The path and the query, undecoded. */
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** An answer, whichever way it came. */
export interface Answered {
  readonly status: number;
  readonly body: string;
  header(name: string): string | null;
}

/** One way to a server. */
export interface Way {
  readonly name: string;
  ask(asked: Asked): Promise<Answered>;
}

async function answered(response: Response): Promise<Answered> {
  const body = await response.text();
  return {
    status: response.status,
    body,
    header: (name) => response.headers.get(name),
  };
}

function webInit({ method, headers, body }: Asked): RequestInit {
  return { method, headers, body, redirect: "manual" };
}

function byInject(server: HttpServer): Way {
  return {
    name: "inject",
    async ask(asked) {
      const response = await server.inject(asked);
      const body = await response.text();
      const header = (name: string) => response.header(name);
      return { status: response.status, body, header };
    },
  };
}

function byFetch({ fetch }: HttpServer): Way {
  return {
    name: "server.fetch",
    async ask(asked) {
      const url = `http://localhost${asked.path}`;
      return await answered(await fetch(new Request(url, webInit(asked))));
    },
  };
}

function bySocket(port: number): Way {
  return {
    name: "socket",
    async ask(asked) {
      const url = `http://127.0.0.1:${port}${asked.path}`;
      return await answered(await fetch(url, webInit(asked)));
    },
  };
}

/** Runs `check` over each way to a server that listens meanwhile. */
export async function everyWay(
  server: HttpServer,
  check: (way: Way) => Promise<void>,
): Promise<void> {
  const address = await server.listen({ port: 0 }) as Deno.NetAddr;
  try {
    for (
      const way of [byInject(server), byFetch(server), bySocket(address.port)]
    ) await check(way);
  } finally {
    await server.shutdown();
  }
}

/** Sends bytes as they are over a socket and reads all that comes back. */
export async function exchange(port: number, text: string): Promise<string> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(text));
  // Not by `conn.readable`: it closes the connection, as `using` does.
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(16 * 1024);
  let answer = "";
  for (;;) {
    const got = await conn.read(buffer);
    if (got === null) return answer;
    answer += decoder.decode(buffer.subarray(0, got), { stream: true });
  }
}
