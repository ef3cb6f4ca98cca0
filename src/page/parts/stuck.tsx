/** Is anything stuck? One grey line while nothing is. */
import { useComputed } from '@preact/signals';
import { ledgerNowMs } from '../state/beat.ts';
import { counts, rules, status, steals } from '../state/book.ts';
import { stuckOf } from '../words/stuck.ts';

export function StuckRow() {
  const stuck = useComputed(() =>
    status.value === null
      ? undefined
      : stuckOf({ status: status.value, counts: counts.value, pendingMs: pendingMs() }),
  );
  const { cells = [], problems = [] } = stuck.value ?? {};
  return (
    <section class="stuck" aria-label="Stuck">
      <ul class="stuck-cells">
        {cells.map(({ name, value }) => (
          <li key={name}>
            {name} <b>{value}</b>
          </li>
        ))}
      </ul>
      {problems.length > 0 && (
        <ul class="stuck-problems">
          {problems.map(({ key, sentence, remedy }) => (
            <li key={key} data-problem={key}>
              <span class="glyph" aria-hidden="true">
                ▲
              </span>
              <span>
                <bdi>{sentence}</bdi> {remedy !== '' && <code>{remedy}</code>}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Real time since the oldest steal that still waits was decided. */
function pendingMs(): number {
  if (status.value?.steals.pending === 0) return 0;
  const since = steals.values().flatMap(({ state, atMs }) => (state === 'pending' ? [atMs] : []));
  const speed = rules.value?.speed ?? 1;
  if (since.length === 0 || speed === 0) return 0;
  return (ledgerNowMs.value - Math.min(...since)) / speed;
}
