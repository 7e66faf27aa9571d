/**
 * JSON from outside: parsed, and without the keys by which an object that is
 * merged into another changes the prototype of all objects.
 *
 * @module
 */

import { cannotUse, listChoices } from "./checks.ts";
import { HttpError } from "./errors.ts";
import { checkOptionNames } from "./option_names.ts";

/** Options of `request.json()`. */
export interface JsonOptions {
  /**
   * What to do with a key `__proto__`, or `constructor` with a `prototype` in it,
   * by which prototypes are poisoned: answer 400, leave it out, or let it through.
   *
   * @default {"refuse"}
   */
  proto?: "refuse" | "remove" | "allow";
}

const POLICIES: readonly unknown[] = ["refuse", "remove", "allow"];

const NO_OPTIONS: JsonOptions = Object.freeze({});

function policyOf(options: JsonOptions): string {
  if (options === NO_OPTIONS) return "refuse";
  checkOptionNames("json()", options, ["proto"]);
  const { proto = "refuse" } = options;
  if (POLICIES.includes(proto)) return proto;
  throw new TypeError(
    `${cannotUse('"proto" of json()', proto)}${listChoices(POLICIES)}`,
  );
}

// Keys may be written with escapes, such as \u005f for an underscore.
function maySmuggle(text: string): boolean {
  return text.includes("__proto__") || text.includes("prototype") ||
    text.includes("\\u00");
}

function poisonOf(object: object): string | null {
  if (Object.hasOwn(object, "__proto__")) return "__proto__";
  if (!Object.hasOwn(object, "constructor")) return null;
  const { constructor }: { constructor: unknown } = object;
  const isPoison = typeof constructor === "object" && constructor !== null &&
    Object.hasOwn(constructor, "prototype");
  return isPoison ? "constructor" : null;
}

function removePoison(object: object, policy: string): void {
  for (let key = poisonOf(object); key !== null; key = poisonOf(object)) {
    if (policy === "refuse") {
      throw new HttpError(400, `The request body has the key "${key}"`);
    }
    Reflect.deleteProperty(object, key);
  }
}

// Without recursion: the nesting is the sender's.
function clean(value: unknown, policy: string): void {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next !== "object" || next === null) continue;
    removePoison(next, policy);
    for (const inner of Object.values(next)) {
      if (typeof inner === "object") left.push(inner);
    }
  }
}

/**
 * Parses JSON that a client has sent.
 *
 * @throws {HttpError} 400 if it is malformed or has a key that is refused.
 * @throws {TypeError} If the option is none of those there are.
 */
export function parseJson(
  text: string,
  options: JsonOptions = NO_OPTIONS,
): unknown {
  const policy = policyOf(options);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new HttpError(400, "The request body is not valid JSON", { cause });
  }
  if (policy !== "allow" && maySmuggle(text)) clean(value, policy);
  return value;
}
