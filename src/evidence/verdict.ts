/** What may be said of a policy: one of a closed list, and its sentence. */
import type { Estimate } from './statistics/estimate.ts';

export const VERDICTS = [
  'too_few_days',
  'earns',
  'loses',
  'not_after_correction',
  'not_distinguishable',
  'not_scarce',
  'same',
  'impossible',
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Two blocks of the bootstrap: of fewer days it draws nearly always the same sample. */
export const LEAST_DAYS = 10;
const LEVEL = 0.05;
/** bps; sums in another order differ by less. */
const NOTHING = 1e-6;

/**
 * @param correctedP for having tried many; null where the policy is none that could be chosen
 * @param scarce was anybody refused for want of room?
 * @param days how many were judged
 */
export function verdictOf(
  { low, high, standardError }: Estimate,
  correctedP: number | null,
  scarce: boolean,
  days: number,
): Verdict {
  if (standardError < NOTHING && Math.max(-low, high) < NOTHING) return scarce ? 'same' : 'not_scarce';
  if (days < LEAST_DAYS) return 'too_few_days';
  if (correctedP === null) return 'impossible';
  if (low <= 0 && high >= 0) return 'not_distinguishable';
  if (correctedP >= LEVEL) return 'not_after_correction';
  return low > 0 ? 'earns' : 'loses';
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
