/**
 * {@linkcode RequestParts}: the parts of a parsed head that a request is made
 * from.
 *
 * @module
 */

import { HeaderList, HeaderSection } from "../../http/headers.ts";
import type { RequestBody } from "../../http/request_body.ts";
import type {
  HeadMemo,
  HttpRequestInit,
  RequestTransport,
} from "../../http/request_init.ts";
import type { RequestReader } from "../../protocol/session.ts";
import type { Input } from "./input.ts";

const NO_FIELDS = new HeaderSection("");

/**
 * The parts of the last head; they stay while the client repeats it. A request is
 * made from them as they are.
 */
export class RequestParts implements HttpRequestInit {
  /** The method. */
  method = "";
  /** The request target. */
  target = "";
  /** The protocol version. */
  version: "1.0" | "1.1" = "1.1";
  /** The host and port asked for. */
  authority = "";
  /** The header section. */
  section: HeaderSection = NO_FIELDS;
  /** Whether the connection may be used for another request. */
  isKeepAlive = true;
  /** The content of the current request. */
  body: RequestBody | null = null;
  /** What a router has found for the head, once that has come again. */
  memo: HeadMemo | null = null;
  /** What carries the request. */
  readonly transport: RequestTransport;

  /** Makes the parts of requests that `transport` carries. */
  constructor(transport: RequestTransport) {
    this.transport = transport;
  }

  /** Takes the parts of the head that `reader` has found at the start of `input`. */
  read(reader: RequestReader, input: Input): void {
    const { head, framing, headText } = reader;
    this.method = reader.method(input.bytes, input.start);
    this.target = headText.slice(head.targetStart, head.targetEnd);
    this.isKeepAlive = framing.keepAlive;
    this.memo = null;
    this.version = head.minorVersion === 0 ? "1.0" : "1.1";
    this.authority = headText.slice(
      framing.authorityStart,
      framing.authorityEnd,
    );
    const section = new HeaderSection(headText.slice(head.fieldsStart));
    this.section = framing.absolute
      ? overrideHost(section, this.authority)
      : section;
  }

  /** The head has come again. */
  repeat(): void {
    this.memo ??= { finder: null, found: null };
  }

  /** Forgets them, and so the text of the head that they are slices of. */
  clear(): void {
    this.method = this.target = this.authority = "";
    this.section = NO_FIELDS;
    this.memo = null;
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
