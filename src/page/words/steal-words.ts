/** What became of a steal, with a glyph. */
import type { StealRow } from '../../json/live.ts';

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
