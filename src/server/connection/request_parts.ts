/**
 * {@linkcode RequestParts}: the parts of a parsed head that a request is made
 * from.
 *
 * @module
 */

import { HeaderList, HeaderSection } from "../../http/headers.ts";
import type { RequestBody } from "../../http/request_body.ts";
import {
  HeadMemo,
  type HttpRequestInit,
  type RequestTransport,
} from "../../http/request_init.ts";
import { NO_BODY } from "../../protocol/framing.ts";
import type { RequestReader } from "../../protocol/session.ts";
import type { Input } from "./input.ts";

/** The parts of a head; the requests of a client that repeats it share them. */
export class RequestParts implements HttpRequestInit {
  /** The method. */
  readonly method: string;
  /** The request target. */
  readonly target: string;
  /** The protocol version. */
  readonly version: "1.0" | "1.1";
  /** The host and port asked for. */
  readonly authority: string;
  /** The header section. */
  readonly section: HeaderSection;
  /** Whether the connection may be used for another request. */
  readonly isKeepAlive: boolean;
  /** The minor version of the protocol. */
  readonly minorVersion: number;
  /** Whether a content follows the head. */
  readonly hasBody: boolean;
  /** Whether the client waits for `100 Continue`. */
  readonly expectsContinue: boolean;
  /** The content of the next request to be made; each keeps its own. */
  body: RequestBody | null = null;
  /** What was found out about the head, once that has come again. */
  memo: HeadMemo | null = null;
  /** What carries the request. */
  readonly transport: RequestTransport;

  /** Takes the parts of the head that `reader` has found at the start of `input`. */
  constructor(
    reader: RequestReader,
    input: Input,
    transport: RequestTransport,
  ) {
    const { head, framing, headText } = reader;
    this.method = reader.method(input.bytes, input.start);
    this.target = headText.slice(head.targetStart, head.targetEnd);
    this.minorVersion = head.minorVersion;
    this.version = head.minorVersion === 0 ? "1.0" : "1.1";
    this.authority = headText.slice(
      framing.authorityStart,
      framing.authorityEnd,
    );
    const section = new HeaderSection(headText.slice(head.fieldsStart));
    this.section = framing.absolute
      ? overrideHost(section, this.authority)
      : section;
    this.isKeepAlive = framing.keepAlive;
    this.hasBody = framing.body !== NO_BODY;
    this.expectsContinue = framing.expectContinue;
    this.transport = transport;
  }

  /** The head has come again. */
  repeat(): void {
    this.memo ??= new HeadMemo();
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
