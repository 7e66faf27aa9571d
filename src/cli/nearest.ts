/**
 * Finds the word that somebody meant to write.
 *
 * @module
 */

import { editDistance } from "../http/edit_distance.ts";

// A word that was not written to its end is as near as one with a slip.
function distanceTo(candidate: string, word: string): number {
  const begun = word.length > 2 && candidate.startsWith(`${word}-`);
  return begun ? 1 : editDistance(word, candidate);
}

/** The nearest of the words, or `null` if none is near enough to be meant. */
export function nearest(word: string, words: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of words) {
    const distance = distanceTo(candidate, word);
    // With as many changes as letters, any word can become any other.
    if (distance >= least || distance >= candidate.length) continue;
    best = candidate;
    least = distance;
  }
  return best;
}
