export function hostMatcher(
  _a: readonly string[],
): (authority: string) => boolean {
  throw new Error("being written");
}
