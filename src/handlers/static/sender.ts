/**
 * {@linkcode FileSender}: from a file that was found to its answer.
 *
 * @module
 */

import { discardBody } from "../../http/discard.ts";
import { HeaderList } from "../../http/headers.ts";
import { accepts } from "../../http/negotiation.ts";
import type { AnyRequest } from "../../http/request.ts";
import { HttpResponse, responseOf } from "../../http/response.ts";
import { addVary } from "../../http/vary.ts";
import { chooseCoding, type CodedFile } from "./encodings.ts";
import { addExtraFields } from "./extra_fields.ts";
import type { FoundFile, Locator } from "./locate.ts";
import { makeBody } from "./pieces.ts";
import { Describer, type Representation } from "./representation.ts";
import { sendFile, wholeFile } from "./send.ts";
import type { Settings } from "./settings.ts";
import type { SourceFile } from "./source.ts";
import type { Steps } from "./steps.ts";

/** A file and what is told of it. */
interface Described {
  file: SourceFile;
  representation: Representation;
}

// A page of a 404 has none of these: it is not what the URL names.
const FIELDS_OF_FOUND = ["accept-ranges", "etag", "last-modified"];

/** Answers with files. Takes over those that it is given. */
export class FileSender {
  readonly #settings: Settings;
  readonly #locator: Locator;
  readonly #describer: Describer;

  /** Sends by the settings what the locator finds, and what lies beside it. */
  constructor(settings: Settings, locator: Locator) {
    this.#settings = settings;
    this.#locator = locator;
    this.#describer = new Describer(settings);
  }

  /**
   * Answers with a file.
   *
   * @throws {HttpError} 412 if a condition fails, 416 if no range can be sent.
   * @throws {Error} If the file ends too early: it was cut meanwhile.
   */
  *send(request: AnyRequest, found: FoundFile): Steps<HttpResponse> {
    const { file, representation } = yield* this.#describe(request, found);
    const response = sendFile(request, representation, file);
    return this.#complete(response, found.path, request);
  }

  /**
   * Answers a GET that has neither conditions nor ranges with a file whose bytes
   * are at hand; `null` if more has to be found out.
   */
  sendHeld(
    request: AnyRequest,
    { path, file }: FoundFile,
  ): HttpResponse | null {
    if (file.bytes === null || this.#settings.codings.length > 0) return null;
    const representation = this.#describer.known(path, file);
    if (representation === null) return null;
    const response = responseOf(200, representation.lines, file.bytes);
    return this.#complete(response, path, request);
  }

  /**
   * Answers with the page of a 404; `null` for a client that does not take its
   * type.
   */
  *sendNotFound(
    request: AnyRequest,
    found: FoundFile,
  ): Steps<HttpResponse | null> {
    const { file, representation } = yield* this.#describe(request, found);
    if (accepts(request.header("accept"), [representation.type]) === null) {
      file.close();
      return null;
    }
    const headers = HeaderList.from(representation.lines);
    for (const name of FIELDS_OF_FOUND) headers.delete(name);
    headers.set("Cache-Control", "no-store");
    addVary(headers, "Accept");
    const isHead = request.method === "HEAD";
    if (isHead) file.close();
    const body = isHead ? null : makeBody(file, wholeFile(file.size));
    const response = new HttpResponse({ status: 404, headers, body });
    return this.#complete(response, found.path, request);
  }

  *#describe(request: AnyRequest, found: FoundFile): Steps<Described> {
    const coded = yield* this.#choose(request, found);
    try {
      const representation = yield* this.#describer.describe(coded);
      return { file: coded.file, representation };
    } catch (error) {
      coded.file.close();
      throw error;
    }
  }

  *#choose(request: AnyRequest, found: FoundFile): Steps<CodedFile> {
    const { codings } = this.#settings;
    if (codings.length === 0) return { ...found, coding: null };
    const accepted = request.header("accept-encoding");
    return yield* chooseCoding(this.#locator, found, accepted, codings);
  }

  #complete(
    response: HttpResponse,
    path: string,
    request: AnyRequest,
  ): HttpResponse {
    const { headers, download } = this.#settings;
    if (headers === undefined && download === false) return response;
    try {
      addExtraFields(response.headers, path, request, this.#settings);
    } catch (error) {
      discardBody(response.body);
      throw error;
    }
    return response;
  }
}
