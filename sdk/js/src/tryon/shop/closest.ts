/** The name that was meant by a misspelt one. */

const FEWEST = 0.6; // of the longer name's letters have to agree, as in Python's difflib

/** Return the known name that is nearest to one that is not known; null where none is near. */
export function closest(name: string, known: readonly string[]): string | null {
  const meant = name.toLowerCase();
  let best: string | null = null;
  let most = FEWEST;
  for (const each of known) {
    const longest = Math.max(each.length, meant.length);
    const alike = 1 - distance(meant, each.toLowerCase()) / longest;
    if (alike < most || (best !== null && alike === most)) continue;
    best = each;
    most = alike;
  }
  return best;
}

/** Return how many letters to put in, leave out, change or swap (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
