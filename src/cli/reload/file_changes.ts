/**
 * {@linkcode watchChanges}: which files of some directories change.
 *
 * @module
 */

/** What to watch. */
export interface WatchOptions {
  /** The directories. */
  readonly directories: readonly string[];
  /** Whether to watch what is below them, too. */
  readonly recursive: boolean;
  /** Takes the paths of files that have changed, once they no longer do. */
  changed(paths: readonly string[]): void;
  /** Hears once why some of it can no longer be watched, such as by a limit of the system. */
  failed(error: unknown): void;
}

// A program that saves a file may do so in several steps.
const QUIET_MS = 50;
const CHANGES: readonly string[] = ["create", "modify", "remove", "rename"];

/**
 * Watches directories.
 *
 * @returns Ends it.
 * @throws {Error} If the system cannot watch one of them.
 */
export function watchChanges(options: WatchOptions): () => void {
  const { directories, recursive } = options;
  const watcher = Deno.watchFs([...directories], { recursive });
  const paths = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = () => {
    options.changed([...paths]);
    paths.clear();
  };
  const follow = async () => {
    for await (const event of watcher) {
      if (!CHANGES.includes(event.kind)) continue;
      for (const path of event.paths) paths.add(path);
      clearTimeout(timer);
      timer = setTimeout(tell, QUIET_MS);
    }
  };
  let hasFailed = false;
  // A new directory that is one too many to be watched ends nothing.
  const goOn = (error: unknown): Promise<void> => {
    if (!hasFailed) options.failed(error);
    hasFailed = true;
    return follow().catch(goOn);
  };
  follow().catch(goOn);
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}
