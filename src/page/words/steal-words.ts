/** What became of a steal, with a glyph. */
import type { StealRow } from '../../json/live.ts';
import { pnl, signed } from './format.ts';

type Outcome = { tone: 'good' | 'bad' | 'busy' | 'soft'; glyph: string; word: string };

const OUTCOMES: Readonly<Record<StealRow['state'], Outcome>> = {
  granted: { tone: 'good', glyph: '✓', word: 'granted' },
  pending: { tone: 'busy', glyph: '◌', word: 'pending' },
  failed: { tone: 'bad', glyph: '✕', word: 'failed' },
  unused: { tone: 'soft', glyph: '–', word: 'unused' },
  refused: { tone: 'bad', glyph: '✕', word: 'refused' },
  remembered: { tone: 'soft', glyph: '–', word: 'remembered' },
  dry_run: { tone: 'soft', glyph: '◇', word: 'dry run' },
};

export const outcomeOf = ({ state }: StealRow): Outcome => OUTCOMES[state];

/**
 * What it came to, gain before regret: `+12.00 −5.00`. `isFinal`: neither can change any more. Undefined:
 * nobody watches, or nothing has come of it so far.
 */
export function cameTo({ regret, gain, watch }: StealRow): { text: string; isFinal: boolean } | undefined {
  if (regret === null || gain === null) return undefined;
  const isFinal = watch !== 'on';
  const parts = [
    ...(Number(gain) === 0 ? [] : [signed(Number(gain))]),
    ...(Number(regret) === 0 ? [] : [signed(-Number(regret))]),
  ];
  if (parts.length === 0) return isFinal ? { text: '0', isFinal } : undefined;
  return { text: parts.join(' '), isFinal };
}

/** The same in a sentence. */
export function cameToWords({ regret, gain, watch }: StealRow): string {
  if (regret === null || gain === null) return 'Nobody watches what it comes to.';
  const sums = `gain ${pnl(gain)}, regret ${pnl(regret)}`;
  if (watch === 'lost') return `It came to ${sums}, until the ledger was damaged.`;
  return watch === 'on' ? `So far it came to ${sums}; both may change.` : `It came to ${sums}.`;
}

const REASONS: Readonly<Record<string, string>> = {
  opposite: 'other side is open',
  pnl_not_better: 'PnL not better',
  insufficient_freed: 'too little freed',
  untakeable: 'broker would refuse',
};

/** `not_close_enough` -> `not close enough`; null: not refused. */
export function reasonWords(reason: string | null): string {
  return reason === null ? 'not tried yet' : (REASONS[reason] ?? reason.replaceAll('_', ' '));
}
