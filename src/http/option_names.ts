/**
 * {@linkcode checkOptionNames}: a misspelt option is an error, not a default.
 *
 * @module
 */

import { editDistance } from "./edit_distance.ts";
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
  if (typeof given !== "object" || given === null || !holdsOptions(given)) {
    throw new TypeError(
      `Cannot use ${describeValue(given)} as options of ${owner}: ${
        mendOptions(owner, given, known)
      }`,
    );
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearest(unknown, known);
  throw new TypeError(
    `Cannot find "${unknown}" among the options of ${owner}: ${
      near === null ? "" : `do you mean "${near}"? `
    }there are ${known.join(", ")}`,
  );
}

// What has members but no options, such as a request or a list.
const NO_OPTIONS =
  /^an? (?:array|empty array|HttpRequest|HttpResponse|Request|Response|Headers|Map|Promise|URL)$/;

function holdsOptions(given: object): boolean {
  return !NO_OPTIONS.test(describeValue(given));
}

function mendOptions(
  owner: string,
  given: unknown,
  known: readonly string[],
): string {
  // A middleware that was registered without being made: use(cors).
  if (describeValue(given) === "an HttpRequest") {
    const name = owner.split(" ")[0];
    return `call it where it is registered, as in use(${name}())`;
  }
  return `take an object with any of ${known.join(", ")}`;
}

const FEW_EDITS = 2;

// The name that was meant, if it is a slip of a letter or two, another case, or
// a part: "host" for "hostname", "maxAge" for "cacheMaxAge".
function nearest(wrong: string, known: readonly string[]): string | null {
  const lower = wrong.toLowerCase();
  const isPart = (name: string) =>
    lower.length > 3 && name.toLowerCase().includes(lower);
  const isSlip = (name: string) =>
    lower.length > FEW_EDITS &&
    editDistance(lower, name.toLowerCase()) <= FEW_EDITS;
  return known.find((name) => name.toLowerCase() === lower) ??
    known.find(isPart) ?? known.find(isSlip) ?? null;
}
