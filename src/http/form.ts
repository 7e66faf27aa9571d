/**
 * Forms, urlencoded or `multipart/form-data`, within bounds.
 *
 * @module
 */

import { checkNumber } from "./checks.ts";
import { HttpError } from "./errors.ts";
import { parseMediaType } from "./media_type.ts";
import { checkOptionNames } from "./option_names.ts";

/** Bounds of a form; what is over one is answered 413. */
export interface FormOptions {
  /** Number of fields, files among them. @default {1000} */
  fields?: number;
  /** Length of the name and the value of a field that is no file, in characters. @default {1048576} */
  fieldLength?: number;
  /** Number of files. @default {100} */
  files?: number;
  /** Bytes of one file. @default {Infinity} as the body allows */
  fileBytes?: number;
}

type Limits = Readonly<Required<FormOptions>>;

/** The defaults. */
export const FORM_LIMITS: Limits = Object.freeze({
  fields: 1000,
  fieldLength: 1024 * 1024,
  files: 100,
  fileBytes: Infinity,
});
const NAMES = Object.keys(FORM_LIMITS) as readonly (keyof FormOptions)[];

const FORM =
  /^(multipart\/form-data|application\/x-www-form-urlencoded)\s*(;|$)/i;
const LF = 10;
const AMPERSAND = 38;

/**
 * Checks the bounds of a form and fills in the defaults.
 *
 * @throws {TypeError} For an unknown name or a value that is no number.
 * @throws {RangeError} For a negative number.
 */
export function formLimits(options: FormOptions): Limits {
  checkOptionNames("formData()", options, NAMES);
  const limits: Record<keyof FormOptions, number> = { ...FORM_LIMITS };
  for (const name of NAMES) limits[name] = checkBound(name, options[name]);
  return limits;
}

function checkBound(name: keyof FormOptions, value: unknown): number {
  if (value === undefined) return FORM_LIMITS[name];
  const bounds = { least: 0, infinite: true };
  return checkNumber(`"${name}" of formData()`, value, bounds);
}

/** Tells whether a `Content-Type` is that of a form. */
export function isForm(contentType: string | null): contentType is string {
  return contentType !== null && FORM.test(contentType);
}

function tooMany(what: string, most: number): HttpError {
  return new HttpError(413, `The form has more than ${most} ${what}`);
}

function countPairs(bytes: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < bytes.length;) {
    const ampersand = bytes.indexOf(AMPERSAND, at);
    const end = ampersand < 0 ? bytes.length : ampersand;
    if (end > at) count++;
    at = end + 1;
  }
  return count;
}

function startsAt(bytes: Uint8Array, at: number, part: Uint8Array): boolean {
  for (let i = 0; i < part.length; i++) {
    if (bytes[at + i] !== part[i]) return false;
  }
  return true;
}

// Clients that do not quote what they should are still understood.
const LOOSE_BOUNDARY = /;\s*boundary="?([^";]+)/i;

function boundaryOf(contentType: string): string {
  return parseMediaType(contentType)?.parameters.get("boundary") ??
    LOOSE_BOUNDARY.exec(contentType)?.[1].trimEnd() ?? "";
}

// Delimiters stand at the start of a line. The last one ends the form, so it
// counts for no part (RFC 2046 5.1.1).
function countParts(bytes: Uint8Array, contentType: string): number {
  const delimiter = new TextEncoder().encode(`--${boundaryOf(contentType)}`);
  let count = -1;
  for (let at = 0; at < bytes.length;) {
    if (startsAt(bytes, at, delimiter)) count++;
    const end = bytes.indexOf(LF, at);
    at = end < 0 ? bytes.length : end + 1;
  }
  return count;
}

// Ahead of the parser: each field costs many times the bytes that it is sent in.
function checkCount(
  bytes: Uint8Array,
  contentType: string,
  most: number,
): void {
  const count = /^m/i.test(contentType)
    ? countParts(bytes, contentType)
    : countPairs(bytes);
  if (count > most) throw tooMany("fields", most);
}

function checkFields(form: FormData, limits: Limits): void {
  let fields = 0;
  let files = 0;
  for (const [name, value] of form) {
    if (++fields > limits.fields) throw tooMany("fields", limits.fields);
    if (value instanceof File) {
      if (++files > limits.files) throw tooMany("files", limits.files);
      if (value.size <= limits.fileBytes) continue;
      throw new HttpError(
        413,
        `A file of the form is larger than ${limits.fileBytes} bytes`,
      );
    }
    if (name.length + value.length > limits.fieldLength) {
      throw new HttpError(
        413,
        `A field of the form is longer than ${limits.fieldLength} characters`,
      );
    }
  }
}

/**
 * Parses the bytes of a form.
 *
 * @throws {HttpError} 400 if it is malformed, 413 if it is over a bound.
 */
export async function parseForm(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
  limits: Limits,
): Promise<FormData> {
  checkCount(bytes, contentType, limits.fields);
  const headers = { "content-type": contentType };
  let form: FormData;
  try {
    form = await new Response(bytes, { headers }).formData();
  } catch (cause) {
    throw new HttpError(400, "The request body is not a valid form", { cause });
  }
  checkFields(form, limits);
  return form;
}
