import { count, decimal, dollars, orNull, record, share, word } from './fields.ts';

/** What steals came to (docs/rules.md, 9.9), of all steals on record. */
export const CAME_TO = record({
  regret: decimal("USD; what the victims' forecasts would have brought, where their limits traded"),
  gain: decimal("USD; what the thieves' forecasts brought, as far as they filled"),
  watched: count('steals that are still watched'),
  judged: count('steals that were watched to the end, the latest 5,000 at most'),
  evidence: orNull(
    record({
      steals: count('steals that it is computed from: those that were watched to the end'),
      meanDollars: dollars('gain less regret of a steal'),
      lowDollars: dollars('the lower end of its 95 % interval'),
      highDollars: dollars('the upper end'),
      p: share('two-sided: how often chance alone is as far from zero'),
      couldSeeDollars: dollars('the smallest effect that so many steals show four times in five'),
      verdict: word('what may be said; same: nothing traded and nothing filled', [
        'earns',
        'loses',
        'not_distinguishable',
        'same',
      ]),
      seed: count('of the draws: the same steals always give the same answer'),
      draws: count('samples that were drawn'),
      meanBlockSteals: count('how many steals are drawn together, on average'),
    }).describe('a stationary bootstrap (Politis and Romano, 1994)'),
    'fewer than 30 steals',
  ),
});
