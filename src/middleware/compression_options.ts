/**
 * The options of {@linkcode compression}, checked and filled in.
 *
 * @module
 */

import { checkFunction, checkNumber } from "../http/checks.ts";
import { checkOptionNames } from "../http/option_names.ts";
import type { AnyRequest } from "../http/request.ts";
import type { HttpResponse } from "../http/response.ts";
import { describeValue } from "../http/values.ts";
import { isCompressible } from "./coding/compressible.ts";
import type { Levels } from "./coding/encoder.ts";
import { CODINGS, type ContentCoding } from "./coding/zlib.ts";

/** How hard each coding works; more is smaller and slower. */
export interface CompressionLevels {
  /** 1 to 22; above 9 it takes milliseconds for what 3 does in one. @default {3} */
  zstd?: number;
  /** 0 to 11; from 10 on it is for files that are compressed once. @default {4} */
  br?: number;
  /** 1 to 9; 6 makes 4 % less of it than 4 and takes half as long again. @default {4} */
  gzip?: number;
  /** 1 to 9. @default {4} */
  deflate?: number;
}

/** Options of {@linkcode compression}. */
export interface CompressionOptions {
  /**
   * Contents of fewer bytes are sent as they are. The length of a stream is not
   * known and counts as enough, unless it ends at once.
   *
   * @default {1024}
   */
  minSize?: number;
  /**
   * The codings to use, best first: the order decides among those that the
   * client likes as much. One that the runtime lacks is passed over.
   *
   * @default {["zstd", "br", "gzip", "deflate"]}
   */
  encodings?: readonly ContentCoding[];
  /** How hard each coding works. @default {{ zstd: 3, br: 4, gzip: 4, deflate: 4 }} */
  levels?: CompressionLevels;
  /**
   * Tells which `Content-Type` values are worth it.
   *
   * @default {isCompressible}
   */
  types?: (contentType: string) => boolean;
  /**
   * Has the last word on an answer that could be compressed. False for pages
   * that hold a secret beside what an attacker may put in: the length of what is
   * sent would give the secret away (BREACH).
   *
   * @default {undefined} all of them
   */
  filter?: (request: AnyRequest, response: HttpResponse) => boolean;
}

/** The options as they are used. */
export interface CompressionPolicy {
  readonly minSize: number;
  readonly encodings: readonly ContentCoding[];
  readonly levels: Levels;
  readonly types: (contentType: string) => boolean;
  readonly filter: (request: AnyRequest, response: HttpResponse) => boolean;
}

const NAMES: readonly (keyof CompressionOptions)[] = [
  "minSize",
  "encodings",
  "levels",
  "types",
  "filter",
];

const BOUNDS: Readonly<
  Record<ContentCoding, { from: number; to: number; usual: number }>
> = {
  zstd: { from: 1, to: 22, usual: 3 },
  br: { from: 0, to: 11, usual: 4 },
  gzip: { from: 1, to: 9, usual: 4 },
  deflate: { from: 1, to: 9, usual: 4 },
};

function checkEncodings(
  encodings: readonly ContentCoding[],
): readonly ContentCoding[] {
  if (!Array.isArray(encodings) || encodings.length === 0) {
    throw new TypeError(
      `Cannot use ${
        describeValue(encodings)
      } as "encodings" of compression: take a list of one or more of ${
        CODINGS.join(", ")
      }`,
    );
  }
  const unknown = encodings.find((name) => !CODINGS.includes(name));
  if (unknown === undefined) return [...new Set(encodings)];
  throw new TypeError(
    `Cannot compress by ${describeValue(unknown)}: take ${CODINGS.join(", ")}`,
  );
}

function checkLevel(coding: ContentCoding, level: number | undefined): number {
  const { from, to, usual } = BOUNDS[coding];
  if (level === undefined) return usual;
  if (Number.isInteger(level) && level >= from && level <= to) return level;
  throw new RangeError(
    `Cannot compress by ${coding} at level ${
      describeValue(level)
    }: take a whole number from ${from} to ${to}`,
  );
}

function checkLevels(levels: CompressionLevels): Levels {
  checkOptionNames("compression levels", levels, CODINGS);
  return {
    zstd: checkLevel("zstd", levels.zstd),
    br: checkLevel("br", levels.br),
    gzip: checkLevel("gzip", levels.gzip),
    deflate: checkLevel("deflate", levels.deflate),
  };
}

function all(): boolean {
  return true;
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {TypeError} If an option is unknown or has the wrong shape.
 * @throws {RangeError} If a number is out of bounds.
 */
export function resolvePolicy(options: CompressionOptions): CompressionPolicy {
  checkOptionNames("compression", options, NAMES);
  checkFunction('"types" of compression', options.types);
  checkFunction('"filter" of compression', options.filter);
  return {
    minSize: checkNumber('"minSize" of compression', options.minSize ?? 1024, {
      least: 0,
      whole: true,
      unit: "bytes",
    }),
    encodings: checkEncodings(options.encodings ?? CODINGS),
    levels: checkLevels(options.levels ?? {}),
    types: options.types ?? isCompressible,
    filter: options.filter ?? all,
  };
}
