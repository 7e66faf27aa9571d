/**
 * What the middleware for authentication share: reading `Authorization`
 * (RFC 9110 11.6.2), challenges, and comparing secrets.
 *
 * @module
 */

import { quote } from "../grammar/lists.ts";
import { describeValue } from "../http/values.ts";

interface Hash {
  update(text: string): Hash;
  digest(): Uint8Array;
}

interface NodeCrypto {
  createHash(algorithm: "sha256"): Hash;
  timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean;
}

interface BuiltinLoader {
  process?: { getBuiltinModule?(name: "node:crypto"): NodeCrypto };
}

// `scheme` or `scheme 1*SP token68` (RFC 9110 11.4).
const CREDENTIALS = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?: +(.*))?$/;

/**
 * What stands behind a scheme in `Authorization`: empty if nothing does; `null`
 * if the field is missing or has another scheme.
 */
export function credentialsOf(
  field: string | null,
  scheme: string,
): string | null {
  const [, given = "", rest = ""] = CREDENTIALS.exec(field ?? "") ?? [];
  return given.toLowerCase() === scheme ? rest : null;
}

/**
 * The beginning of a challenge.
 *
 * @throws {TypeError} If the realm is no text that a field can carry.
 */
export function challengeOf(scheme: string, realm: unknown): string {
  if (typeof realm === "string") return `${scheme} realm=${quote(realm)}`;
  throw new TypeError(
    `Cannot use ${
      describeValue(realm)
    } as the realm of ${scheme}: take a string`,
  );
}

/**
 * Makes one of two options a must.
 *
 * @throws {TypeError} If none or both are given.
 */
export function exactlyOne(
  owner: string,
  names: readonly [string, string],
  options: Readonly<Record<string, unknown>>,
): void {
  const given = names.filter((name) => options[name] !== undefined);
  if (given.length === 1) return;
  throw new TypeError(
    `Cannot make ${owner} with ${
      given.length === 0 ? "neither" : "both"
    }: take "${names[0]}" or "${names[1]}"`,
  );
}

let loaded: NodeCrypto | null = null;

// Not imported: it takes tens of ms, and most programs never need it. WebCrypto
// takes ten times as long for a digest, and a promise.
function loadCrypto(): NodeCrypto {
  const { process } = globalThis as BuiltinLoader;
  const found = loaded ?? process?.getBuiltinModule?.("node:crypto");
  if (found !== undefined) return loaded = found;
  throw new TypeError(
    'Cannot compare secrets: this runtime has no node:crypto: take "verify"',
  );
}

/**
 * Secrets that candidates are compared with in a time that tells nothing of
 * them: digests have the same length, and all of each are compared.
 */
export class SecretDigest {
  readonly #crypto: NodeCrypto;
  readonly #digest: Uint8Array;

  /** Keeps the digest of a secret. */
  constructor(secret: string) {
    this.#crypto = loadCrypto();
    this.#digest = this.digestOf(secret);
  }

  /** The digest of a candidate. */
  digestOf(text: string): Uint8Array {
    return this.#crypto.createHash("sha256").update(text).digest();
  }

  /** Tells whether a candidate's digest is the secret's. */
  equals(digest: Uint8Array): boolean {
    return this.#crypto.timingSafeEqual(this.#digest, digest);
  }
}
