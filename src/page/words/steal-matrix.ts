/**
 * Who takes room from whom, as a table: a row for a thief, a column for a victim. The report (src/cli/report)
 * has the same table.
 */

/** How often `thief` took room from `victim`, two symbols. */
export type Pair = { thief: string; victim: string; steals: number };
export type Cell = { steals: number; isFight: boolean };
export type Matrix = {
  thieves: string[];
  victims: string[];
  /** Undefined where there was neither a steal nor a fight. */
  cell(thief: string, victim: string): Cell | undefined;
  /** Pairs that have no place in it. */
  more: number;
};

/**
 * The thieves that took most often, and the symbols that these took from most often.
 * @param fights pairs of symbols, in any order
 */
export function matrixOf(
  pairs: readonly Pair[],
  fights: readonly (readonly string[])[],
  most: { thieves: number; victims: number },
): Matrix {
  const thieves = mostFrequent(pairs, ({ thief }) => thief, most.thieves);
  const ofThieves = pairs.filter(({ thief }) => thieves.includes(thief));
  const victims = mostFrequent(ofThieves, ({ victim }) => victim, most.victims);
  const shown = ofThieves.filter(({ victim }) => victims.includes(victim));
  const steals = new Map(shown.map((pair) => [`${pair.thief}>${pair.victim}`, pair.steals]));
  const fighting = new Set(fights.flatMap(([a, b]) => [`${a}>${b}`, `${b}>${a}`]));
  return {
    thieves,
    victims,
    cell(thief, victim) {
      const name = `${thief}>${victim}`;
      const [count = 0, isFight] = [steals.get(name), fighting.has(name)];
      return count === 0 && !isFight ? undefined : { steals: count, isFight };
    },
    more: pairs.length - steals.size,
  };
}

function mostFrequent(pairs: readonly Pair[], nameOf: (pair: Pair) => string, most: number): string[] {
  const counts = new Map<string, number>();
  for (const pair of pairs) counts.set(nameOf(pair), (counts.get(nameOf(pair)) ?? 0) + pair.steals);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([name]) => name);
}
