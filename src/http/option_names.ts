/**
 * {@linkcode checkOptionNames}: a misspelt option is an error, not a default.
 *
 * @module
 */

import { describeValue } from "./values.ts";

/**
 * Checks that options are an object and that each of its names is known.
 *
 * @param owner Whose options they are, for the message.
 * @throws {TypeError} If they are no object, or a name is unknown.
 */
export function checkOptionNames(
  owner: string,
  options: object,
  known: readonly string[],
): void {
  const given: unknown = options;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new TypeError(
      `Cannot use ${
        describeValue(given)
      } as options of ${owner}: take an object`,
    );
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(
    `Cannot find "${unknown}" among the options of ${owner}: there are ${
      known.join(", ")
    }`,
  );
}
