// A directory with files, and requests for them, without a server.
import { join } from "@std/path";
import {
  staticFiles,
  type StaticFilesOptions,
} from "../../../../src/handlers/static/mod.ts";
import { HttpError } from "../../../../src/http/errors.ts";
import { FileBody } from "../../../../src/http/file_body.ts";
import { fieldLines, HeaderSection } from "../../../../src/http/headers.ts";
import { HttpRequest } from "../../../../src/http/request.ts";
import { setRoute } from "../../../../src/routing/set_route.ts";
import { HttpResponse } from "../../../../src/http/response.ts";

export interface AskOptions {
  method?: string;
  headers?: Record<string, string>;
  route?: string | null;
  params?: Record<string, string>;
}

const TRANSPORT = {
  remoteAddress: {
    transport: "tcp",
    hostname: "127.0.0.1",
    port: 1,
  } as Deno.NetAddr,
  secure: false,
  server: {
    draining: false,
    stats(): never {
      throw new Error("not asked here");
    },
  },
  earlyHints: () => Promise.resolve(),
};

export function makeRequest(
  target: string,
  options: AskOptions = {},
): HttpRequest {
  const lines = fieldLines(...Object.entries(options.headers ?? {}));
  const request = new HttpRequest({
    method: options.method ?? "GET",
    target,
    version: "1.1",
    section: HeaderSection.of(lines),
    authority: "localhost",
    body: null,
    transport: TRANSPORT,
    isKeepAlive: true,
  });
  setRoute(request, options.route ?? null, options.params ?? null);
  return request;
}

/** A temporary directory, removed at the end of the scope. */
export class Site {
  /** Holds the root and what is beside it. */
  readonly base: string = Deno.realPathSync(Deno.makeTempDirSync());
  readonly root: string = join(this.base, "root");

  constructor(files: Record<string, string | Uint8Array> = {}) {
    Deno.mkdirSync(this.root);
    for (const [path, content] of Object.entries(files)) {
      this.write(join("root", path), content);
    }
  }

  /** The path of something in the base. */
  path(name: string): string {
    return join(this.base, name);
  }

  write(name: string, content: string | Uint8Array): void {
    const path = this.path(name);
    Deno.mkdirSync(join(path, ".."), { recursive: true });
    if (typeof content === "string") Deno.writeTextFileSync(path, content);
    else Deno.writeFileSync(path, content);
  }

  link(target: string, name: string): void {
    Deno.symlinkSync(target, this.path(name));
  }

  serve(options: Partial<StaticFilesOptions> = {}): Ask {
    return askOf({ root: this.root, ...options });
  }

  /** Dates a file. */
  touch(name: string, ms: number): void {
    Deno.utimeSync(this.path(name), new Date(ms), new Date(ms));
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.base, { recursive: true });
  }
}

/** Asks a handler with these options, without a server. */
export function askOf(options: StaticFilesOptions): Ask {
  const handler = staticFiles(options);
  return async function ask(target, askOptions) {
    try {
      const response = await handler(makeRequest(target, askOptions));
      if (response instanceof HttpResponse) return response;
    } catch (error) {
      if (error instanceof HttpError) return errorAnswer(error);
      throw error;
    }
    throw new Error("a web Response was not expected");
  };
}

export type Ask = (
  target: string,
  options?: AskOptions,
) => Promise<HttpResponse>;

function errorAnswer(error: HttpError): HttpResponse {
  const { status, headers } = error;
  return new HttpResponse({ status, headers, body: error.message });
}

/** Deterministic bytes. */
export function someBytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, at) => (at * 7 + (at >> 8)) & 255);
}

/** What one of our servers would do with the content of an answer that is not sent. */
export function discard(response: HttpResponse): void {
  if (response.body instanceof FileBody) response.body.close();
}

export function openDescriptors(folder: string): number {
  // Other tests of this process open files and sockets of their own meanwhile.
  const links = [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`);
    } catch {
      return "";
    }
  });
  return links.filter((path) => path.startsWith(folder)).length;
}
