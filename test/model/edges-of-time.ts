/**
 * Ages at the edges of cooldowns, windows and quotes, and steal histories built from them. Symbol 0 is the
 * thief's.
 */
import fc from 'fast-check';

export const QUOTE_AGES_MS = [1000, 14_999, 15_000, 15_001, 16_000, 3_600_000];

const STEAL_AGES_MS = [
  [0, 1000],
  [119_999, 120_000, 299_000, 299_999, 300_000, 300_001, 301_000],
  [599_000, 600_000, 900_000, 1_200_000],
  [1_799_000, 1_799_999, 1_800_000, 1_800_001, 1_801_000, 2_400_000, 3_500_000],
].flat();

/** Past everybody's cooldown, inside the fight window or just out of it. */
const FIGHT_AGES_MS = STEAL_AGES_MS.filter((ageMs) => ageMs >= 300_000 && ageMs <= 1_800_001);

/** When the steal that completed a fight was, and how long before it the others of the pair were. */
const ENDING_AGES_MS = [599_999, 600_000, 600_001, 1_199_999, 1_200_000, 1_799_999, 1_800_000, 1_800_001];
const GAPS_MS = [0, 1000, 599_999, 600_000, 600_001, 900_000, 900_001, 1_799_999, 1_800_000, 1_800_001];

export type AgedSteal = { from: number; to: number; ageMs: number };

const pair = fc.constantFrom<[number, number][]>([0, 1], [0, 2], [1, 2]);

function between([one, other]: [number, number], steals: { back: boolean; ageMs: number }[]): AgedSteal[] {
  return steals.map(({ back, ageMs }) => ({ from: back ? one : other, to: back ? other : one, ageMs }));
}

const anySteals = fc.array(
  fc.record({ from: fc.nat(6), to: fc.nat(6), ageMs: fc.constantFrom(...STEAL_AGES_MS) }),
  { maxLength: 4 },
);

const steal = (agesMs: number[]) => fc.record({ back: fc.boolean(), ageMs: fc.constantFrom(...agesMs) });

const stealsOfAPair = fc
  .tuple(pair, fc.array(steal(STEAL_AGES_MS), { maxLength: 5 }))
  .map(([symbols, steals]) => between(symbols, steals));

/** A pair of the thief's that is mostly one steal short of a fight. */
const nearlyAFight = fc
  .tuple(
    fc.constantFrom<[number, number][]>([0, 1], [0, 2]),
    fc.array(steal(FIGHT_AGES_MS), { minLength: 2, maxLength: 2 }),
  )
  .map(([symbols, steals]) => between(symbols, steals));

/**
 * Three steals of a pair; the extended cooldown that the last may have started is about to end, or just over.
 */
const fightEnding = fc
  .tuple(
    pair,
    fc.constantFrom(...ENDING_AGES_MS),
    fc.tuple(fc.constantFrom(...GAPS_MS), fc.constantFrom(...GAPS_MS), fc.boolean()),
  )
  .map(([symbols, ageMs, [one, other, back]]) =>
    between(symbols, [
      { back: false, ageMs },
      { back, ageMs: ageMs + one },
      { back: !back, ageMs: ageMs + other },
    ]),
  );

export const histories: fc.Arbitrary<AgedSteal[]> = fc.oneof(
  anySteals,
  stealsOfAPair,
  nearlyAFight,
  fightEnding,
);
