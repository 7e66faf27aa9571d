/**
 * {@linkcode Connection}: one client from accept to close: what phase it is in,
 * what it may take, and how it ends.
 *
 * @module
 */

import { ipOf } from "../../http/forwarded.ts";
import { ProtocolError, REQUEST_TIMEOUT } from "../../protocol/errors.ts";
import { BodyRate } from "./body_rate.ts";
import type { CycleLink } from "./cycle_link.ts";
import { type ConnectionHost, countTimeout } from "../host.ts";
import { Input } from "./input.ts";
import { Output } from "./output.ts";
import { readProxyHeader } from "./proxy_header.ts";
import { RequestCycle } from "./request_cycle.ts";
import { closeQuietly, type Socket } from "./socket.ts";
import type { Timed } from "../timers.ts";

// Shaking hands; between two requests; reading a head; running a handler or
// sending; closing.
type Phase = "open" | "idle" | "head" | "busy" | "linger" | "closed";

// Answers of a pipeline leave together, up to this many bytes.
const FLUSH_BYTES = 64 * 1024;
// A client that has not asked yet, or not been told of the end, is waited for
// this long in a shutdown.
const NEXT_REQUEST_GRACE_MS = 500;
// After as much time without a request, another one is not awaited soon.
const REST_MS = 1_000;

/** Serves one client. */
export class Connection implements CycleLink, Timed {
  /** What has arrived and is not used yet. */
  readonly input: Input;
  /** What is to be sent. */
  readonly output: Output;
  /** The number of requests received. */
  requests = 0;

  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  // An idle connection does without them.
  #cycle: RequestCycle | null = null;
  #bodyRate: BodyRate | null = null;
  readonly #peerIp: string;
  #countedIp = "";
  #isOneTooMany = false;
  #isKept = false;
  #isWaiting = false;
  #handshake: Promise<unknown> | null = null;
  #secure: boolean;
  #proxied: Deno.NetAddr | null = null;
  #phase: Phase = "open";
  #deadline: number;
  #handlerDeadline = Infinity;
  #halfCloseDeadline = Infinity;
  #restAt = Infinity;
  #sentAtHalfClose = 0;

  /** Takes over an accepted socket. */
  constructor(socket: Socket, host: ConnectionHost, secure: boolean) {
    this.#socket = socket;
    this.#host = host;
    this.#secure = secure;
    this.#peerIp = ipOf(socket.remoteAddr);
    this.input = new Input(socket, host.readPool, host.counters);
    this.output = new Output(
      socket,
      host.outputPool,
      host.sweeper,
      host.counters,
    );
    this.#deadline = host.sweeper.exactDeadline(
      secure ? host.timeouts.tlsHandshakeMs : host.timeouts.headersMs,
    );
  }

  /** The peer's address, or what a PROXY protocol header says of it. */
  get remoteAddress(): Deno.Addr {
    return this.#proxied ?? this.#socket.remoteAddr;
  }

  /** True over TLS, also one that a proxy has ended. */
  get secure(): boolean {
    return this.#secure;
  }

  /** True while a request is being answered. */
  get isAnswering(): boolean {
    return this.#cycle?.isActive ?? false;
  }

  get #hasAnswered(): boolean {
    return this.#cycle?.answering ?? false;
  }

  /** True while answers wait to be taken by the peer. */
  get hasUnsent(): boolean {
    return this.output.length > 0 || this.output.sendingSince !== Infinity;
  }

  /** True once nothing more will be answered. */
  get isOver(): boolean {
    return this.#phase === "linger" || this.#phase === "closed";
  }

  /** Serves until the connection ends; never rejects. One too many of its client is answered 503. */
  // One function, as what waits here is kept by each idle connection: another
  // that waits for this would take 400 bytes.
  async serve(): Promise<void> {
    const { input, output } = this;
    const { turns } = this.#host;
    let arrived = 0;
    let isFull = false;
    try {
      if (!(await this.#open())) return;
      if (this.#isOneTooMany) this.#refuse();
      while (!this.#isOneTooMany) {
        const bodyAt = this.#parseHead();
        if (bodyAt > 0) {
          const stays = this.#run(bodyAt);
          if (!(typeof stays === "boolean" ? stays : await stays)) break;
          if (output.length >= FLUSH_BYTES) await output.flush();
          continue;
        }
        if (bodyAt < 0) break;
        const parsed = input.length;
        if (output.length > 0) {
          // An early hint that nobody awaits may still be on its way.
          if (output.isSending) await output.flush();
          else if (!output.finish(await output.begin())) await output.flush();
        }
        this.#reportEnds();
        // More may have come meanwhile, and the peer's end with it.
        if (input.length > parsed) continue;
        if (!this.#awaitHead()) break;
        const turn = input.reading ? null : turns.take(arrived, !isFull);
        if (turn !== null && !(await this.#waitForTurn(turn))) break;
        const read = input.begin(0);
        const count = await read;
        input.finish(read, count);
        if (this.isOver || (input.ended && input.length === parsed)) break;
        arrived = count ?? 0;
        isFull = input.isFull;
      }
      await this.#finish();
    } catch (error) {
      this.broke(error);
    } finally {
      this.#close();
    }
  }

  // A bad message is refused at once; nothing behind it is read.
  #parseHead(): number {
    const cycle = this.#needCycle();
    const bodyAt = cycle.parseHead();
    if (bodyAt < 0) cycle.refuse(ProtocolError.of(bodyAt));
    return bodyAt;
  }

  #run(bodyAt: number): boolean | Promise<boolean> {
    return this.#needCycle().run(bodyAt);
  }

  #reportEnds(): void {
    this.#cycle?.reportEnds();
  }

  #needCycle(): RequestCycle {
    return this.#cycle ??= new RequestCycle(this, this.#host);
  }

  #refuse(): void {
    this.#host.counters.overloads++;
    this.#needCycle().refuseOverload();
  }

  // All that comes before the first request; false if that fails.
  async #open(): Promise<boolean> {
    const { sweeper, timeouts, proxies } = this.#host;
    const isProxy = proxies?.(this.#peerIp) ?? false;
    if (!isProxy) this.#count(this.#peerIp);
    if (this.#secure) {
      this.#handshake = this.#socket.handshake?.() ?? null;
      await this.#handshake;
      this.#handshake = null;
    }
    if (this.isOver) return false;
    this.#deadline = sweeper.exactDeadline(timeouts.headersMs);
    if (isProxy && !(await this.#takeProxyHeader())) return false;
    this.#phase = "head";
    return true;
  }

  // The connections of a proxy are those of its clients.
  #count(ip: string): void {
    this.#countedIp = ip;
    this.#isOneTooMany = this.#host.perAddress.enter(ip);
  }

  // A peer that must tell whom it speaks for and does not gets no answer.
  async #takeProxyHeader(): Promise<boolean> {
    const header = await readProxyHeader(this.input).catch((error) => {
      if (!(error instanceof ProtocolError)) throw error;
      this.#needCycle().reportFault(error);
      return null;
    });
    if (header === null || this.isOver) return false;
    const { source } = header;
    if (source === null) return true;
    this.#proxied = {
      transport: "tcp",
      hostname: source.ip,
      port: source.port,
    };
    this.#secure = header.secure;
    this.#count(ipOf(this.#proxied));
    return true;
  }

  // False if the connection has ended meanwhile.
  async #waitForTurn(turn: Promise<void>): Promise<boolean> {
    this.#isWaiting = true;
    await turn;
    this.#isWaiting = false;
    return !this.isOver;
  }

  // Sets the deadline of the next head: it counts from the head's first byte and
  // no byte moves it. False if no head can come.
  #awaitHead(): boolean {
    const { timeouts, sweeper, state } = this.#host;
    if (this.input.ended) return false;
    this.#needCycle().inRow = 0;
    if (this.#phase === "head") return true;
    if (this.input.length > 0) {
      this.#phase = "head";
      this.#deadline = sweeper.exactDeadline(timeouts.headersMs);
      return true;
    }
    if (state.draining) {
      // Its last answer has promised that it stays: who relies on that is
      // answered, and told of the end.
      this.#phase = "head";
      this.#deadline = sweeper.exactDeadline(NEXT_REQUEST_GRACE_MS);
      return true;
    }
    if (this.#phase !== "idle") {
      this.#phase = "idle";
      this.#restAt = sweeper.now + REST_MS;
      this.#deadline = sweeper.coarseDeadline(timeouts.keepAliveMs);
    }
    return true;
  }

  /** A request is being handled: no deadline but those of its body and its answer. */
  becameBusy(): void {
    const { timeouts, sweeper } = this.#host;
    this.#phase = "busy";
    this.#deadline = Infinity;
    this.#handlerDeadline = sweeper.coarseDeadline(timeouts.handlerMs);
  }

  /** A body is about to come. */
  bodyBegins(): void {
    const { limits, timeouts } = this.#host;
    this.#bodyRate ??= new BodyRate(limits, timeouts);
    this.#bodyRate.begin();
  }

  /** The peer owes a piece of the body from now on. */
  bodyAwaited(): void {
    // A body that is still waited for must not move the end of a lingering.
    if (this.#phase !== "busy") return;
    const now = this.#host.sweeper.exactNow();
    this.#deadline = this.#bodyRate?.deadline(now) ?? Infinity;
  }

  /** It has arrived, with so many bytes. */
  bodyArrived(bytes: number): void {
    if (this.#phase !== "busy") return;
    this.#bodyRate?.arrived(this.#host.sweeper.exactNow(), bytes);
    this.#deadline = Infinity;
  }

  /**
   * Reads on while a handler runs or an answer is sent, to see the peer leave.
   * What arrives is the rest of the body or the next request; no more than a
   * buffer is read.
   */
  watchPeer(): void {
    const { input } = this;
    if (input.ended || input.reading || !input.canReadAhead) return;
    const read = input.begin(0);
    read.then((count) => {
      input.finish(read, count);
      if (input.ended) this.#peerEnded();
      else if (this.#phase === "busy") this.watchPeer();
    }, (error) => this.broke(error));
  }

  // The peer has ended its side: it may have left, or wait for its answer.
  #peerEnded(): void {
    const { timeouts, sweeper } = this.#host;
    this.#halfCloseDeadline = sweeper.exactDeadline(timeouts.halfCloseMs);
    this.#sentAtHalfClose = this.output.sent;
  }

  /** Acts on the deadlines that have come. */
  checkDeadlines(now: number): void {
    const { sweeper, timeouts: { writeIdleMs } } = this.#host;
    const isStalled = writeIdleMs > 0 &&
      // Since a moment that may be a tick old: never early.
      now - this.output.sendingSince >= writeIdleMs + sweeper.tickMs;
    if (now >= this.#deadline || isStalled) this.#expire(isStalled);
    else if (now >= this.#handlerDeadline) this.#handlerExpired();
    else if (now >= this.#halfCloseDeadline) this.#checkHalfClose();
    else if (this.#phase === "idle" && now >= this.#restAt) this.#rest();
  }

  // Ten thousand idle connections need not keep what only requests need.
  #rest(): void {
    this.#restAt = Infinity;
    this.#cycle = this.#bodyRate = null;
  }

  #checkHalfClose(): void {
    if (this.output.sent > this.#sentAtHalfClose) return this.#peerEnded();
    this.broke(new DOMException("The client left", "AbortError"));
  }

  // Time is up. Whoever is owed an answer gets 408; the rest is cut.
  #expire(isStalled: boolean): void {
    const isBusy = this.#phase === "busy";
    const isOwed = this.#phase === "head"
      ? this.input.length > 0
      : isBusy && !this.#hasAnswered;
    if (isOwed || isBusy) {
      countTimeout(
        this.#host.counters,
        isStalled ? "write" : isBusy ? "body" : "headers",
      );
    }
    if (this.#handshake !== null) return this.#giveUp(this.#handshake);
    if (!isOwed) {
      return this.cut(new DOMException("Time is up", "TimeoutError"));
    }
    const error = ProtocolError.of(REQUEST_TIMEOUT);
    const cycle = this.#needCycle();
    cycle.abort(error);
    cycle.refuse(error);
    this.#endWithAnswer();
  }

  #giveUp(handshake: Promise<unknown>): void {
    const { givenUp, perAddress } = this.#host;
    const ip = this.#countedIp;
    this.#countedIp = "";
    this.#isKept = true;
    // Before it ends, or its place would be given away.
    givenUp.keep(handshake, () => {
      closeQuietly(this.#socket);
      perAddress.leave(ip);
    });
    this.#close();
  }

  #handlerExpired(): void {
    this.#handlerDeadline = Infinity;
    if (this.#phase !== "busy" || this.#hasAnswered) return;
    countTimeout(this.#host.counters, "handler");
    const cycle = this.#needCycle();
    cycle.abort(new DOMException("Time is up", "TimeoutError"));
    cycle.refuseOverload();
    this.#endWithAnswer();
  }

  #endWithAnswer(): void {
    // Whoever waits in a read of this connection goes on when more arrives or
    // the lingering ends.
    this.#beginLinger().catch(() => this.#close());
  }

  // Sends what is left and closes so that the peer sees it: with bytes of the
  // peer unread, a plain close would be a reset (RFC 9112 9.6).
  async #finish(): Promise<void> {
    if (this.#phase === "closed") return;
    if (this.#needCycle().isClean || this.input.ended) {
      return await this.output.flush();
    }
    if (this.#host.timeouts.lingerMs === 0) return await this.output.flush();
    if (this.#phase !== "linger") await this.#beginLinger();
    await this.input.dropUpTo(this.#host.limits.lingerBytes);
  }

  async #beginLinger(): Promise<void> {
    const { timeouts, sweeper } = this.#host;
    this.#phase = "linger";
    this.#deadline = sweeper.exactDeadline(timeouts.lingerMs);
    await this.output.flush();
    this.#reportEnds();
    await this.#socket.closeWrite();
  }

  /**
   * Begins to end the connection: at once between two requests, shortly if
   * none was asked yet or the next one may not have been read, else behind the
   * current answer.
   */
  drain(): void {
    const isIdle = this.#phase === "idle";
    const isSilent = this.#phase === "head" || this.#phase === "open";
    if (isIdle && !this.#isWaiting) this.#close();
    else if (isIdle || (isSilent && this.requests === 0)) {
      const grace = this.#host.sweeper.exactDeadline(NEXT_REQUEST_GRACE_MS);
      this.#deadline = Math.min(this.#deadline, grace);
    }
  }

  /** Cuts the connection now. */
  cut(reason: unknown): void {
    this.#cycle?.abort(reason);
    this.#close();
  }

  /** Ends with an error of the connection. */
  broke(error: unknown): void {
    if (this.#phase === "closed") return;
    this.#cycle?.reportBreak(error);
    this.cut(error);
  }

  #close(): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#cycle?.end();
    if (!this.#isKept) closeQuietly(this.#socket);
    this.#host.perAddress.leave(this.#countedIp);
    this.input.release();
    this.output.release();
    this.#host.ended(this);
  }
}
