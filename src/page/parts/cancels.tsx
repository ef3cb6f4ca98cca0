/** How long cancellations take, from the request to the broker's word. */
import { past } from '../state/book.ts';
import { int, latency } from '../words/format.ts';
import { Bars } from './bars.tsx';

export function Cancels() {
  const cancels = past.value?.cancels;
  return (
    <section class="cancels" aria-labelledby="cancels-title">
      <div class="panel-head">
        <h2 id="cancels-title">
          Cancel latency <b class="count">{int(cancels?.count ?? 0)}</b>
        </h2>
        <p class="panel-note">30 min</p>
      </div>
      {cancels !== undefined && cancels.count > 0 && (
        <>
          <dl class="cancels-facts">
            <Fact name="p50" ms={cancels.p50Ms} />
            <Fact name="p99" ms={cancels.p99Ms} />
            <Fact name="last" ms={cancels.lastMs} />
          </dl>
          <figure class="cancels-bars">
            <Bars values={cancels.recentMs} highest={Math.max(1, ...cancels.recentMs)} />
            <figcaption>
              the latest {int(cancels.recentMs.length)}, at most {latency(Math.max(...cancels.recentMs))}
            </figcaption>
          </figure>
        </>
      )}
      {cancels?.count === 0 && <p class="note">No cancellation ended in 30 minutes.</p>}
      {cancels !== undefined && cancels.waiting > 0 && (
        <p class="matrix-more">{int(cancels.waiting)} not confirmed yet</p>
      )}
    </section>
  );
}

function Fact({ name, ms }: { name: string; ms: number | null }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{ms === null ? '–' : latency(ms)}</dd>
    </div>
  );
}
