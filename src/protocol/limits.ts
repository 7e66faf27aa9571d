/**
 * The bounds of what the protocol core accepts.
 *
 * @module
 */

/** Bounds of a message, in bytes unless stated. */
export interface ProtocolLimits {
  /** Length of the request line; more is 414. */
  readonly requestLine: number;
  /** Length of the header section; more is 431. */
  readonly headerBytes: number;
  /** Number of header fields; more is 431. */
  readonly headerCount: number;
  /** Length of one chunk-size line with its extensions; more is 431. */
  readonly chunkLineBytes: number;
  /** Bytes of all chunk extensions of one body; more is 431. */
  readonly chunkExtensionBytes: number;
  /** Length of the trailer section; more is 431. */
  readonly trailerBytes: number;
}

/** The defaults. */
export const DEFAULT_LIMITS: ProtocolLimits = Object.freeze({
  requestLine: 8 * 1024,
  headerBytes: 16 * 1024,
  headerCount: 100,
  chunkLineBytes: 4 * 1024,
  chunkExtensionBytes: 16 * 1024,
  trailerBytes: 16 * 1024,
});
