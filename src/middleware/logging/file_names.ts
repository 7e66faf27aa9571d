/**
 * The names of rotated log files: `access.log`, `access.log.1` the newest old
 * one, up to `access.log.N`.
 *
 * @module
 */

const NEWLINE = 0x0a;

function ifThere(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Makes room at `path`: each old file moves to the next name, the last one goes.
 * Each step is a rename, so that whatever interrupts it loses no line.
 *
 * @throws {Error} If a file can't be renamed; those before it have been.
 */
export function shiftFiles(path: string, maxFiles: number): void {
  if (maxFiles === 0) return ifThere(() => Deno.removeSync(path));
  for (let number = maxFiles - 1; number >= 1; number--) {
    ifThere(() =>
      Deno.renameSync(`${path}.${number}`, `${path}.${number + 1}`)
    );
  }
  ifThere(() => Deno.renameSync(path, `${path}.1`));
}

/** True if a file is there and its last line has no end: a writer was stopped. */
export function endsInLine(path: string): boolean {
  try {
    using file = Deno.openSync(path);
    file.seekSync(-1, Deno.SeekMode.End);
    const last = new Uint8Array(1);
    return file.readSync(last) === 1 && last[0] !== NEWLINE;
  } catch {
    return false;
  }
}
