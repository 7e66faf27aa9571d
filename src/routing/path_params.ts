/**
 * {@linkcode PathParams}: the parameters of a pattern, read by the compiler from
 * the pattern's literal type.
 *
 * @module
 */

// The regex may hold parentheses, classes and slashes of its own, so it is
// skipped character by character. `Depth` has an element per open parenthesis.
type SkipRegex<Text extends string, Depth extends unknown[] = []> = Text extends
  `\\${infer Escaped}` ? SkipRegex<DropFirst<Escaped>, Depth>
  : Text extends `[${infer Class}` ? SkipRegex<SkipClass<Class>, Depth>
  : Text extends `(${infer Rest}` ? SkipRegex<Rest, [...Depth, unknown]>
  : Text extends `)${infer Rest}`
    ? Depth extends [unknown, ...infer Outer] ? SkipRegex<Rest, Outer> : Rest
  : Text extends `${string}${infer Rest}` ? SkipRegex<Rest, Depth>
  : "";

type SkipClass<Text extends string> = Text extends `\\${infer Escaped}`
  ? SkipClass<DropFirst<Escaped>>
  : Text extends `]${infer Rest}` ? Rest
  : Text extends `${string}${infer Rest}` ? SkipClass<Rest>
  : "";

type DropFirst<Text extends string> = Text extends `${string}${infer Rest}`
  ? Rest
  : "";

type Collected<Required extends string, Optional extends string> = Flat<
  & { [Name in Exclude<Required, Optional>]: string }
  & { [Name in Optional]?: string }
>;

type Flat<Params> = { [Name in keyof Params]: Params[Name] };

// What stands behind a name and its regex: `?`, a slash, or the end.
type AfterName<
  Name extends string,
  Rest extends string,
  Required extends string,
  Optional extends string,
> = Rest extends `?${infer Behind}` ? InTail<Behind, Required, Optional | Name>
  : InTail<Rest, Required | Name, Optional>;

type InTail<
  Rest extends string,
  Required extends string,
  Optional extends string,
> = Rest extends `/${infer Segments}` ? InSegments<Segments, Required, Optional>
  : Collected<Required, Optional>;

type InPlainSegment<
  Segment extends string,
  Rest extends string,
  Required extends string,
  Optional extends string,
> = Segment extends `${infer Name}?`
  ? AfterName<Name, `?${Rest}`, Required, Optional>
  : AfterName<Segment, Rest, Required, Optional>;

type InPlainParam<
  Text extends string,
  Required extends string,
  Optional extends string,
> = Text extends `${infer Segment}/${infer Rest}`
  ? InPlainSegment<Segment, `/${Rest}`, Required, Optional>
  : InPlainSegment<Text, "", Required, Optional>;

// A "(" belongs to this parameter only if no slash stands before it.
type InParam<
  Text extends string,
  Required extends string,
  Optional extends string,
> = Text extends `${infer Name}(${infer Regex}`
  ? Name extends `${string}/${string}` ? InPlainParam<Text, Required, Optional>
  : AfterName<Name, SkipRegex<Regex>, Required, Optional>
  : InPlainParam<Text, Required, Optional>;

/**
 * Reads a pattern from behind one of its slashes.
 *
 * @internal
 */
type InSegments<
  Text extends string,
  Required extends string,
  Optional extends string,
> = Text extends `:${infer Param}` ? InParam<Param, Required, Optional>
  : Text extends `*${infer Name}`
    ? Collected<Name extends "" ? Required : Required | Name, Optional>
  : Text extends `${string}/${infer Rest}`
    ? InSegments<Rest, Required, Optional>
  : Collected<Required, Optional>;

/**
 * The parameters of a pattern: `:name` and `*rest` are strings, `:name?` may be
 * missing, a regex leaves no trace. A pattern that is no literal type gives
 * `Record<string, string>`; in a template literal the parameters of its literal
 * parts are found.
 *
 * @example Usage
 * ```ts
 * import type { PathParams } from "@x/httpserver/router";
 * import { assertEquals } from "@std/assert";
 *
 * const params: PathParams<"/users/:id(\\d+)/files/*rest"> = {
 *   id: "7",
 *   rest: "a/b.txt",
 * };
 * assertEquals(Object.keys(params), ["id", "rest"]);
 * ```
 */
export type PathParams<Pattern extends string> = string extends Pattern
  ? Record<string, string>
  : Pattern extends `/${infer Segments}` ? InSegments<Segments, never, never>
  : Record<string, string>;
