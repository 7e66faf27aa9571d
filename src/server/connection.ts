/**
 * {@linkcode Connection}: one client from accept to close. Bytes are read and
 * parsed, requests handled one after the other, answers written in their order.
 *
 * @module
 */

import { HttpError } from "../http/errors.ts";
import { fieldLines, HeaderList, HeaderSection } from "../http/headers.ts";
import {
  abortRequest,
  HttpRequest,
  type RequestTransport,
} from "../http/request.ts";
import { RequestBody } from "../http/request_body.ts";
import { HttpResponse } from "../http/response.ts";
import type { ServerState } from "../http/server_state.ts";
import type { BodyDecoder } from "../protocol/body_decoder.ts";
import { appendContinue, appendEarlyHints } from "../protocol/encoder.ts";
import { ProtocolError, REQUEST_TIMEOUT } from "../protocol/errors.ts";
import { LENGTH_BODY, NO_BODY } from "../protocol/framing.ts";
import { RequestReader } from "../protocol/session.ts";
import {
  type BodyConnection,
  ConnectionBodySource,
  expectedBytes,
} from "./body_source.ts";
import type { ConnectionHost } from "./host.ts";
import { Input } from "./input.ts";
import { aboutRequest, type LogLevel, reportFailure } from "./log.ts";
import { Output } from "./output.ts";
import type { Timed } from "./timers.ts";
import { discardBody, type Exchange, ResponseWriter } from "./writer.ts";

/** What a connection does with its socket. */
export interface Socket {
  /** The peer's address. */
  readonly remoteAddr: Deno.Addr;
  /** Reads into `into`; `null` at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes and returns how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends the sending side. */
  closeWrite(): Promise<void>;
  /** Closes both sides. */
  close(): void;
}

// Between two requests; reading a head; running a handler or sending; closing.
type Phase = "idle" | "head" | "busy" | "linger" | "closed";

// Answers of a pipeline leave together, up to this many bytes.
const FLUSH_BYTES = 64 * 1024;
// A client that has not asked yet is waited for this long in a shutdown.
const FIRST_REQUEST_GRACE_MS = 500;
const REFUSAL_LINES = fieldLines(["Content-Type", "text/plain; charset=utf-8"]);
const LINGER_READ_BYTES = 64 * 1024;

/** Serves one client. */
export class Connection implements RequestTransport, BodyConnection, Timed {
  /** What has arrived and is not used yet. */
  readonly input: Input;
  /** True over TLS. */
  readonly secure: boolean;

  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  readonly #reader: RequestReader;
  readonly #output: Output;
  readonly #writer: ResponseWriter;

  #phase: Phase = "head";
  #deadline: number;
  #halfCloseDeadline = Infinity;
  #requests = 0;
  #request: HttpRequest | null = null;
  #source: ConnectionBodySource | null = null;
  #method = "";
  #target = "";
  #version: "1.0" | "1.1" = "1.1";
  #authority = "";
  #section = new HeaderSection("");
  #answering = false;
  #continueDue = false;
  #framingBroken = false;
  #sentBefore = 0;

  /** Takes over an accepted socket. */
  constructor(socket: Socket, host: ConnectionHost, secure: boolean) {
    this.#socket = socket;
    this.#host = host;
    this.secure = secure;
    this.#reader = new RequestReader(host.limits);
    this.input = new Input(socket, host.readPool);
    const now = () => host.sweeper.now;
    this.#output = new Output(socket, host.outputPool, now);
    this.#writer = new ResponseWriter(this.#output, host.encoder);
    this.#deadline = host.sweeper.exactDeadline(host.timeouts.headersMs);
  }

  /** The peer's address. */
  get remoteAddress(): Deno.Addr {
    return this.#socket.remoteAddr;
  }

  /** The server, as a handler sees it. */
  get server(): ServerState {
    return this.#host.state;
  }

  /** The decoder of the current body. */
  get decoder(): BodyDecoder {
    return this.#reader.body;
  }

  /** True while a request is being answered. */
  get isBusy(): boolean {
    return this.#phase === "busy";
  }

  /** Serves until the connection ends; never rejects. */
  async serve(): Promise<void> {
    try {
      await this.#serveRequests();
      await this.#finish();
    } catch (error) {
      this.#connectionBroke(error);
    } finally {
      this.#close();
    }
  }

  async #serveRequests(): Promise<void> {
    for (;;) {
      const { input } = this;
      const bodyAt = input.length === 0
        ? 0
        : this.#reader.parseHead(input.bytes, input.start, input.end);
      if (bodyAt < 0) return this.#refuse(ProtocolError.of(bodyAt));
      if (bodyAt === 0) {
        if (this.#output.length > 0) {
          const written = this.#output.begin();
          if (!this.#output.finish(await written)) await this.#output.flush();
        }
        if (!this.#awaitHead()) return;
        const read = input.begin(0);
        input.finish(read, await read);
        if (input.ended || this.#isOver()) return;
        continue;
      }
      const stays = this.#exchange(bodyAt);
      if (!(typeof stays === "boolean" ? stays : await stays)) return;
      if (this.#output.length >= FLUSH_BYTES) await this.#output.flush();
    }
  }

  // True once nothing more will be answered.
  #isOver(): boolean {
    return this.#phase === "linger" || this.#phase === "closed";
  }

  // Sets the deadline of the next head: it counts from the head's first byte and
  // no byte moves it. False if no head is to come.
  #awaitHead(): boolean {
    const { timeouts, sweeper, state } = this.#host;
    if (this.input.ended) return false;
    if (this.#phase === "head") return true;
    if (this.input.length > 0) {
      this.#phase = "head";
      this.#deadline = sweeper.exactDeadline(timeouts.headersMs);
      return true;
    }
    if (state.draining) return false;
    if (this.#phase !== "idle") {
      this.#phase = "idle";
      this.#deadline = sweeper.coarseDeadline(timeouts.keepAliveMs);
    }
    return true;
  }

  // Answers the request whose head ends at `bodyAt`; tells whether the
  // connection stays. What a handler answers at once needs no promise.
  #exchange(bodyAt: number): boolean | Promise<boolean> {
    const request = this.#beginRequest(bodyAt);
    const response = this.#host.handle(request);
    return response instanceof HttpResponse
      ? this.#respond(request, response)
      : this.#respondLater(request, response);
  }

  #beginRequest(bodyAt: number): HttpRequest {
    const { input } = this;
    const { framing } = this.#reader;
    if (!this.#reader.repeated) this.#readHead(input.start);
    const request = new HttpRequest({
      method: this.#method,
      target: this.#target,
      version: this.#version,
      section: this.#section,
      authority: this.#authority,
      body: framing.body === NO_BODY ? null : this.#openBody(),
      transport: this,
      isKeepAlive: framing.keepAlive,
    });
    input.start = bodyAt;
    this.#phase = "busy";
    this.#deadline = Infinity;
    this.#continueDue = framing.expectContinue;
    this.#answering = false;
    this.#request = request;
    this.#requests++;
    this.#host.counters.requests++;
    this.#host.counters.active++;
    return request;
  }

  // The parts of a head; they stay while the client repeats it.
  #readHead(from: number): void {
    const { head, framing, headText } = this.#reader;
    this.#method = this.#reader.method(this.input.bytes, from);
    this.#target = headText.slice(head.targetStart, head.targetEnd);
    this.#version = head.minorVersion === 0 ? "1.0" : "1.1";
    this.#authority = headText.slice(
      framing.authorityStart,
      framing.authorityEnd,
    );
    const section = new HeaderSection(headText.slice(head.fieldsStart));
    this.#section = framing.absolute
      ? overrideHost(section, this.#authority)
      : section;
  }

  #openBody(): RequestBody {
    const { framing } = this.#reader;
    const length = framing.body === LENGTH_BODY ? framing.contentLength : null;
    this.#source = new ConnectionBodySource(this, length);
    return new RequestBody(this.#source, this.#host.limits.bodyBytes);
  }

  async #respondLater(
    request: HttpRequest,
    answer: Promise<HttpResponse>,
  ): Promise<boolean> {
    // Answers before this one must not wait for its handler.
    if (this.#output.length > 0) await this.#output.flush();
    this.#watchPeer();
    const response = await answer;
    if (!this.#isOver()) return await this.#respond(request, response);
    await discardBody(response.body);
    return false;
  }

  #respond(
    request: HttpRequest,
    response: HttpResponse,
  ): boolean | Promise<boolean> {
    this.#answering = true;
    reportFailure(this.#host.log, request, response);
    const exchange: Exchange = {
      headOnly: request.method === "HEAD",
      minorVersion: this.#reader.head.minorVersion,
      keepAlive: this.#mayStay(),
    };
    let written: void | Promise<void>;
    try {
      written = this.#writer.write(response, exchange);
    } catch (error) {
      written = this.#writeFailure(error, exchange);
    }
    if (written === undefined && this.#reader.body.done) {
      return this.#endRequest(exchange.keepAlive);
    }
    return this.#respondSlowly(written, exchange);
  }

  async #respondSlowly(
    written: void | Promise<void>,
    exchange: Exchange,
  ): Promise<boolean> {
    try {
      await written;
    } catch (error) {
      this.#cutAnswer(error);
    }
    if (this.#reader.body.done || !exchange.keepAlive) {
      return this.#endRequest(exchange.keepAlive);
    }
    await this.#output.flush();
    return this.#endRequest(await this.#dropBody());
  }

  // What the peer has got must not look complete, so the connection goes too.
  #cutAnswer(error: unknown): never {
    if (!this.#isOver() && !isConnectionError(error)) {
      this.#log("error", "an answer was cut", error);
    }
    throw error;
  }

  // An answer whose head could not be written, by a bad field value.
  #writeFailure(
    error: unknown,
    exchange: Exchange,
  ): void | Promise<void> {
    this.#log("error", "could not write an answer", error);
    return this.#writer.write(new HttpResponse({ status: 500 }), exchange);
  }

  #log(level: LogLevel, message: string, error: unknown): void {
    const about = this.#request === null ? {} : aboutRequest(this.#request);
    this.#host.log({ level, message, error, ...about });
  }

  // Whether the connection can be kept behind the answer: what is left of the
  // body must be short enough to be dropped, and on its way already.
  #mayStay(): boolean {
    const { framing, body } = this.#reader;
    if (!framing.keepAlive || this.#framingBroken) return false;
    if (this.#host.state.draining) return false;
    if (this.input.ended && this.input.length === 0) return false;
    if (body.done) return true;
    if (body.left > this.#host.limits.unreadBodyBytes) return false;
    return !this.#continueDue || this.input.length > 0;
  }

  // Drops what is left of the body; false if that is too much or broken.
  async #dropBody(): Promise<boolean> {
    const { input, decoder } = this;
    let dropped = 0;
    while (!decoder.done) {
      const at = decoder.decode(input.bytes, input.start, input.end);
      if (at < 0) return false;
      dropped += at - input.start;
      if (dropped > this.#host.limits.unreadBodyBytes) return false;
      const stuck = at === input.start || at === input.end;
      input.start = at;
      if (decoder.done || !stuck) continue;
      await this.receiveBody();
      if (input.ended) return false;
    }
    return true;
  }

  #endRequest(keepAlive: boolean): boolean {
    this.#source?.detach();
    this.#source = null;
    this.#request = null;
    this.#host.counters.active--;
    if (keepAlive) this.#reader.next();
    return keepAlive;
  }

  /** Waits for more of the body, and invites it first if the peer waits for that. */
  async receiveBody(): Promise<void> {
    const { input } = this;
    const { timeouts, sweeper } = this.#host;
    if (this.#continueDue && input.length === 0 && !this.#answering) {
      appendContinue(this.#output.buffer);
      await this.#output.flush();
    }
    this.#continueDue = false;
    this.#deadline = sweeper.exactDeadline(timeouts.bodyIdleMs);
    const read = input.begin(expectedBytes(this.decoder));
    const count = await read;
    input.finish(read, count);
    if (this.#isOver()) throw new HttpError(408);
    this.#deadline = Infinity;
  }

  /** Notes that nothing behind the current body can be understood. */
  breakFraming(): void {
    this.#framingBroken = true;
  }

  /** Sends `103 Early Hints`, unless the answer has begun. */
  async earlyHints(links: readonly string[]): Promise<void> {
    if (this.#answering) return;
    appendEarlyHints(this.#output.buffer, links);
    await this.#output.flush();
  }

  // Reads on while a handler runs, to see the peer leave. What arrives is the
  // rest of the body or the next request; no more than a buffer is read.
  #watchPeer(): void {
    const { input } = this;
    if (input.ended || input.reading || !this.#canReadAhead()) return;
    const read = input.begin(expectedBytes(this.decoder));
    read.then((count) => {
      input.finish(read, count);
      if (input.ended) this.#peerEnded();
      else if (this.#phase === "busy") this.#watchPeer();
    }, (error) => this.#connectionBroke(error));
  }

  #canReadAhead(): boolean {
    return this.input.length === 0 || this.input.hasRoom;
  }

  // The peer has ended its side: it may have left, or wait for its answer.
  #peerEnded(): void {
    const { timeouts, sweeper } = this.#host;
    this.#halfCloseDeadline = sweeper.exactDeadline(timeouts.halfCloseMs);
    this.#sentBefore = this.#output.sent;
  }

  #connectionBroke(error: unknown): void {
    if (this.#phase === "closed") return;
    if (this.#request !== null) {
      this.#log("debug", "a connection broke", error);
      abortRequest(this.#request, error);
    }
    this.#close();
  }

  /** Acts on the deadlines that have come. */
  checkDeadlines(now: number): void {
    const { timeouts } = this.#host;
    if (now >= this.#deadline) return this.#expire();
    const stalled = now - this.#output.sendingSince;
    if (timeouts.writeIdleMs > 0 && stalled >= timeouts.writeIdleMs) {
      return this.#expire();
    }
    if (now >= this.#halfCloseDeadline) this.#checkHalfClose();
  }

  #checkHalfClose(): void {
    const isMoving = this.#output.sent > this.#sentBefore;
    if (isMoving) this.#peerEnded();
    else {this.#connectionBroke(
        new DOMException("The client left", "AbortError"),
      );}
  }

  // Time is up. Whoever is owed an answer gets 408; the rest is cut.
  #expire(): void {
    const isOwed = this.#phase === "head"
      ? this.input.length > 0
      : this.#phase === "busy" && !this.#answering;
    if (isOwed || this.#phase === "busy") this.#host.counters.timeouts++;
    if (!isOwed) {
      return this.cut(new DOMException("Time is up", "TimeoutError"));
    }
    const error = ProtocolError.of(REQUEST_TIMEOUT);
    if (this.#request !== null) abortRequest(this.#request, error);
    this.#refuse(error);
    // Whoever waits in a read of this connection goes on when more arrives or
    // the lingering ends.
    this.#beginLinger().catch(() => this.#close());
  }

  #refuse(error: ProtocolError): void {
    this.#host.counters.protocolErrors++;
    this.#log("debug", "refused a message", error);
    this.#answering = true;
    this.#framingBroken = true;
    const response = new HttpResponse({
      status: error.status,
      headers: HeaderList.from(REFUSAL_LINES),
      body: `${error.message}\n`,
    });
    const exchange = { headOnly: false, minorVersion: 1, keepAlive: false };
    this.#writer.write(response, exchange);
  }

  // Sends what is left and closes so that the peer sees it: with bytes of the
  // peer unread, a plain close would be a reset (RFC 9112 9.6).
  async #finish(): Promise<void> {
    if (this.#phase === "closed") return;
    const isClean = this.input.length === 0 && this.#reader.body.done &&
      !this.#framingBroken;
    if (isClean || this.input.ended) return await this.#output.flush();
    if (this.#phase !== "linger") await this.#beginLinger();
    await this.#dropInput();
  }

  async #beginLinger(): Promise<void> {
    const { timeouts, sweeper } = this.#host;
    this.#phase = "linger";
    this.#deadline = sweeper.exactDeadline(timeouts.lingerMs);
    await this.#output.flush();
    await this.#socket.closeWrite();
  }

  async #dropInput(): Promise<void> {
    const { input } = this;
    for (let dropped = 0; dropped < this.#host.limits.lingerBytes;) {
      input.start = input.end = 0;
      const read = input.begin(LINGER_READ_BYTES);
      const count = await read;
      input.finish(read, count);
      if (count === null) return;
      dropped += count;
    }
  }

  /**
   * Begins to end the connection: at once between two requests, shortly if
   * none was asked yet, else behind the current answer.
   */
  drain(): void {
    if (this.#phase === "idle") this.#close();
    else if (this.#phase === "head" && this.#requests === 0) {
      const grace = this.#host.sweeper.exactDeadline(FIRST_REQUEST_GRACE_MS);
      this.#deadline = Math.min(this.#deadline, grace);
    }
  }

  /** Cuts the connection now. */
  cut(reason: unknown): void {
    if (this.#request !== null) abortRequest(this.#request, reason);
    this.#close();
  }

  #close(): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    if (this.#request !== null) this.#endRequest(false);
    try {
      this.#socket.close();
    } catch {
      // It was closed by the runtime.
    }
    this.input.release();
    this.#output.release();
    this.#host.ended(this);
  }
}

// The host of an absolute-form target takes the place of Host (RFC 9112 3.2.2).
function overrideHost(
  section: HeaderSection,
  authority: string,
): HeaderSection {
  const headers = HeaderList.from(section.lines);
  return HeaderSection.of(headers.set("Host", authority).lines);
}

const CONNECTION_ERRORS = [
  Deno.errors.BrokenPipe,
  Deno.errors.ConnectionReset,
  Deno.errors.ConnectionAborted,
  Deno.errors.NotConnected,
  Deno.errors.Interrupted,
  Deno.errors.BadResource,
  Deno.errors.TimedOut,
  Deno.errors.UnexpectedEof,
];

function isConnectionError(error: unknown): boolean {
  return CONNECTION_ERRORS.some((kind) => error instanceof kind);
}
