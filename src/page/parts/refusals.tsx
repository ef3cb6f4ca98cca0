/** What was refused in the last 30 minutes, by reason: how often, and when. */
import { useComputed } from '@preact/signals';
import { serverNowMs } from '../state/beat.ts';
import { isLoaded, refused } from '../state/book.ts';
import { clockTime, counted, int } from '../words/format.ts';
import { refusalLines } from '../words/refusal-lines.ts';
import { reasonWords } from '../words/steal-words.ts';
import { Bars } from './bars.tsx';

/** The bars move on so often. */
const STEP_MS = 10_000;

export function Refusals() {
  const step = useComputed(() => Math.ceil(serverNowMs.value / STEP_MS) * STEP_MS);
  const { lines, highest, more } = refusalLines(refused.value, step.value);
  const all = lines.reduce((sum, { total }) => sum + total, 0);
  return (
    <section class="refusals" aria-labelledby="refusals-title">
      <div class="panel-head">
        <h2 id="refusals-title">
          Refusals <b class="count">{int(all)}</b>
        </h2>
        <p class="panel-note">30 min, by reason</p>
      </div>
      {lines.length > 0 && (
        <table class="refusals-table" aria-labelledby="refusals-title">
          <thead class="visually-hidden">
            <tr>
              <th scope="col">reason</th>
              <th scope="col">over time</th>
              <th scope="col">refusals</th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ reason, total, bars, peak }) => (
              <tr key={reason}>
                <th scope="row">{reasonWords(reason)}</th>
                <td class="refusals-bars">
                  <Bars values={bars} highest={highest} />
                  <span class="visually-hidden">
                    at most {int(peak.count)} in a minute, at {clockTime(peak.atMs)}
                  </span>
                </td>
                <td class="is-number">{int(total)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {more > 0 && <p class="matrix-more">and {counted(more, 'rarer reason')}</p>}
      {lines.length === 0 && isLoaded.value && <p class="note">Nothing was refused in 30 minutes.</p>}
    </section>
  );
}
