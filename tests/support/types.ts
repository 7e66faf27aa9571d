/** Checks of types: what does not hold does not compile. */

/** True if two types are the same. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Compiles only if its type argument is true. */
export function assertType<_Holds extends true>(): void {}
