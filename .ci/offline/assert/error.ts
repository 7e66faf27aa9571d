/** What a failed assertion throws. */
export class AssertionError extends Error {
  /** Makes an error with this message. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

/** Joins a sentence and the caller's own message. */
export function describe(sentence: string, message?: string): string {
  return message ? `${sentence}: ${message}` : `${sentence}.`;
}
