/** Symbols that were stolen from, or fight: nothing of theirs is taken until then. */
import { ledgerNowMs } from '../state/beat.ts';
import { protectedSymbols } from '../state/book.ts';
import { countdown, int } from '../words/format.ts';

const SHOWN = 8;

export function ProtectedSymbols() {
  const all = [...protectedSymbols.value.values()].sort((a, b) => a.untilMs - b.untilMs);
  if (all.length === 0) return null;
  const nowMs = ledgerNowMs.value;
  return (
    <ul class="protected" aria-label="Protected symbols">
      {all.slice(0, SHOWN).map(({ symbol, by, untilMs }) => (
        <li key={symbol}>
          <span aria-hidden="true">{by === 'fight' ? '⚔\uFE0E' : '◷'}</span>{' '}
          <bdi class="symbol">{symbol}</bdi> {`${by} ${countdown(untilMs - nowMs)}`}
        </li>
      ))}
      {all.length > SHOWN && <li>{int(all.length - SHOWN)} more</li>}
    </ul>
  );
}
