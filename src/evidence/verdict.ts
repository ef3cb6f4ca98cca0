/** What may be said of a policy: one of a closed list, and its sentence. */
import type { Estimate } from './statistics/estimate.ts';

export const VERDICTS = [
  'too_few_days',
  'earns',
  'loses',
  'not_after_correction',
  'not_distinguishable',
  'not_scarce',
  'no_fills',
  'same',
  'nothing_came_of_it',
  'impossible',
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Two blocks of the bootstrap: of fewer days it draws nearly always the same sample. */
export const LEAST_DAYS = 10;
const LEVEL = 0.05;
/** bps; sums in another order differ by less. */
const NOTHING = 1e-6;

/**
 * What a verdict is about. `scarce`: was anybody refused for want of room? `days`: how many were judged.
 * `fills`: entries that filled, under the policy or under first come. `same`: it never stole, and placed as
 * many orders as first come.
 */
export type Judged = { scarce: boolean; days: number; fills: number; same: boolean };

/** @param correctedP for having tried many; null where the policy is none that could be chosen */
export function verdictOf(
  { low, high, standardError }: Estimate,
  correctedP: number | null,
  { scarce, days, fills, same }: Judged,
): Verdict {
  if (days < LEAST_DAYS) return 'too_few_days';
  if (standardError < NOTHING && Math.max(-low, high) < NOTHING) {
    if (fills === 0) return 'no_fills';
    if (!scarce) return 'not_scarce';
    return same ? 'same' : 'nothing_came_of_it';
  }
  if (correctedP === null) return 'impossible';
  if (low <= 0 && high >= 0) return 'not_distinguishable';
  if (correctedP >= LEVEL) return 'not_after_correction';
  return low > 0 ? 'earns' : 'loses';
}

/** Of too few days only the mean is told; where nothing differed there is nothing to be unsure of. */
export function hasInterval(verdict: Verdict): boolean {
  return !['too_few_days', 'not_scarce', 'no_fills', 'same', 'nothing_came_of_it'].includes(verdict);
}

/** The rest of a sentence that begins with the policy's name. */
export function verdictWords(verdict: Verdict, { mean, low, high, couldSee }: Estimate): string {
  const interval = `${bps(mean)} bps of equity a day, 95 % interval ${bps(low)} .. ${bps(high)}`;
  switch (verdict) {
    case 'too_few_days':
      return `${bps(mean)} bps of equity a day, of less than ${LEAST_DAYS} days: too few to tell`;
    case 'earns':
      return `earns more than first come: ${interval}`;
    case 'loses':
      return `earns less than first come: ${interval}`;
    case 'not_after_correction':
      return `may differ from first come (${interval}), but one of so many policies would by chance`;
    case 'not_distinguishable':
      return `not distinguishable from zero, could have seen ${bps(couldSee, false)} bps a day`;
    case 'not_scarce':
      return '0: nobody was refused, so there is nothing to take';
    case 'no_fills':
      return 'cannot be told: no limit traded, neither its own nor one of first come';
    case 'nothing_came_of_it':
      return '0: it decided otherwise than first come, and no order earned more or less for it';
    case 'same':
      return '0: it never decided otherwise than first come';
    case 'impossible':
      return `impossible, it knows the future: ${interval}`;
  }
}

/** With its sign, two places below ten. */
export function bps(value: number, signed = true): string {
  const text = Math.abs(value).toFixed(Math.abs(value) < 10 ? 2 : 1);
  if (Number(text) === 0) return text;
  if (value < 0) return `-${text}`;
  return signed ? `+${text}` : text;
}
