/** What {@linkcode exists} asks for. */
export interface ExistsOptions {
  /** Ask for a directory. @default {false} */
  isDirectory?: boolean;
  /** Ask for a file. @default {false} */
  isFile?: boolean;
}

/** True if there is such a file or directory; links are followed. */
export async function exists(
  path: string | URL,
  options: ExistsOptions = {},
): Promise<boolean> {
  if (options.isDirectory && options.isFile) {
    throw new TypeError("isDirectory and isFile must not be true together");
  }
  try {
    const info = await Deno.stat(path);
    if (options.isDirectory) return info.isDirectory;
    return !options.isFile || info.isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
