/** Options of {@linkcode parseArgs}. */
export interface ParseOptions<
  B extends string = string,
  S extends string = string,
  C extends string = string,
  N extends string = string,
  D extends object = object,
  DD extends boolean = boolean,
> {
  /** Put what follows `--` under this key instead of `_`. @default {false} */
  "--"?: DD;
  /** Other names of a flag. */
  alias?: Record<string, string | readonly string[]>;
  /** Flags without a value; `true` is for all with two hyphens. */
  boolean?: boolean | B | readonly B[];
  /** Values of flags that are not given. */
  default?: D;
  /** Leave all from the first argument that is no flag. @default {false} */
  stopEarly?: boolean;
  /** Flags whose value stays text. */
  string?: S | readonly S[];
  /** Flags that may be given more than once. */
  collect?: C | readonly C[];
  /** Flags that `--no-NAME` sets to false. */
  negatable?: N | readonly N[];
  /** Called with what no option names; `false` drops it. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** What {@linkcode parseArgs} returns. */
export type Args<
  B extends string = string,
  S extends string = string,
  C extends string = string,
  N extends string = string,
  D extends object = object,
  DD extends boolean = boolean,
> =
  & Record<string, unknown>
  & { [K in Exclude<S, C | keyof D>]?: string | Negated<K, N> }
  & { [K in Extract<Exclude<S, C>, keyof D>]: string | D[K] | Negated<K, N> }
  & { [K in Extract<S, C>]: string[] | Negated<K, N> }
  & { [K in B]: boolean }
  & { _: (string | number)[] }
  & (DD extends true ? { "--": string[] } : Record<never, never>);

type Negated<K, N> = K extends N ? false : never;
type Value = string | number | boolean;

/** The sets behind the options, with the aliases in them. */
class Rules {
  readonly string: Set<string>;
  readonly boolean: Set<string>;
  readonly collect: Set<string>;
  readonly negatable: Set<string>;
  readonly allBoolean: boolean;
  readonly #names = new Map<string, string[]>();

  constructor(options: ParseOptions) {
    for (const [name, others] of Object.entries(options.alias ?? {})) {
      const group = [name, ...[others].flat()];
      for (const each of group) this.#names.set(each, group);
    }
    this.allBoolean = options.boolean === true;
    this.boolean = this.#set(
      typeof options.boolean === "boolean" ? [] : options.boolean,
    );
    this.string = this.#set(options.string);
    this.collect = this.#set(options.collect);
    this.negatable = this.#set(options.negatable);
  }

  /** The flag and its other names. */
  names(key: string): string[] {
    return this.#names.get(key) ?? [key];
  }

  /** True if some option names the flag. */
  knows(key: string): boolean {
    return this.string.has(key) || this.boolean.has(key) ||
      this.collect.has(key) || this.#names.has(key);
  }

  #set(keys: string | readonly string[] = []): Set<string> {
    return new Set([keys].flat().flatMap((key) => this.names(key)));
  }
}

/** One pass over the arguments. */
class Parser {
  readonly result: Record<string, unknown> & { _: (string | number)[] } = {
    _: [],
  };
  readonly #rules: Rules;
  readonly #options: ParseOptions;

  constructor(options: ParseOptions) {
    this.#options = options;
    this.#rules = new Rules(options);
  }

  parse(args: readonly string[]): void {
    for (let i = 0; i < args.length; i++) {
      const arg = args[i];
      if (arg.startsWith("--")) i += this.#long(arg, args[i + 1]);
      else if (arg.length > 1 && arg.startsWith("-")) {
        i += this.#short(arg, args[i + 1]);
      } else {
        this.#positional(arg);
        if (!this.#options.stopEarly) continue;
        this.result._.push(...args.slice(i + 1));
        return;
      }
    }
  }

  /** Fills in what was not given. */
  complete(): void {
    for (const [key, value] of Object.entries(this.#options.default ?? {})) {
      if (Object.hasOwn(this.result, key)) continue;
      for (const name of this.#rules.names(key)) this.#set(name, value);
    }
    for (const key of this.#rules.boolean) this.#fill(key, false);
    for (const key of this.#rules.string) this.#fill(key, undefined);
  }

  #fill(key: string, value: unknown): void {
    if (Object.hasOwn(this.result, key)) return;
    if (this.#rules.collect.has(key)) this.#set(key, []);
    else if (value !== undefined) this.#set(key, value);
  }

  #positional(arg: string): void {
    if (this.#options.unknown?.(arg) === false) return;
    this.result._.push(this.#rules.string.has("_") ? arg : number(arg));
  }

  /** Returns how many arguments it took besides its own. */
  #long(arg: string, next: string | undefined): number {
    const equals = arg.indexOf("=");
    const key = arg.slice(2, equals === -1 ? undefined : equals);
    if (equals !== -1) {
      const text = arg.slice(equals + 1);
      const isBoolean = this.#rules.boolean.has(key);
      this.#give(key, isBoolean ? text !== "false" : text, arg);
      return 0;
    }
    const positive = key.replace(/^no-/, "");
    if (positive !== key && this.#rules.negatable.has(positive)) {
      this.#give(positive, false, arg, false);
      return 0;
    }
    const noValue = this.#rules.allBoolean || next?.startsWith("-") === true;
    return this.#withNext(key, arg, next, noValue);
  }

  /** `-p 1`, `-p=1`, `-p1`, and `-abc` for three flags. */
  #short(arg: string, next: string | undefined): number {
    for (let i = 1; i < arg.length - 1; i++) {
      const rest = arg.slice(i + 1);
      const isValue = /^-?\d+(\.\d*)?(e-?\d+)?$/.test(rest) ||
        /^\W/.test(rest);
      if (isValue) {
        this.#give(arg[i], rest.replace(/^=/, ""), arg);
        return 0;
      }
      this.#give(arg[i], this.#rules.string.has(arg[i]) ? "" : true, arg);
    }
    const isFlag = next !== undefined && /^--?[^-]/.test(next);
    return this.#withNext(arg.slice(-1), arg, next, isFlag);
  }

  #withNext(
    key: string,
    arg: string,
    next: string | undefined,
    noValue: boolean,
  ): number {
    const isBoolean = this.#rules.boolean.has(key);
    if (next && !noValue && !isBoolean) {
      this.#give(key, next, arg);
      return 1;
    }
    if (next === "true" || next === "false") {
      this.#give(key, next === "true", arg);
      return 1;
    }
    this.#give(key, this.#rules.string.has(key) ? "" : true, arg);
    return 0;
  }

  #give(key: string, value: Value, arg: string, collect = true): void {
    const isNamed = this.#rules.knows(key) ||
      this.#rules.allBoolean && /^--[^=]+$/.test(arg);
    if (!isNamed && this.#options.unknown?.(arg, key, value) === false) return;
    const isText = this.#rules.string.has(key) || typeof value !== "string";
    const typed = isText ? value : number(value);
    for (const name of this.#rules.names(key)) {
      const old = this.result[name];
      if (!collect || !this.#rules.collect.has(key)) this.#set(name, typed);
      else if (Array.isArray(old)) old.push(typed);
      else this.#set(name, [typed]);
    }
  }

  #set(key: string, value: unknown): void {
    if (key !== "__proto__") this.result[key] = value;
  }
}

/** Text that is a number becomes one. */
function number(text: string): string | number {
  const value = Number(text);
  return /\S/.test(text) && Number.isFinite(value) ? value : text;
}

/** Reads flags and other arguments from a command line. */
export function parseArgs<
  const B extends string = never,
  const S extends string = never,
  const C extends string = never,
  const N extends string = never,
  D extends object = Record<never, never>,
  DD extends boolean = false,
>(
  args: readonly string[],
  options: ParseOptions<B, S, C, N, D, DD> = {},
): Args<B, S, C, N, D, DD> {
  const parser = new Parser(options);
  const end = args.indexOf("--");
  const rest = end === -1 ? [] : args.slice(end + 1);
  parser.parse(end === -1 ? args : args.slice(0, end));
  parser.complete();
  if (options["--"]) parser.result["--"] = rest;
  else parser.result._.push(...rest);
  // The type says of each option what the rules above did with it.
  return parser.result as Args<B, S, C, N, D, DD>;
}
