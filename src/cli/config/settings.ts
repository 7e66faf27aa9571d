/**
 * {@linkcode Settings}: the value of every option and where it came from.
 *
 * @module
 */

import {
  OPTIONS,
  type OptionSpec,
  type OptionValue,
} from "../../server/option_table.ts";
import type { HttpServerOptions, ListenOptions } from "../../server/options.ts";
import {
  trustProxies,
  type TrustProxiesOptions,
} from "../../server/proxies.ts";
import { misuse } from "../errors.ts";
import { ALL_OPTIONS } from "./option_table.ts";
import { type GivenOrigin, type Origin, originName } from "./origins.ts";
import { accepted, readJson, readText } from "./values.ts";

/** What somebody has given for an option. */
export interface Given {
  /** The option. */
  readonly spec: OptionSpec;
  /** A text, the texts of a list, or a value of a file. */
  readonly value: unknown;
  /** Where it came from. */
  readonly origin: GivenOrigin;
}

/** An option with its value. */
export interface Setting {
  /** The option. */
  readonly spec: OptionSpec;
  /** Its value. */
  readonly value: OptionValue;
  /** Where that came from. */
  readonly origin: Origin;
}

function shown(spec: OptionSpec, value: unknown): string {
  if (spec.secret) return "what it is";
  if (value instanceof Map) return "an object";
  return typeof value === "string"
    ? JSON.stringify(value)
    : Deno.inspect(value, { breakLength: Infinity });
}

/** The value that was given for an option, if it can have it. */
function readGiven({ spec, value, origin }: Given): OptionValue {
  const name = originName(origin);
  if (value === "") {
    throw misuse(`${name} needs a value: take ${accepted(spec)}`);
  }
  const read = typeof value === "string"
    ? readText(spec, value)
    : readJson(spec, value);
  if (read !== undefined) return read;
  throw misuse(
    `${name} cannot be ${shown(spec, value)}: take ${accepted(spec)}`,
  );
}

/** The values of all options. */
export class Settings {
  readonly #settings = new Map<string, Setting>();

  /**
   * Takes what was given over the defaults; of an option that was given twice
   * the first counts.
   *
   * @throws {CliError} For a value that its option cannot have.
   */
  constructor(given: readonly Given[] = []) {
    for (const spec of ALL_OPTIONS) {
      const origin = { kind: "default" } as const;
      this.#settings.set(spec.name, { spec, value: spec.default, origin });
    }
    for (const each of given.toReversed()) {
      const { spec, origin } = each;
      const value = readGiven(each);
      this.#settings.set(spec.name, { spec, value, origin });
    }
  }

  /** All, in the order of the table. */
  all(): Setting[] {
    return [...this.#settings.values()];
  }

  /** Those that were given, of these groups. */
  given(...groups: readonly string[]): Setting[] {
    return this.all().filter(({ spec, origin }) =>
      origin.kind !== "default" && groups.includes(spec.group)
    );
  }

  /** The value of an option and where it came from. */
  get(name: string): Setting {
    const setting = this.#settings.get(name);
    if (setting !== undefined) return setting;
    throw new TypeError(`Cannot find an option named ${JSON.stringify(name)}`);
  }

  /** The number that an option is. */
  number(name: string): number {
    return Number(this.get(name).value);
  }

  /** Whether a switch is on. */
  isOn(name: string): boolean {
    return this.get(name).value === true;
  }

  /** The text that an option is; `null` if it has none. */
  text(name: string): string | null {
    const { value } = this.get(name);
    return value === null ? null : String(value);
  }

  /** The entries of a list. */
  list(name: string): readonly string[] {
    const { value } = this.get(name);
    return Array.isArray(value) ? value : [];
  }
}

// Where a row of the table is called `limits.bodyBytes`, the option is the
// member `bodyBytes` of the group `limits`.
function nested(settings: readonly Setting[]): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const { spec, value } of settings) {
    const [group, name] = spec.name.split(".");
    if (name === undefined) options[group] = value;
    else options[group] = { ...options[group] as object, [name]: value };
  }
  return options;
}

/** Where to listen, as far as it was given. */
export function listenOptions(settings: Settings): ListenOptions {
  const given = settings.given("listen");
  return nested(given.filter(({ spec }) => OPTIONS.includes(spec)));
}

// Of the peers only what the server has an option of this name for.
function peerOptions(settings: Settings): Setting[] {
  return settings.given("peers").filter(({ spec, value }) =>
    OPTIONS.includes(spec) && value !== null
  );
}

function clientAddress(settings: Settings): HttpServerOptions {
  const trusted = settings.list("trustedProxies");
  if (trusted.length === 0) return {};
  const header = settings.text("proxyHeader") as TrustProxiesOptions["header"];
  return { clientAddress: trustProxies(trusted, { header }) };
}

/** The options of the server that were given. */
export function serverOptions(settings: Settings): HttpServerOptions {
  const given = settings.given("limits", "timeouts");
  return {
    ...nested([...given, ...peerOptions(settings)]),
    ...clientAddress(settings),
  };
}
