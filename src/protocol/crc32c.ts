/**
 * CRC32c, the checksum of SCTP and of the PROXY protocol (RFC 9260 Appendix A).
 *
 * @module
 */

const POLYNOMIAL = 0x82f63b78; // Castagnoli's, its bits reversed.

const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) {
    value = (value & 1) === 0 ? value >>> 1 : value >>> 1 ^ POLYNOMIAL;
  }
  return value;
});

/**
 * The checksum of the bytes from `from` to before `to`, the four at `hole` taken
 * for zeros: where the checksum itself stands. Without a hole it is -1.
 */
export function crc32c(
  bytes: Uint8Array,
  from: number,
  to: number,
  hole: number,
): number {
  let crc = 0xffffffff;
  for (let at = from; at < to; at++) {
    const byte = hole >= 0 && at >= hole && at < hole + 4 ? 0 : bytes[at];
    crc = TABLE[(crc ^ byte) & 255] ^ crc >>> 8;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
