/**
 * {@linkcode formTree}: the fields of a form as nested values, by the brackets
 * in their names.
 *
 * @module
 */

import { checkNumber } from "./checks.ts";
import { HttpError } from "./errors.ts";
import type { FormOptions } from "./form.ts";

/** A value of a form: a text, a file, a list, or fields of its own. */
export type FormValue = string | File | FormValue[] | FormFields;

/** Fields by name, without a prototype. */
export interface FormFields {
  /** The value of a field. */
  [name: string]: FormValue;
}

/** Options of `request.form()`. */
export interface FormTreeOptions extends FormOptions {
  /** How deep fields may be nested: `a[b]` is 1; more is answered 400. @default {5} */
  depth?: number;
}

const DEPTH = 5;
const PATH = /^([^[\]]+)((?:\[[^[\]]*\])*)$/;

/**
 * Checks the depth and gives the default.
 *
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is negative.
 */
export function checkDepth(depth: unknown = DEPTH): number {
  const bounds = { least: 0, infinite: true };
  return checkNumber('"depth" of form()', depth, bounds);
}

// A name that is no path stands for itself, as it does in a browser.
function pathOf(name: string, depth: number): string[] {
  const [, first, rest = ""] = PATH.exec(name) ?? ["", name];
  const path = [first];
  for (const part of rest.split("[").slice(1)) path.push(part.slice(0, -1));
  if (path.length - 1 > depth) {
    throw new HttpError(
      400,
      `A field of the form is nested deeper than ${depth}`,
    );
  }
  const isPoison = path.includes("__proto__") ||
    (path.includes("constructor") && path.includes("prototype"));
  if (isPoison) {
    throw new HttpError(400, `The form has the field ${JSON.stringify(name)}`);
  }
  return path;
}

function contradiction(name: string): HttpError {
  const quoted = JSON.stringify(name);
  return new HttpError(400, `The field ${quoted} contradicts another one`);
}

function isFields(value: FormValue | undefined): value is FormFields {
  return typeof value === "object" && !Array.isArray(value) &&
    !(value instanceof File);
}

function addLeaf(
  fields: FormFields,
  key: string,
  value: string | File,
  isList: boolean,
): boolean {
  const known = fields[key];
  if (known === undefined) fields[key] = isList ? [value] : value;
  else if (isFields(known)) return false;
  else if (Array.isArray(known)) known.push(value);
  else fields[key] = [known, value];
  return true;
}

function addField(
  root: FormFields,
  name: string,
  value: string | File,
  depth: number,
): void {
  const path = pathOf(name, depth);
  const isList = path.length > 1 && path[path.length - 1] === "";
  if (isList) path.pop();
  const last = path[path.length - 1];
  let fields = root;
  for (const key of path.slice(0, -1)) {
    const inner = fields[key] ??= Object.create(null);
    if (key === "" || !isFields(inner)) throw contradiction(name);
    fields = inner;
  }
  if (
    (last === "" && path.length > 1) || !addLeaf(fields, last, value, isList)
  ) {
    throw contradiction(name);
  }
}

/**
 * Nests the fields of a form: `a[b]=1` is `{ a: { b: "1" } }`, `a[]=1` and a name
 * that is repeated are lists. Numbers in brackets are names like others.
 *
 * @throws {HttpError} 400 if a field is nested too deep, contradicts another one,
 * or has a name by which prototypes are poisoned.
 */
export function formTree(form: FormData, depth: number): FormFields {
  const root: FormFields = Object.create(null);
  for (const [name, value] of form) addField(root, name, value, depth);
  return root;
}
