/**
 * {@linkcode ContentHashes}: what strong entity tags are made of.
 *
 * @module
 */

import { FileCache } from "./file_cache.ts";
import type { SourceFile } from "./source.ts";

/** A hash by the version of its content. */
interface Hash {
  readonly size: number;
  readonly text: string;
}

const KEPT_BYTES = 10 * 1024 * 1024;
// About a millisecond of work, after which others have their turn.
const PIECE_BYTES = 1024 * 1024;
// 128 bits of SHA-256: nobody finds two contents with the same.
const HASH_BYTES = 16;

function encode(digest: Uint8Array): string {
  return digest.subarray(0, HASH_BYTES).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

async function hashBytes(bytes: Uint8Array): Promise<string> {
  // A view of shared memory is none that can be hashed; nobody passes one.
  const input = bytes as Uint8Array<ArrayBuffer>;
  return encode(new Uint8Array(await crypto.subtle.digest("SHA-256", input)));
}

async function hashFile(file: SourceFile): Promise<string> {
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  const buffer = new Uint8Array(Math.min(PIECE_BYTES, file.size));
  for (let at = 0; at < file.size;) {
    const room = buffer.subarray(0, Math.min(buffer.length, file.size - at));
    const count = await file.read(room, at);
    if (count === 0) {
      throw new Error(`The file ended ${file.size - at} bytes too early`);
    }
    hash.update(room.subarray(0, count));
    at += count;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return encode(hash.digest());
}

/** Hashes of contents, each made once. */
export class ContentHashes {
  readonly #kept = new FileCache<Hash>(KEPT_BYTES);
  readonly #ofBytes = new WeakMap<Uint8Array, string | Promise<string>>();
  readonly #pending = new Map<string, Promise<string>>();

  /**
   * The hash of a file's content; `null` if it would have to be made anew each
   * time, since the file has neither its bytes at hand nor a version.
   *
   * @throws {Error} If the file ends too early: it was cut meanwhile.
   */
  of(file: SourceFile): string | Promise<string> | null {
    const { bytes, version } = file;
    if (bytes !== null) return this.#hashOf(bytes);
    if (version === null) return null;
    return this.#kept.get(version)?.text ?? this.#pending.get(version) ??
      this.#read(file, version);
  }

  #hashOf(bytes: Uint8Array): string | Promise<string> {
    const known = this.#ofBytes.get(bytes);
    if (known !== undefined) return known;
    const hashing = hashBytes(bytes).then((text) => {
      this.#ofBytes.set(bytes, text);
      return text;
    });
    this.#ofBytes.set(bytes, hashing);
    return hashing;
  }

  // Who asks meanwhile waits for the same: a large file is read once.
  #read(file: SourceFile, version: string): Promise<string> {
    const hashing = hashFile(file).then((text) => {
      this.#kept.set(version, { size: 0, text });
      return text;
    }).finally(() => this.#pending.delete(version));
    this.#pending.set(version, hashing);
    return hashing;
  }
}
