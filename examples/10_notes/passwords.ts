/** Passwords are kept as what PBKDF2 makes of them, never as they are. */

// As OWASP advises for PBKDF2 with HMAC-SHA-256.
const ITERATIONS = 600_000;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

async function derive(
  password: string,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<Uint8Array> {
  // The same letters can be typed as different characters.
  const bytes = new TextEncoder().encode(password.normalize("NFKC"));
  const key = await crypto.subtle.importKey("raw", bytes, "PBKDF2", false, [
    "deriveBits",
  ]);
  const algorithm = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  const bits = await crypto.subtle.deriveBits(algorithm, key, HASH_BYTES * 8);
  return new Uint8Array(bits);
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let at = 0; at < a.length; at++) difference |= a[at] ^ b[at];
  return difference === 0;
}

/** Makes and checks what is kept of passwords. */
export class Passwords {
  readonly #iterations: number;
  #nobody: Promise<string> | null = null;

  constructor(iterations: number = ITERATIONS) {
    this.#iterations = iterations;
  }

  /** What to keep of a password: `pbkdf2-sha256$iterations$salt$hash`. */
  async hash(password: string): Promise<string> {
    const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
    const hash = await derive(password, salt, this.#iterations);
    const parts = [this.#iterations, salt.toBase64(), hash.toBase64()];
    return `pbkdf2-sha256$${parts.join("$")}`;
  }

  /**
   * Tells whether a password is the one. Without anything kept it takes as long
   * as with, so that nobody can measure which names there are.
   */
  async verify(password: string, kept: string | undefined): Promise<boolean> {
    // Also where it is not needed: the first check must tell nothing either.
    const nobody = await (this.#nobody ??= this.hash(crypto.randomUUID()));
    const [, iterations, salt, hash] = (kept ?? nobody).split("$");
    const found = await derive(
      password,
      Uint8Array.fromBase64(salt),
      Number(iterations),
    );
    const isEqual = areEqual(found, Uint8Array.fromBase64(hash));
    return isEqual && kept !== undefined;
  }
}
