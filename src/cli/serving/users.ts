/**
 * Who may come in: users of `--auth`, and those of a file with hashed passwords.
 *
 * @module
 */

import { createHash, timingSafeEqual } from "node:crypto";
import type { PasswordVerifier } from "../../middleware/basic_auth.ts";
import { misuse } from "../errors.ts";

type Algorithm = "sha256" | "sha512";

interface HashedPassword {
  readonly algorithm: Algorithm;
  readonly hash: Uint8Array;
}

/** Passwords by user. */
export type Users = Map<string, HashedPassword>;

const HASH_LENGTHS: Readonly<Record<Algorithm, number>> = {
  sha256: 64,
  sha512: 128,
};

function digest(algorithm: Algorithm, password: string): Uint8Array {
  return createHash(algorithm).update(password.normalize("NFC")).digest();
}

function isAlgorithm(name: string): name is Algorithm {
  return Object.hasOwn(HASH_LENGTHS, name);
}

function readLine(line: string): [user: string, HashedPassword] | null {
  const [user, algorithm, hex, ...more] = line.split(":");
  const isGood = user !== "" && more.length === 0 && hex !== undefined &&
    isAlgorithm(algorithm) && hex.length === HASH_LENGTHS[algorithm] &&
    /^[\da-f]+$/i.test(hex);
  if (!isGood) return null;
  const hash = Uint8Array.from(
    hex.match(/../g) ?? [],
    (byte) => parseInt(byte, 16),
  );
  return [user.normalize("NFC"), { algorithm, hash }];
}

/**
 * Reads a file of users: `USER:sha256:HEX` or `USER:sha512:HEX` a line, where
 * HEX is the hash of the password; empty lines and those from `#` do not count.
 *
 * @param path What to call it.
 * @throws {CliError} For a line that is none of these, or a file without users.
 */
export function parseUsers(path: string, text: string): Users {
  const users: Users = new Map();
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const user = readLine(line.trim());
    // Not quoted: it may be a password.
    if (user === null) {
      throw misuse(
        `cannot use line ${
          at + 1
        } of ${path}: take USER:sha256:HEX or USER:sha512:HEX`,
      );
    }
    users.set(...user);
  }
  if (users.size > 0) return users;
  throw misuse(`there is no user in ${path}: write USER:sha256:HEX a line`);
}

/** Users of texts like `USER:PASSWORD`. */
export function usersOf(pairs: readonly string[]): Users {
  return new Map(pairs.map((pair) => {
    const colon = pair.indexOf(":");
    const hash = digest("sha256", pair.slice(colon + 1));
    return [pair.slice(0, colon).normalize("NFC"), {
      algorithm: "sha256",
      hash,
    }];
  }));
}

/** Tells whether one of the users has given the right password. */
export function verifierOf(users: Users): PasswordVerifier {
  // Nobody's, so that a name that is not there takes as long as one that is.
  const nobody: HashedPassword = {
    algorithm: "sha256",
    hash: digest("sha256", crypto.randomUUID()),
  };
  return function isKnown(user, password) {
    const found = users.get(user);
    const { algorithm, hash } = found ?? nobody;
    const isRight = timingSafeEqual(digest(algorithm, password), hash);
    return isRight && found !== undefined;
  };
}
