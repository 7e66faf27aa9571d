// Changes of the disk at every single step of a look-up.
import fs from "node:fs";
import type { Site } from "./site.ts";

type Table = Record<string, unknown>;
type Operation = (...args: unknown[]) => unknown;

/** Runs something before each operation that looks at files. */
export class Watch implements Disposable {
  before: (step: number) => void = () => {};
  step = 0;
  readonly #undo: (() => void)[] = [];
  #isInside = false;

  constructor() {
    const system = Deno as unknown as Table;
    const nodes = fs as unknown as Table;
    const names: [Table, string][] = [
      [system, "statSync"],
      [system, "realPathSync"],
      [system, "readLinkSync"],
      [system, "readDir"],
      [system, "lstat"],
      [nodes, "existsSync"],
      [nodes, "openSync"],
      [nodes, "fstatSync"],
      [nodes, "lstatSync"],
      [nodes, "readSync"],
    ];
    for (const [table, name] of names) this.#wrap(table, name);
  }

  #wrap(table: Table, name: string): void {
    const original = table[name] as Operation;
    table[name] = (...args: unknown[]) => {
      if (!this.#isInside) {
        this.#isInside = true;
        this.before(this.step++);
        this.#isInside = false;
      }
      return original.apply(table, args);
    };
    this.#undo.push(() => table[name] = original);
  }

  [Symbol.dispose](): void {
    for (const undo of this.#undo) undo();
  }
}

/** Two names change places. */
export function swap(site: Site, one: string, other: string): void {
  const aside = site.path("aside");
  Deno.renameSync(site.path(one), aside);
  Deno.renameSync(site.path(other), site.path(one));
  Deno.renameSync(aside, site.path(other));
}
