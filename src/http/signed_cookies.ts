/**
 * {@linkcode SignedCookies}: cookies that a client can read and not change.
 *
 * @module
 */

import { formatSetCookie, type SetCookie } from "./cookies.ts";
import { checkOptionNames } from "./option_names.ts";

/** Options of {@linkcode SignedCookies}. */
export interface SignedCookiesOptions {
  /**
   * Secrets of 32 bytes or more, best random ones. The first signs; a cookie that
   * any of them has signed is valid. To change keys, put the new one first and
   * drop the old one once its cookies have run out.
   */
  keys: readonly (string | Uint8Array)[];
}

/** A cookie whose signature is right. */
export interface SignedCookie {
  /** The value without its signature. */
  readonly value: string;
  /** True if an older key has signed it: set it anew. */
  readonly isStale: boolean;
}

const ALGORITHM = { name: "HMAC", hash: "SHA-256" };
// Shorter ones weaken the code (RFC 2104 3).
const LEAST_KEY_BYTES = 32;
const SIGNATURE_LENGTH = 43;
const UTF8 = new TextEncoder();

/**
 * Signs cookies by HMAC-SHA-256 and checks the signatures, in constant time. The
 * name is signed with the value, so that no value passes under another name.
 *
 * A signature neither hides a value nor makes it run out: a client can keep a
 * cookie for as long as its key is valid. What is to end earlier holds its time in
 * the value.
 *
 * @example Usage
 * ```ts
 * import { HttpServer, ok, ResponseBuilder, SignedCookies } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const key = crypto.getRandomValues(new Uint8Array(32));
 * const cookies = new SignedCookies({ keys: [key] });
 * const server = new HttpServer()
 *   .post("/login", async () =>
 *     new ResponseBuilder().status(204)
 *       .cookie("user", await cookies.sign("user", "ann"), { httpOnly: true })
 *       .build())
 *   .get("/me", async (request) => {
 *     const user = await cookies.read(request, "user");
 *     return ok(user?.value ?? "nobody");
 *   });
 *
 * const login = await server.inject({ method: "POST", path: "/login" });
 * const [cookie] = login.header("set-cookie")?.split(";") ?? [];
 * const me = await server.inject({ path: "/me", headers: { cookie } });
 * assertEquals(await me.text(), "ann");
 * const forged = cookie.replace("ann", "bob");
 * const other = await server.inject({ path: "/me", headers: { cookie: forged } });
 * assertEquals(await other.text(), "nobody");
 * ```
 *
 * @example Changing the key
 * ```ts
 * import { SignedCookies } from "@x/httpserver";
 * import { assertEquals } from "@std/assert";
 *
 * const [oldKey, newKey] = ["o".repeat(32), "n".repeat(32)];
 * const signed = await new SignedCookies({ keys: [oldKey] }).sign("a", "1");
 * const cookies = new SignedCookies({ keys: [newKey, oldKey] });
 * assertEquals(await cookies.verify("a", signed), { value: "1", isStale: true });
 * ```
 */
export class SignedCookies {
  readonly #secrets: readonly Uint8Array<ArrayBuffer>[];
  #keys: Promise<readonly CryptoKey[]> | null = null;

  /**
   * Takes the keys.
   *
   * @throws {TypeError} If there is none, or one is neither text nor bytes.
   * @throws {RangeError} If one is shorter than 32 bytes.
   */
  constructor(options: SignedCookiesOptions) {
    // Secrets are never shown, not even where they are in the wrong place.
    if (typeof options !== "object") throw wrongType("options", options);
    checkOptionNames("SignedCookies", options, ["keys"]);
    const { keys }: { keys: unknown } = options;
    if (!Array.isArray(keys)) throw wrongType("keys", keys);
    if (keys.length === 0) {
      throw new TypeError("Cannot sign without a key: pass { keys: [secret] }");
    }
    this.#secrets = keys.map(readSecret);
  }

  // Not in the constructor, which cannot wait.
  #open(): Promise<readonly CryptoKey[]> {
    return this.#keys ??= Promise.all(
      this.#secrets.map((secret) =>
        crypto.subtle.importKey("raw", secret, ALGORITHM, false, [
          "sign",
          "verify",
        ])
      ),
    );
  }

  /**
   * Signs the value of a cookie.
   *
   * @returns The value to set: `value.signature`.
   */
  async sign(name: string, value: string): Promise<string> {
    const [key] = await this.#open();
    const code = await crypto.subtle.sign(ALGORITHM, key, message(name, value));
    return `${value}.${toBase64Url(new Uint8Array(code))}`;
  }

  /**
   * Checks a value that a client has sent.
   *
   * @returns The value without its signature, or `null` if it has none that is
   * right.
   */
  async verify(
    name: string,
    signed: string | null | undefined,
  ): Promise<SignedCookie | null> {
    const dot = signed?.lastIndexOf(".") ?? -1;
    if (!signed || dot < 0) return null;
    const value = signed.slice(0, dot);
    const code = fromBase64Url(signed.slice(dot + 1));
    if (code === null) return null;
    const keys = await this.#open();
    const data = message(name, value);
    for (const [at, key] of keys.entries()) {
      if (await crypto.subtle.verify(ALGORITHM, key, code, data)) {
        return { value, isStale: at > 0 };
      }
    }
    return null;
  }

  /** Reads a cookie of a request; `null` if it is not there or not rightly signed. */
  read(
    request: { readonly cookies: ReadonlyMap<string, string> },
    name: string,
  ): Promise<SignedCookie | null> {
    return this.verify(name, request.cookies.get(name));
  }

  /**
   * Writes the `Set-Cookie` value of a cookie, signed; see
   * {@linkcode formatSetCookie}.
   *
   * @throws {TypeError} If the name, the value or an attribute cannot be sent.
   * @throws {RangeError} If a lifetime or a length is out of bounds.
   */
  async format(cookie: SetCookie): Promise<string> {
    const value = await this.sign(cookie.name, cookie.value);
    return formatSetCookie({ ...cookie, value });
  }
}

function wrongType(what: string, value: unknown): TypeError {
  return new TypeError(
    `Cannot sign with ${what} of type ${typeof value}: pass { keys: [secret] }`,
  );
}

function readSecret(key: unknown): Uint8Array<ArrayBuffer> {
  if (typeof key !== "string" && !(key instanceof Uint8Array)) {
    throw wrongType("a key", key);
  }
  const bytes = typeof key === "string" ? UTF8.encode(key) : key.slice();
  if (bytes.length >= LEAST_KEY_BYTES) return new Uint8Array(bytes);
  throw new RangeError(
    `Cannot sign with a key of ${bytes.length} bytes: take ${LEAST_KEY_BYTES} or more`,
  );
}

// A name has no "=", so that no two cookies have the same message.
function message(name: string, value: string): Uint8Array<ArrayBuffer> {
  return UTF8.encode(`${name}=${value}`);
}

function toBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

// Null unless it is the one way to write these bytes.
function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length !== SIGNATURE_LENGTH) return null;
  try {
    const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
    return toBase64Url(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}
