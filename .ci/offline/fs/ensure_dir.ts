/** Makes a directory and those above it, unless they are there. */
export async function ensureDir(dir: string | URL): Promise<void> {
  try {
    await Deno.mkdir(dir, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new Error(
      `Failed to ensure directory exists: expected 'dir', got 'file'`,
      { cause: error },
    );
  }
}
