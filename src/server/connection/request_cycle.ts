/**
 * {@linkcode RequestCycle}: the requests of one connection, one after the other,
 * each from its parsed head to its written answer.
 *
 * @module
 */

import { discardBody } from "../../http/discard.ts";
import { HttpError } from "../../http/errors.ts";
import type { ClientResolver } from "../../http/forwarded.ts";
import {
  abortRequest,
  type AnyRequest,
  hasEndListener,
  HttpRequest,
  type RequestTransport,
} from "../../http/request.ts";
import { errorResponse } from "../../http/problem.ts";
import { RequestBody } from "../../http/request_body.ts";
import { HttpResponse } from "../../http/response.ts";
import type { ServerState } from "../../http/server_state.ts";
import type { BodyDecoder } from "../../protocol/body_decoder.ts";
import type { ProtocolError } from "../../protocol/errors.ts";
import { LENGTH_BODY } from "../../protocol/framing.ts";
import { appendContinue, appendEarlyHints } from "../../protocol/interim.ts";
import { RequestReader } from "../../protocol/session.ts";
import {
  type BodyConnection,
  ConnectionBodySource,
  dropBody,
  expectedBytes,
} from "./body_source.ts";
import type { CycleLink } from "./cycle_link.ts";
import { type ConnectionHost, countFault } from "../host.ts";
import type { Input } from "./input.ts";
import { EndReports } from "./end_reports.ts";
import { aboutRequest, levelOf, type LogLevel, reportFailure } from "../log.ts";
import { isMisdirected, misdirected, overloaded, refusal } from "./refusals.ts";
import { isConnectionError } from "./net_errors.ts";
import { RequestParts } from "./request_parts.ts";
import { type Exchange, ResponseWriter } from "./writer.ts";

function newExchange(keepAlive: boolean): Exchange {
  return { headOnly: false, minorVersion: 1, keepAlive, begun: false };
}

/** Answers the requests of one connection in their order. */
export class RequestCycle implements RequestTransport, BodyConnection {
  /** Requests since the peer was last waited for. */
  inRow = 0;
  readonly #link: CycleLink;
  readonly #host: ConnectionHost;
  readonly #reader: RequestReader;
  readonly #writer: ResponseWriter;

  // Only where somebody wants to know how requests ended.
  #ends: EndReports | null = null;
  #request: HttpRequest | null = null;
  #source: ConnectionBodySource | null = null;
  // Of the last head, for when it comes again.
  #parts: RequestParts | null = null;
  // Used again for each request.
  #exchange: Exchange = newExchange(true);
  #giveUpBody: ((reason: HttpError) => void) | null = null;
  #continueDue = false;
  #framingBroken = false;

  /** Answers what arrives on `link` by the pipeline of `host`. */
  constructor(link: CycleLink, host: ConnectionHost) {
    this.#link = link;
    this.#host = host;
    this.#reader = new RequestReader(host.limits);
    this.#writer = new ResponseWriter(link.output, host.encoder);
  }

  /** The peer's address. */
  get remoteAddress(): Deno.Addr {
    return this.#link.remoteAddress;
  }

  /** True over TLS. */
  get secure(): boolean {
    return this.#link.secure;
  }

  /** Tells who the client behind a proxy is; `null` for the peer. */
  get clientAddress(): ClientResolver | null {
    return this.#host.clientAddress;
  }

  /** The server, as a handler sees it. */
  get server(): ServerState {
    return this.#host.state;
  }

  /** What has arrived. */
  get input(): Input {
    return this.#link.input;
  }

  /** True once the answer to the current request has begun. */
  get answering(): boolean {
    return this.#exchange.begun;
  }

  /** The decoder of the current body. */
  get decoder(): BodyDecoder {
    return this.#reader.body;
  }

  /** True if what was received has been understood and used, to the last byte. */
  get isClean(): boolean {
    return this.input.length === 0 && this.#reader.body.done &&
      !this.#framingBroken;
  }

  /** Parses what has arrived as the next head; see {@linkcode RequestReader.parseHead}. */
  parseHead(): number {
    const { input } = this;
    if (input.length === 0) return 0;
    return this.#reader.parseHead(input.bytes, input.start, input.end);
  }

  /**
   * Answers the request whose head ends at `bodyAt`; tells whether the
   * connection stays. What a handler answers at once needs no promise.
   */
  run(bodyAt: number): boolean | Promise<boolean> {
    const request = this.#beginRequest(bodyAt);
    const isOverload =
      this.#host.counters.active > this.#host.limits.requestsInFlight;
    const response = isOverload
      ? this.#tooMany()
      : isMisdirected(request)
      ? misdirected()
      : this.#host.handle(request);
    return response instanceof HttpResponse
      ? this.#respond(request, response)
      : this.#respondLater(request, response);
  }

  #tooMany(): HttpResponse {
    this.#host.counters.overloads++;
    return overloaded();
  }

  #beginRequest(bodyAt: number): HttpRequest {
    const { input } = this.#link;
    const parts = this.#nextParts(input);
    parts.body = parts.hasBody ? this.#openBody() : null;
    const request = new HttpRequest(parts);
    input.start = bodyAt;
    this.#link.becameBusy();
    this.#continueDue = parts.expectsContinue;
    const exchange = this.#exchange;
    exchange.headOnly = parts.method === "HEAD";
    exchange.minorVersion = parts.minorVersion;
    exchange.keepAlive = parts.isKeepAlive;
    exchange.begun = false;
    this.#request = request;
    this.#link.requests++;
    this.inRow++;
    this.#host.counters.requests++;
    this.#host.counters.active++;
    return request;
  }

  #nextParts(input: Input): RequestParts {
    const last = this.#parts;
    if (last === null || !this.#reader.repeated) {
      return this.#parts = new RequestParts(this.#reader, input, this);
    }
    last.repeat();
    return last;
  }

  #openBody(): RequestBody {
    const { framing } = this.#reader;
    const length = framing.body === LENGTH_BODY ? framing.contentLength : null;
    this.#source = new ConnectionBodySource(this, length);
    this.#link.bodyBegins();
    return new RequestBody(this.#source, this.#host.limits.bodyBytes);
  }

  async #respondLater(
    request: HttpRequest,
    answer: Promise<HttpResponse>,
  ): Promise<boolean> {
    this.#link.watchPeer();
    try {
      // Answers before this one must not wait for its handler.
      if (this.#link.output.length > 0) await this.#link.output.flush();
      this.reportEnds();
    } catch (error) {
      this.#link.broke(error);
    }
    const response = await answer;
    if (!this.#link.isOver) return await this.#respond(request, response);
    await discardBody(response.body);
    return false;
  }

  #respond(
    request: HttpRequest,
    response: HttpResponse,
  ): boolean | Promise<boolean> {
    reportFailure(this.#host.log, request, response);
    const exchange = this.#exchange;
    exchange.keepAlive = this.#mayStay();
    let written: void | Promise<void>;
    try {
      written = this.#writer.write(response, exchange);
    } catch (error) {
      written = this.#writeFailure(response, error, exchange);
    }
    if (written === undefined && this.#isBodyDone) {
      return this.#endRequest(exchange.keepAlive);
    }
    return this.#respondSlowly(written, exchange);
  }

  async #respondSlowly(
    written: void | Promise<void>,
    exchange: Exchange,
  ): Promise<boolean> {
    if (written !== undefined) this.#link.watchPeer();
    try {
      await written;
    } catch (error) {
      await this.#answerFailed(error, exchange);
    }
    // A time-out may have had the last word meanwhile.
    if (this.#link.isOver) return this.#endRequest(false);
    if (this.#isBodyDone || !exchange.keepAlive) {
      return this.#endRequest(exchange.keepAlive);
    }
    await this.#link.output.flush();
    const isDropped = await dropBody(this, this.#host.limits.unreadBodyBytes);
    return this.#endRequest(isDropped);
  }

  // A content that fails: before any of the answer was sent it becomes a 500;
  // after that it must not look complete, so the connection is cut.
  #answerFailed(
    error: unknown,
    exchange: Exchange,
  ): void | Promise<void> {
    if (this.#link.isOver || isConnectionError(error)) throw error;
    this.#noteFailure(error);
    this.#log(levelOf(error), "an answer was cut", error);
    if (!this.#writer.retract() || this.#request === null) throw error;
    // The content may have been the body of the request, and broken.
    exchange.keepAlive = this.#mayStay();
    const response = errorResponse(error, this.#request);
    return this.#writer.write(response, exchange);
  }

  // An answer whose head could not be written, by a bad field value.
  #writeFailure(
    response: HttpResponse,
    error: unknown,
    exchange: Exchange,
  ): void | Promise<void> {
    this.#log("error", "could not write an answer", error);
    this.#writer.write(new HttpResponse({ status: 500 }), exchange);
    return discardBody(response.body);
  }

  #log(level: LogLevel, message: string, error: unknown): void {
    const about = this.#request === null ? {} : aboutRequest(this.#request);
    this.#host.log({ level, message, error, ...about });
  }

  // Whether the connection can be kept behind the answer: what is left of the
  // body must be short enough to be dropped, and on its way already.
  #mayStay(): boolean {
    const { limits, state } = this.#host;
    if (!this.#parts?.isKeepAlive || this.#framingBroken) return false;
    if (state.draining) return false;
    if (this.#link.requests >= limits.requestsPerConnection) return false;
    if (this.inRow >= limits.pipelineDepth && this.input.length > 0) {
      return false;
    }
    if (this.input.ended && this.input.length === 0) return false;
    if (this.#isBodyDone) return true;
    if (this.decoder.left > limits.unreadBodyBytes) return false;
    return !this.#continueDue || this.input.length > 0;
  }

  get #isBodyDone(): boolean {
    return this.#source === null || this.decoder.done;
  }

  #endRequest(keepAlive: boolean, isComplete = true): boolean {
    // It ends early if the connection does.
    if (this.#request === null) return false;
    this.#noteEnd(this.#request, this.#exchange.begun, isComplete);
    this.#source?.detach();
    this.#source = null;
    this.#giveUpBody?.(new HttpError(400, "The request was answered"));
    this.#request = null;
    this.#host.counters.active--;
    if (keepAlive) {
      this.#reader.next();
      // Nor the text that they are slices of.
      if (this.#reader.headText === "") this.#parts = null;
    }
    return keepAlive;
  }

  /** True while a request is being answered. */
  get isActive(): boolean {
    return this.#request !== null;
  }

  /** Ends the current request, if there is one: the connection is closed. */
  end(): void {
    this.#writer.cancel();
    this.#endRequest(false, false);
    this.#ends?.reportAll();
  }

  /** Tells who wants to know of the requests whose answers have left. */
  reportEnds(): void {
    if (this.#ends !== null) this.#ends.report();
  }

  #noteEnd(request: AnyRequest, isBegun: boolean, isComplete: boolean): void {
    if (!hasEndListener(request)) return;
    this.#needEnds().note(request, isBegun, isComplete);
  }

  #noteFailure(error: unknown): void {
    if (this.#request === null || !hasEndListener(this.#request)) return;
    this.#needEnds().failure = error;
  }

  #needEnds(): EndReports {
    return this.#ends ??= new EndReports(
      this.#link.output,
      this.#writer,
      (error) => this.#log("error", "a listener of onEnd() failed", error),
    );
  }

  /** Tells the handler of the current request that nobody waits for it any more. */
  abort(reason: unknown): void {
    if (this.#request !== null) abortRequest(this.#request, reason);
    const cause = reason;
    this.#giveUpBody?.(new HttpError(408, "The body did not come", { cause }));
  }

  /** Reports that the connection broke, if that concerns a request. */
  reportBreak(error: unknown): void {
    if (this.#request !== null) this.#log("debug", "a connection broke", error);
  }

  /** Appends the answer to a message that broke the protocol; it is the last one. */
  refuse(error: ProtocolError): void {
    // A time-out has its own counter.
    if (error.status !== 408) this.reportFault(error);
    this.#writeLast(refusal(error));
  }

  /** Appends an answer that tells to come again later; it is the last one. */
  refuseOverload(): void {
    this.#writeLast(overloaded());
  }

  // Nothing behind such an answer is read as a request.
  #writeLast(response: HttpResponse): void {
    this.#framingBroken = true;
    this.#exchange = newExchange(false);
    this.#writer.write(response, this.#exchange);
    // Its handler may never come to an end.
    if (this.#request !== null) this.#noteEnd(this.#request, true, true);
  }

  /** Waits for more of the body, and invites it first if the peer waits for that. */
  async receiveBody(): Promise<void> {
    const { input, output } = this.#link;
    if (this.#continueDue && !this.answering) {
      appendContinue(output.buffer);
      await output.flush();
    }
    this.#continueDue = false;
    this.#link.bodyAwaited();
    // The read goes on when it is given up; who drops the input takes it over.
    const givenUp = Promise.withResolvers<never>();
    this.#giveUpBody = givenUp.reject;
    const read = input.begin(expectedBytes(this.decoder));
    try {
      const count = await Promise.race([read, givenUp.promise]);
      input.finish(read, count);
      this.#link.bodyArrived(count ?? 0);
    } finally {
      this.#giveUpBody = null;
    }
  }

  /** Notes that some of the body has come: the peer waits no more. */
  bodyUsed(): void {
    this.#continueDue = false;
    // The handler may take long from here on.
    if (this.decoder.done && !this.answering) this.#link.watchPeer();
  }

  /** Notes that nothing behind the current body can be understood. */
  breakFraming(error: ProtocolError): void {
    this.#framingBroken = true;
    this.reportFault(error);
  }

  /** Counts and reports a message that broke the protocol. */
  reportFault(error: ProtocolError): void {
    countFault(this.#host.counters, error.status);
    this.#log("debug", "refused a message", error);
  }

  /** Sends `103 Early Hints` ahead of the answer to `request`, unless that has begun. */
  async earlyHints(
    request: AnyRequest,
    links: readonly string[],
  ): Promise<void> {
    if (this.answering || this.#request !== request) return;
    appendEarlyHints(this.#link.output.buffer, links);
    try {
      await this.#link.output.flush();
    } catch (error) {
      // The handler hears of it by its signal.
      this.#link.broke(error);
    }
  }
}
