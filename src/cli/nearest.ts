/**
 * Finds the word that somebody meant to write.
 *
 * @module
 */

/**
 * The edit distance of two words: how many characters to insert, delete,
 * replace or swap with their neighbour to make one the other.
 */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(row[j - 1] + 1, last[j] + 1, last[j - 1] + +!same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] &&
        a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, before[j - 2] + 1);
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length];
}

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
