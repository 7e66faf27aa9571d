/**
 * {@linkcode HttpServer}: the router that listens.
 *
 * @module
 */

import type { HttpResponse } from "../http/response.ts";
import type { ServerStats } from "../http/server_state.ts";
import { Router } from "../routing/router.ts";
import type { AllAdded, Layers } from "../routing/types.ts";
import { rewriteFirst } from "./before_routing.ts";
import { onlyForHosts } from "./host_guard.ts";
import { type Pipeline, ServerCore } from "./core.ts";
import { type InjectInit, injectRequest } from "./inject.ts";
import { type OpenListener, openListener } from "./listening/listener.ts";
import {
  checkListen,
  checkOptions,
  checkShutdown,
  type HttpServerOptions,
  type ListenOptions,
} from "./options.ts";
import type { ShutdownOptions, ShutdownReport } from "./shutdown.ts";
import { listenForSignals } from "./signals.ts";
import { Connection } from "./connection/connection.ts";
import type { Socket } from "./connection/socket.ts";
import { answerWeb, type WebHost, type WebInfo } from "./web_entry.ts";

/** Serves a connection that no listener has accepted; for tests. */
export let serveSocket: (
  server: HttpServer,
  socket: Socket,
  secure: boolean,
) => void;

function webHostOf(core: ServerCore): WebHost {
  return {
    state: core.state,
    bodyBytes: core.limits.bodyBytes,
    handle: core.handle,
    log: core.log,
    clientAddress: core.clientAddress,
  };
}

/**
 * The name of a method that lays options over those of the constructor, for
 * whoever runs a server that somebody else has made, such as the command line.
 * Two copies of this package know it by the same symbol.
 */
export const CONFIGURE: unique symbol = Symbol.for("@x/httpserver/configure");

/** The options that {@linkcode CONFIGURE} takes. */
export type OverridingOptions = Pick<
  HttpServerOptions,
  "limits" | "timeouts" | "allowedHosts" | "clientAddress" | "proxyProtocol"
>;

/**
 * An HTTP/1.1 server: a {@linkcode Router} that listens on a socket of its own,
 * or runs as a web handler where there is none.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = new HttpServer();
 * server.get("/hello/:name", (request) => ok(`hello ${request.params.name}`));
 *
 * const { port } = await server.listen({ port: 0 }) as Deno.NetAddr;
 * const response = await fetch(`http://127.0.0.1:${port}/hello/world`);
 * assertEquals(await response.text(), "hello world");
 * ```
 */
export class HttpServer<State = object> extends Router<State>
  implements AsyncDisposable {
  /**
   * The web entry, for `Deno.serve(server.fetch)`, `deno serve` and Deno
   * Deploy. It is bound, so it can be passed around.
   */
  readonly fetch: (request: Request, info?: WebInfo) => Promise<Response>;

  readonly #core: ServerCore;
  #webHost: WebHost;
  #options: HttpServerOptions;

  /**
   * Makes a server that does not listen yet.
   *
   * @throws {TypeError} For an unknown option or one of the wrong type.
   * @throws {RangeError} For a bound that is no safe integer from 0, or one with
   * which nothing could be served.
   */
  constructor(options: HttpServerOptions = {}) {
    super();
    checkOptions(options);
    this.#options = options;
    this.#core = new ServerCore(options, this.#pipeline(options));
    this.#webHost = webHostOf(this.#core);
    this.fetch = (request, info) => answerWeb(request, info, this.#webHost);
  }

  #pipeline({ allowedHosts, beforeRouting }: HttpServerOptions): Pipeline {
    return onlyForHosts(
      allowedHosts,
      rewriteFirst(beforeRouting, (request) => this.handle(request)),
    );
  }

  /**
   * Lays options over those of the constructor, each limit and time-out for
   * itself, before the server listens.
   *
   * @ignore
   * @throws {TypeError} If it listens, or for an option of the wrong type.
   * @throws {RangeError} For a bound that is none.
   */
  [CONFIGURE](over: OverridingOptions): void {
    const { limits, timeouts } = this.#options;
    const options: HttpServerOptions = {
      ...this.#options,
      ...over,
      limits: { ...limits, ...over.limits },
      timeouts: { ...timeouts, ...over.timeouts },
    };
    checkOptions(options);
    this.#core.configure(options, this.#pipeline(options));
    this.#options = options;
    this.#webHost = webHostOf(this.#core);
  }

  /**
   * Wraps every answer of this server in middleware, the 404, 405 and OPTIONS
   * ones too: the first is the outermost, also around routes that were added
   * before.
   *
   * @throws {TypeError} If something is not a function, or nothing is given.
   */
  override use<Adds extends unknown[]>(
    ...layers: Layers<State, Adds>
  ): HttpServer<State & AllAdded<Adds>>;
  /**
   * Wraps every answer below a prefix. `/api` covers `/api` and `/api/x`, not
   * `/apix`. As other paths go without it, the state it adds may be missing.
   *
   * @throws {TypeError} If something is not a function, or nothing is given.
   * @throws {SyntaxError} If the prefix is no pattern, or has a wildcard.
   */
  override use<Adds extends unknown[]>(
    prefix: string,
    ...layers: Layers<State, Adds>
  ): HttpServer<State & Partial<AllAdded<Adds>>>;
  override use(...args: readonly unknown[]): unknown {
    return this.addLayers(args);
  }

  /**
   * Throws if this server has options: mounted in another, which listens, it
   * would leave its limits and time-outs to that.
   *
   * @throws {TypeError} If it has.
   */
  protected override checkMount(where: string): void {
    const given = Object.entries(this.#options)
      .filter(([, value]) => value !== undefined).map(([name]) => name);
    if (given.length === 0) return;
    throw new TypeError(
      `Cannot mount an HttpServer with options ${where}, which would ignore ${
        given.join(", ")
      }: give them to the server that listens, or mount a Router`,
    );
  }

  /**
   * Listens and serves until {@linkcode HttpServer.shutdown}.
   *
   * @returns The address, with the port that was chosen for port 0.
   * @throws {TypeError} If the server listens already or was shut down, or for an
   * unknown option or one of the wrong type.
   * @throws {Deno.errors.AddrInUse} If the port is taken.
   */
  async listen(options: ListenOptions = {}): Promise<Deno.Addr> {
    checkListen(options);
    this.#core.claim();
    const opened = await this.#open(options);
    const { addr } = opened.listener;
    this.#core.accept(opened);
    try {
      options.onListen?.(addr);
    } catch (error) {
      await this.shutdown({ graceMs: 0 });
      throw error;
    }
    return addr;
  }

  async #open(options: ListenOptions): Promise<OpenListener> {
    try {
      return await openListener(options, this.#core.proxies !== null);
    } catch (error) {
      this.#core.unclaim();
      throw error;
    }
  }

  /**
   * Listens, drains on SIGINT or SIGTERM and resolves once that is done. A
   * second signal, or the end of `timeouts.shutdownMs`, cuts what is left and
   * ends the process with code 1.
   *
   * @throws {TypeError} If the server listens already or was shut down.
   * @throws {Deno.errors.AddrInUse} If the port is taken.
   */
  async run(options: ListenOptions = {}): Promise<void> {
    let signals = 0;
    // Before it listens: a signal right after `onListen` must drain too.
    const ignoreSignals = listenForSignals(() => {
      this.shutdown(++signals === 1 ? {} : { graceMs: 0 });
    });
    try {
      await this.listen(options);
    } catch (error) {
      ignoreSignals();
      throw error;
    }
    const { forced } = await this.#core.finished;
    ignoreSignals();
    // A handler that was cut may never end and would hold the process.
    if (forced) Deno.exit(1);
  }

  /**
   * Ends the server: connections between two requests are closed, requests
   * under way finished, and what is left after `graceMs` is cut. Called again
   * with `graceMs: 0`, it cuts at once.
   *
   * @throws {TypeError} For an unknown option or one of the wrong type.
   * @throws {RangeError} If `graceMs` is negative or not a number.
   */
  shutdown(options: ShutdownOptions = {}): Promise<ShutdownReport> {
    checkShutdown(options);
    return this.#core.shutdown(options);
  }

  /** Resolves once a shutdown is complete. */
  get finished(): Promise<void> {
    return this.#core.finished.then(() => {});
  }

  /** A snapshot of the server's counters. */
  stats(): ServerStats {
    return this.#core.stats();
  }

  /**
   * Runs a request through the real pipeline without a socket, for tests. The
   * default is `GET /`.
   */
  inject(request: InjectInit = {}): Promise<HttpResponse> {
    return injectRequest(request, this.#webHost);
  }

  static {
    serveSocket = (server, socket, secure) => {
      const core = server.#core;
      core.join(new Connection(socket, core, secure));
    };
  }

  /** Shuts the server down with the default grace. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}
