/** Why plans of a journal are not judged, in words. */
const WORDS = {
  sales: 'short sales',
  probes: 'probes',
  withoutGain: 'without a gain',
  overtaken: 'overtaken by another plan of the symbol',
  unpriced: 'without a price at their begin or in their hour',
} as const;

/** How many, by why. */
export type Left = Record<keyof typeof WORDS, number>;

/** Such as "2 short sales, 1 probes"; '' where none was left out. */
export function leftWords(left: Left): string {
  return Object.entries(WORDS)
    .map(([why, words]) => [left[why as keyof Left], words] as const)
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${count} ${words}`)
    .join(', ');
}
