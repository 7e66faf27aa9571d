/** A certificate for localhost that signs itself, made anew for each test. */

const HOUR_MS = 3_600_000;
const ECDSA_WITH_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const COMMON_NAME = [0x55, 0x04, 0x03];
const SUBJECT_ALT_NAME = [0x55, 0x1d, 0x11];

/** A certificate and its key, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

// One value of ASN.1, in DER: tag, length, content.
function der(tag: number, ...parts: ArrayLike<number>[]): number[] {
  const content = parts.flatMap((part) => Array.from(part));
  const { length } = content;
  if (length < 128) return [tag, length, ...content];
  const bytes = length < 256 ? [length] : [length >> 8, length & 0xff];
  return [tag, 0x80 | bytes.length, ...bytes, ...content];
}

function sequence(...parts: ArrayLike<number>[]): number[] {
  return der(0x30, ...parts);
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function integer(bytes: Uint8Array): number[] {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(Math.max(start, 0));
  // A highest bit would be a sign.
  return der(0x02, digits[0] > 127 ? [0, ...digits] : digits);
}

function time(ms: number): number[] {
  const text = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, "");
  return der(0x17, ascii(text.slice(2)));
}

function toPem(label: string, bytes: Uint8Array): string {
  const lines = bytes.toBase64().replace(/.{64}/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function toBeSigned(publicKey: Uint8Array): Uint8Array<ArrayBuffer> {
  const algorithm = sequence(der(0x06, ECDSA_WITH_SHA256));
  const attribute = sequence(
    der(0x06, COMMON_NAME),
    der(0x0c, ascii("localhost")),
  );
  const name = sequence(der(0x31, attribute));
  const now = Date.now();
  const names = sequence(der(0x82, ascii("localhost")));
  const extension = sequence(der(0x06, SUBJECT_ALT_NAME), der(0x04, names));
  return Uint8Array.from(sequence(
    der(0xa0, der(0x02, [2])),
    integer(crypto.getRandomValues(new Uint8Array(8))),
    algorithm,
    name,
    sequence(time(now - HOUR_MS), time(now + HOUR_MS)),
    name,
    publicKey,
    der(0xa3, sequence(extension)),
  ));
}

/** Makes a certificate. */
export async function makeCertificate(): Promise<Certificate> {
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const { privateKey, publicKey } = await crypto.subtle.generateKey(
    curve,
    true,
    ["sign"],
  );
  const body = toBeSigned(
    new Uint8Array(await crypto.subtle.exportKey("spki", publicKey)),
  );
  const hash = { name: "ECDSA", hash: "SHA-256" };
  const raw = new Uint8Array(await crypto.subtle.sign(hash, privateKey, body));
  const half = raw.length / 2;
  const signature = sequence(
    integer(raw.subarray(0, half)),
    integer(raw.subarray(half)),
  );
  const cert = sequence(
    body,
    sequence(der(0x06, ECDSA_WITH_SHA256)),
    der(0x03, [0], signature),
  );
  const key = await crypto.subtle.exportKey("pkcs8", privateKey);
  return {
    cert: toPem("CERTIFICATE", Uint8Array.from(cert)),
    key: toPem("PRIVATE KEY", new Uint8Array(key)),
  };
}
