/**
 * {@linkcode StaticSite}: the way of a request through all that `staticFiles`
 * does.
 *
 * @module
 */

import { HttpError } from "../../http/errors.ts";
import type { Next } from "../../http/handler.ts";
import { redirect } from "../../http/helpers.ts";
import type { AnyRequest } from "../../http/request.ts";
import type { HttpResponse } from "../../http/response.ts";
import { addVary } from "../../http/vary.ts";
import { isNavigation, NAVIGATION_FIELDS } from "./fallback.ts";
import { Lister } from "./listing/lister.ts";
import { Locator } from "./locate.ts";
import { FileSender } from "./sender.ts";
import type { Settings } from "./settings.ts";
import type { FileSource } from "./source.ts";
import { runSteps, settled, type Steps } from "./steps.ts";
import { type FileTarget, TargetReader } from "./target.ts";

type Answer = HttpResponse | Promise<HttpResponse>;

function isRead(request: AnyRequest): boolean {
  return request.method === "GET" || request.method === "HEAD";
}

// By which an answer may be other than the whole of a file.
const WISHES = [
  "if-match",
  "if-none-match",
  "if-modified-since",
  "if-unmodified-since",
  "range",
];

function hasWishes(request: AnyRequest): boolean {
  for (const name of WISHES) {
    if (request.header(name) !== null) return true;
  }
  return false;
}

function varyByNavigation(response: HttpResponse): HttpResponse {
  for (const name of NAVIGATION_FIELDS) addVary(response.headers, name);
  return response;
}

/** Answers requests with the files of a source. */
export class StaticSite {
  readonly #settings: Settings;
  readonly #targets: TargetReader;
  readonly #locator: Locator;
  readonly #sender: FileSender;
  readonly #lister: Lister | null;

  /**
   * Serves the source by the settings.
   *
   * @throws {TypeError} If the source is to be listed and cannot be.
   */
  constructor(source: FileSource, settings: Settings) {
    this.#settings = settings;
    this.#targets = new TargetReader(settings.dotfiles, settings.prefix);
    this.#locator = new Locator(source, settings);
    this.#sender = new FileSender(settings, this.#locator);
    const { listing } = settings;
    this.#lister = listing === null
      ? null
      : new Lister(source, { ...settings, ...listing });
  }

  /** Answers as a handler: nobody else will. */
  answer(request: AnyRequest, isRouted = true): Answer {
    if (isRead(request)) {
      const target = this.#targets.read(request, isRouted);
      return this.#answerHeld(request, target) ??
        runSteps(this.#answer(request, target));
    }
    throw new HttpError(405, "Files can only be read", {
      headers: { allow: "GET, HEAD" },
    });
  }

  /** Answers as a middleware: what is no file is for those behind it. */
  answerOr(request: AnyRequest, next: Next): Answer {
    if (!this.#settings.fallthrough) return this.answer(request, false);
    if (!isRead(request)) return next();
    const target = this.#targets.read(request, false);
    return this.#answerHeld(request, target) ??
      runSteps(this.#answerOr(request, target, next));
  }

  // What is asked for most, without a step: 2 us instead of 3.
  #answerHeld(
    request: AnyRequest,
    target: FileTarget | null,
  ): HttpResponse | null {
    if (target === null || request.method !== "GET" || hasWishes(request)) {
      return null;
    }
    const found = this.#locator.held(target);
    return found === null ? null : this.#sender.sendHeld(request, found);
  }

  *#answer(
    request: AnyRequest,
    target: FileTarget | null,
  ): Steps<HttpResponse> {
    const response = yield* this.#answerFile(request, target);
    return response ?? (yield* this.#answerMissing(request, target)) ??
      this.#refuse();
  }

  *#answerOr(
    request: AnyRequest,
    target: FileTarget | null,
    next: Next,
  ): Steps<HttpResponse> {
    const response = yield* this.#answerFile(request, target);
    if (response !== null) return response;
    const following = yield* settled(next());
    // Only where nothing else has a route: its own 404 knows better.
    const isMissing = following.status === 404 && request.route === null;
    if (!isMissing) return following;
    const instead = yield* this.#answerMissing(request, target);
    if (instead !== null) return instead;
    if (this.#settings.spa !== null) varyByNavigation(following);
    return following;
  }

  #refuse(): never {
    // The same URL could have been answered with the page of the application.
    const headers = this.#settings.spa === null
      ? undefined
      : { vary: "Sec-Fetch-Mode" };
    throw new HttpError(404, undefined, { headers });
  }

  *#answerFile(
    request: AnyRequest,
    target: FileTarget | null,
  ): Steps<HttpResponse | null> {
    if (target === null) return null;
    const located = yield* this.#locator.locate(request, target);
    if (located === null) return null;
    if ("location" in located) {
      return redirect(located.location, { permanent: true });
    }
    if ("directory" in located) {
      const { directory } = located;
      return yield* settled(this.#lister?.list(request, directory) ?? null);
    }
    return yield* this.#sender.send(request, located);
  }

  /** What stands in for a file that is not there; `null` for nothing. */
  *#answerMissing(
    request: AnyRequest,
    target: FileTarget | null,
  ): Steps<HttpResponse | null> {
    const { spa, notFound } = this.#settings;
    // What is refused gets no page: nobody goes to "/.env" but to look for it.
    if (spa !== null && target !== null && isNavigation(request, target)) {
      const page = yield* this.#locator.openFile(spa);
      if (page !== null) {
        const response = yield* this.#sender.send(request, page);
        return varyByNavigation(response);
      }
    }
    if (notFound === null) return null;
    const page = yield* this.#locator.openFile(notFound);
    return page === null
      ? null
      : yield* this.#sender.sendNotFound(request, page);
  }
}
