/** What the servers that are compared all answer; see ../servers/shared.ts. */

export const HELLO = "Hello, World!";
export const PIECES = 16;
export const PIECE = new Uint8Array(64 * 1024).fill(0x61);
export const ROUTES = 50;

export function listening(port) {
  console.log(`port ${port}`);
}

/** Writes 1 MiB to a Node response, waiting where it asks to. */
export async function writeStream(response) {
  for (let at = 0; at < PIECES; at++) {
    if (!response.write(PIECE)) {
      await new Promise((resolve) => response.once("drain", resolve));
    }
  }
  response.end();
}
