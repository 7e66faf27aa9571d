import { fieldLines, HeaderSection } from "../../../src/http/headers.ts";
import {
  HttpRequest,
  type HttpRequestInit,
  type RequestTransport,
} from "../../../src/http/request.ts";
import type { BodySource } from "../../../src/http/request_body.ts";
import { HeaderList } from "../../../src/http/headers.ts";

/** A transport that records the early hints sent through it. */
export interface FakeTransport extends RequestTransport {
  readonly hints: string[][];
}

export function fakeTransport(
  parts: Partial<RequestTransport> = {},
): FakeTransport {
  const hints: string[][] = [];
  return {
    remoteAddress: { transport: "tcp", hostname: "192.0.2.7", port: 4711 },
    secure: false,
    server: {
      draining: false,
      stats: () => {
        throw new Error("not here");
      },
    },
    earlyHints: (_request, links) => {
      hints.push([...links]);
      return Promise.resolve();
    },
    ...parts,
    hints,
  };
}

/** A request with the given parts and the given field lines. */
export function fakeRequest(
  parts: Partial<HttpRequestInit> = {},
  ...lines: [name: string, value: string][]
): HttpRequest {
  return new HttpRequest({
    method: "GET",
    target: "/",
    version: "1.1",
    section: HeaderSection.of(fieldLines(...lines)),
    authority: "example.com",
    body: null,
    transport: fakeTransport(),
    isKeepAlive: true,
    ...parts,
  });
}

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** A source that gives its pieces one by one and counts what is asked of it. */
export class PieceSource implements BodySource {
  readonly length: number | null;
  reads = 0;
  cancelled = 0;
  #pieces: Uint8Array<ArrayBuffer>[];

  constructor(pieces: readonly string[], length: number | null = null) {
    this.#pieces = pieces.map(bytes);
    this.length = length;
  }

  takeWhole(): null {
    return null;
  }

  read(): Promise<Uint8Array<ArrayBuffer> | null> {
    this.reads++;
    return Promise.resolve(this.#pieces.shift() ?? null);
  }

  trailers(): HeaderList {
    return new HeaderList({ "x-sum": "7" });
  }

  cancel(): void {
    this.cancelled++;
  }
}
