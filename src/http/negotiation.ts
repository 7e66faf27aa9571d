/**
 * Proactive negotiation: what of that which a server has does a client like best
 * (RFC 9110 12.5)?
 *
 * Weights are read strictly, 0 to 1 with at most three decimals; a member with
 * any other, or malformed elsewhere, is ignored, and so is what comes after the
 * first 100 members.
 *
 * @example Usage
 * ```ts
 * import { accepts } from "@x/httpserver/negotiation";
 * import { assertEquals } from "@std/assert";
 *
 * const header = "text/html, application/json;q=0.9";
 * assertEquals(accepts(header, ["application/json", "text/plain"]), "application/json");
 * ```
 *
 * @module
 */

import { isToken } from "../grammar/chars.ts";
import { splitList, trimOws } from "../grammar/lists.ts";
import { type MediaType, parseMediaType } from "./media_type.ts";

/** A member of `Accept`: which media types, and how much they are liked. */
export interface MediaRange {
  /** `text/html`, `text/*` or `*` + `/*`, in lower case. */
  type: string;
  /** Parameters that a media type must have, by lower-case name, without `q`. */
  parameters: ReadonlyMap<string, string>;
  /** The weight, 0 (not acceptable) to 1. */
  quality: number;
}

interface Weighted {
  name: string;
  quality: number;
}

const MAX_MEMBERS = 100;
// qvalue of RFC 9110 12.4.2.
const QVALUE = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;
// RFC 4647 2.1; no tag has more subtags, and the bound keeps look-ups short.
const LANGUAGE_RANGE = /^(?:\*|[a-z]{1,8}(?:-[a-z0-9]{1,8}){0,15})$/i;
// Below the smallest weight above 0, which is 0.001.
const UNLISTED_IDENTITY = 0.0001;

function readQuality(text: string): number | null {
  return QVALUE.test(text) ? Number(text) : null;
}

function membersOf(value: string): string[] {
  return splitList(value).slice(0, MAX_MEMBERS);
}

/** Best first; the order of the field among equals, for sorting is stable. */
function byQuality(a: { quality: number }, b: { quality: number }): number {
  return b.quality - a.quality;
}

function wildcardLast(a: Weighted, b: Weighted): number {
  return Number(a.name === "*") - Number(b.name === "*");
}

function parseWeighted(member: string): Weighted | null {
  const semicolon = member.indexOf(";");
  if (semicolon < 0) return { name: member.toLowerCase(), quality: 1 };
  const name = trimOws(member.slice(0, semicolon)).toLowerCase();
  const weight = trimOws(member.slice(semicolon + 1));
  if (!weight.startsWith("q=") && !weight.startsWith("Q=")) return null;
  const quality = readQuality(weight.slice(2));
  return quality === null ? null : { name, quality };
}

function parseWeightedList(
  value: string,
  isName: (name: string) => boolean,
): Weighted[] {
  return membersOf(value).map(parseWeighted)
    .filter((item) => item !== null)
    .filter((item) => isName(item.name))
    .sort((a, b) => byQuality(a, b) || wildcardLast(a, b));
}

function parseMediaRange(member: string): MediaRange | null {
  const media = parseMediaType(member);
  if (media === null) return null;
  const { type } = media;
  if (type.startsWith("*/") && type !== "*/*") return null;
  const parameters = new Map(media.parameters);
  const quality = readQuality(parameters.get("q") ?? "1");
  parameters.delete("q");
  return quality === null ? null : { type, parameters, quality };
}

/**
 * Reads an `Accept` field (RFC 9110 12.5.1). A parameter `q` is the weight
 * wherever it stands.
 *
 * @returns Its members, best first; those with weight 0, which exclude, last.
 *
 * @example Usage
 * ```ts
 * import { parseAccept } from "@x/httpserver/negotiation";
 * import { assertEquals } from "@std/assert";
 *
 * const ranges = parseAccept("text/*;q=0.5, text/html");
 * assertEquals(ranges.map((range) => range.type), ["text/html", "text/*"]);
 * assertEquals(ranges[1].quality, 0.5);
 * ```
 */
export function parseAccept(value: string): MediaRange[] {
  return membersOf(value).map(parseMediaRange)
    .filter((range) => range !== null)
    .sort(byQuality);
}

function specificity(range: MediaRange): number {
  if (range.type === "*/*") return 0;
  return range.type.endsWith("/*") ? 1 : 2 + range.parameters.size;
}

function includesType(range: MediaRange, media: MediaType): boolean {
  const { type } = range;
  if (type === "*/*") return true;
  if (type.endsWith("/*")) return media.type.startsWith(type.slice(0, -1));
  if (type !== media.type) return false;
  for (const [name, value] of range.parameters) {
    // Names and case of values vary among clients, such as "UTF-8".
    const own = media.parameters.get(name)?.toLowerCase();
    if (own !== value.toLowerCase()) return false;
  }
  return true;
}

function decidingRange(
  ranges: readonly MediaRange[],
  media: MediaType,
): MediaRange | null {
  let best: MediaRange | null = null;
  for (const range of ranges) {
    if (!includesType(range, media)) continue;
    if (best === null || specificity(range) > specificity(best)) best = range;
  }
  return best;
}

function readAvailable(type: string): MediaType {
  const media = parseMediaType(type);
  if (media !== null) return media;
  throw new TypeError(
    `Cannot negotiate ${
      JSON.stringify(type)
    }: take a media type, such as "text/html"`,
  );
}

/**
 * Chooses a media type by `Accept` (RFC 9110 12.5.1). The most specific member
 * that includes a type gives its weight. Among equal weights a type that is
 * named goes before one that a wildcard includes, then the server's order
 * counts.
 *
 * @param header The field value; without one, or with no valid member, anything
 * is acceptable.
 * @param available Media types that the server has, best first.
 * @returns One of `available` as written there, or `null` if none is acceptable.
 * @throws {TypeError} If a member of `available` is not a media type.
 *
 * @example Usage
 * ```ts
 * import { accepts } from "@x/httpserver/negotiation";
 * import { assertEquals } from "@std/assert";
 *
 * const available = ["text/html", "application/json"];
 * assertEquals(accepts("application/json, text/*;q=0.5", available), "application/json");
 * assertEquals(accepts("image/png", available), null);
 * assertEquals(accepts(null, available), "text/html");
 * ```
 */
export function accepts(
  header: string | null,
  available: readonly string[],
): string | null {
  const ranges = header === null ? [] : parseAccept(header);
  let choice: string | null = null;
  let best = { quality: 0, specificity: 0 };
  for (const type of available) {
    const media = readAvailable(type);
    if (ranges.length === 0) return type;
    const range = decidingRange(ranges, media);
    if (range === null || range.quality === 0) continue;
    const rank = { quality: range.quality, specificity: specificity(range) };
    const isBetter = rank.quality > best.quality ||
      (rank.quality === best.quality && rank.specificity > best.specificity);
    if (choice !== null && !isBetter) continue;
    choice = type;
    best = rank;
  }
  return choice;
}

function canonicalCoding(name: string): string {
  const lower = name.toLowerCase();
  // RFC 9110 8.4.1: the old names mean the same.
  if (lower === "x-gzip") return "gzip";
  return lower === "x-compress" ? "compress" : lower;
}

/**
 * Splits an `Accept-Encoding` field into codings (RFC 9110 12.5.3).
 *
 * @returns Lower-case names, `identity` and `*` among them if listed, best first,
 * without those of weight 0.
 *
 * @example Usage
 * ```ts
 * import { parseAcceptEncoding } from "@x/httpserver/negotiation";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseAcceptEncoding("gzip;q=0.5, br, zstd;q=0"), ["br", "gzip"]);
 * ```
 */
export function parseAcceptEncoding(value: string): string[] {
  return parseWeightedList(value, isToken)
    .filter((coding) => coding.quality > 0)
    .map((coding) => coding.name);
}

let lastField = "";
let lastWeights: ReadonlyMap<string, number> = new Map();

/** Weights by coding, kept for the next request: clients of a kind send the same. */
function codingWeights(field: string): ReadonlyMap<string, number> {
  if (field === lastField) return lastWeights;
  const weights = new Map<string, number>();
  for (const { name, quality } of parseWeightedList(field, isToken)) {
    const coding = canonicalCoding(name);
    if (!weights.has(coding)) weights.set(coding, quality);
  }
  lastField = field;
  lastWeights = weights;
  return weights;
}

/**
 * Chooses a content coding by `Accept-Encoding` (RFC 9110 12.5.3).
 *
 * `identity`, the content as it is, is always available; it is acceptable
 * unless the field excludes it, and the last choice unless the field gives it a
 * weight. Without a field it is chosen, for a client that says nothing may not
 * be able to decode.
 *
 * @param header The field value, or `null`.
 * @param available Codings that the server has, best first: the order decides
 * among equal weights. `identity` may be listed to give it a place of its own.
 * @returns One of `available` as written there or `"identity"`; `null` if the
 * client refuses even that.
 *
 * @example Usage
 * ```ts
 * import { acceptsEncodings } from "@x/httpserver/negotiation";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(acceptsEncodings("gzip, deflate, br", ["br", "gzip"]), "br");
 * assertEquals(acceptsEncodings("deflate", ["br", "gzip"]), "identity");
 * assertEquals(acceptsEncodings("*;q=0", ["br", "gzip"]), null);
 * ```
 */
export function acceptsEncodings(
  header: string | null,
  available: readonly string[],
): string | null {
  const weights = codingWeights(header ?? "");
  let choice: string | null = null;
  let best = 0;
  for (const name of [...available, "identity"]) {
    const coding = canonicalCoding(name);
    const unlisted = coding === "identity" ? UNLISTED_IDENTITY : 0;
    const quality = weights.get(coding) ?? weights.get("*") ?? unlisted;
    if (quality <= best) continue;
    choice = name;
    best = quality;
  }
  return choice;
}

function isLanguageRange(name: string): boolean {
  return LANGUAGE_RANGE.test(name);
}

/** Basic filtering, RFC 4647 3.3.1. */
function includesTag(range: string, tag: string): boolean {
  return range === "*" || tag === range || tag.startsWith(`${range}-`);
}

function rangeLength(range: Weighted): number {
  return range.name === "*" ? 0 : range.name.length;
}

function decidingLanguage(
  ranges: readonly Weighted[],
  tag: string,
): Weighted | null {
  let best: Weighted | null = null;
  for (const range of ranges) {
    if (!includesTag(range.name, tag)) continue;
    const isLonger = best === null || rangeLength(range) > rangeLength(best);
    if (isLonger) best = range;
  }
  return best;
}

/** The next shorter range of RFC 4647 3.4, or "". */
function truncate(range: string): string {
  const shorter = range.slice(0, Math.max(range.lastIndexOf("-"), 0));
  // A single letter or digit only introduces what followed it.
  return shorter.at(-2) === "-" ? shorter.slice(0, -2) : shorter;
}

interface LanguageChoice {
  tag: string;
  decided: Weighted | null;
}

/** Index of the tag to answer a range with, or -1. */
function findLanguage(
  range: Weighted,
  choices: readonly LanguageChoice[],
): number {
  const exact = choices.findIndex((choice) => choice.tag === range.name);
  if (exact >= 0) return exact;
  const filtered = choices.findIndex((choice) => choice.decided === range);
  if (filtered >= 0) return filtered;
  for (let name = truncate(range.name); name; name = truncate(name)) {
    const found = choices.findIndex(({ tag, decided }) =>
      tag === name && (decided === null || decided.name === "*") &&
      decided?.quality !== 0
    );
    if (found >= 0) return found;
  }
  return -1;
}

/**
 * Chooses a language by `Accept-Language` (RFC 9110 12.5.4, RFC 4647).
 *
 * The members are tried best first, among equal weights in the client's order,
 * a `*` after the others.
 * Each takes the tag that it names; else, by basic filtering (RFC 4647 3.3.1), the
 * first tag that begins with it and has no longer member of its own (`de` takes
 * `de-CH`); else, by lookup (3.4), the tag that it becomes when cut from the end
 * (`de-CH` takes `de`), unless the client ranks that one itself. A member with
 * weight 0 excludes the tags that it includes.
 *
 * @param header The field value; without one, or with no valid member, any
 * language is acceptable.
 * @param available Language tags that the server has, best first.
 * @returns One of `available` as written there, or `null` if none fits, where a
 * server mostly answers in its default language.
 *
 * @example Usage
 * ```ts
 * import { acceptsLanguages } from "@x/httpserver/negotiation";
 * import { assertEquals } from "@std/assert";
 *
 * const available = ["en", "de-CH", "fr"];
 * assertEquals(acceptsLanguages("de, en;q=0.5", available), "de-CH");
 * assertEquals(acceptsLanguages("en-GB, fr;q=0.8", available), "en");
 * assertEquals(acceptsLanguages("ja", available), null);
 * ```
 */
export function acceptsLanguages(
  header: string | null,
  available: readonly string[],
): string | null {
  const ranges = parseWeightedList(header ?? "", isLanguageRange);
  if (ranges.length === 0) return available[0] ?? null;
  const choices = available.map((name) => {
    const tag = name.toLowerCase();
    return { tag, decided: decidingLanguage(ranges, tag) };
  });
  for (const range of ranges) {
    if (range.quality === 0) break;
    const found = findLanguage(range, choices);
    if (found >= 0) return available[found];
  }
  return null;
}
