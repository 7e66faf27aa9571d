/** A collector of OTLP over HTTP with JSON, served by this project's server. */
import { HttpServer, ok } from "@x/httpserver";
import { turn } from "./site.ts";
import { within } from "./within.ts";

const PATIENCE_MS = 10_000;

/** A span as it comes over the wire. */
export interface WireSpan {
  readonly service: string;
  readonly scope: string;
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: number;
}

interface WireAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface WireTraces {
  readonly resourceSpans: {
    readonly resource: { readonly attributes: WireAttribute[] };
    readonly scopeSpans: {
      readonly scope: { readonly name: string };
      readonly spans: {
        readonly name: string;
        readonly kind: number;
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly attributes?: WireAttribute[];
        readonly status?: { readonly code?: number };
      }[];
    }[];
  }[];
}

function readAttributes(
  attributes: readonly WireAttribute[] = [],
): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => {
    const [type, content] = Object.entries(value)[0];
    return [key, type === "intValue" ? Number(content) : content];
  }));
}

function readSpans({ resourceSpans }: WireTraces): WireSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const { attributes } = resource;
    const service = `${readAttributes(attributes)["service.name"]}`;
    return scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        service,
        scope: scope.name,
        name: span.name,
        kind: span.kind,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? "",
        attributes: readAttributes(span.attributes),
        status: span.status?.code ?? 0,
      }))
    );
  });
}

/** Takes spans, and keeps them. */
export class Collector implements AsyncDisposable {
  /** What has come. */
  readonly spans: WireSpan[] = [];
  /** Paths and media types of the exports. */
  readonly exports: string[] = [];
  readonly #server = new HttpServer();
  #origin = "";

  /** Begins to listen. */
  static async start(): Promise<Collector> {
    const collector = new Collector();
    const { port } = await collector.#listen() as Deno.NetAddr;
    collector.#origin = `http://127.0.0.1:${port}`;
    return collector;
  }

  /** Where it listens. */
  get origin(): string {
    return this.#origin;
  }

  #listen(): Promise<Deno.Addr> {
    this.#server.post("/v1/*signal", async (request) => {
      this.exports.push(`${request.path} ${request.header("content-type")}`);
      const body = await request.json<WireTraces>();
      if (request.path === "/v1/traces") this.spans.push(...readSpans(body));
      return ok({});
    });
    return this.#server.listen({ hostname: "127.0.0.1", port: 0 });
  }

  /** The spans of a name. */
  named(name: string): WireSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  /** The spans of a name, once there are some. */
  async wait(name: string): Promise<WireSpan[]> {
    const come = async () => {
      while (this.named(name).length === 0) await turn();
    };
    await within(`the span ${name}`, come(), PATIENCE_MS);
    return this.named(name);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown({ graceMs: 0 });
  }
}

/** What makes a program send its spans to the collector, without an SDK. */
export function runtimeTraces(collector: Collector): Record<string, string> {
  return {
    OTEL_DENO: "true",
    OTEL_SERVICE_NAME: "shop",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin,
    OTEL_DENO_CONSOLE: "ignore",
    OTEL_BSP_SCHEDULE_DELAY: "50",
  };
}
