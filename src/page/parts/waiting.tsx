/** Who waits, and for what: plans that have no order yet, by why they were refused last. */
import { useSignal } from '@preact/signals';
import type { Waiting as Group } from '../../json/live.ts';
import { ledgerNowMs } from '../state/beat.ts';
import { isLoaded, plans, waiting } from '../state/book.ts';
import { select, selected } from '../state/view.ts';
import { duration, int, percent, pnl } from '../words/format.ts';
import { reasonWords } from '../words/steal-words.ts';

const PLANS_SHOWN = 30;

export function Waiting() {
  /** The reason whose plans are shown. */
  const opened = useSignal<string | null | undefined>(undefined);
  const groups = waiting.value;
  const all = groups.reduce((sum, { count }) => sum + count, 0);
  return (
    <section class="waiting" aria-labelledby="waiting-title">
      <div class="panel-head">
        <h2 id="waiting-title">
          Waiting <b class="count">{int(all)}</b>
        </h2>
        <p class="panel-note">plans, by their last refusal</p>
      </div>
      <div class="panel-box">
        <table class="waiting-table" aria-labelledby="waiting-title">
          <thead class="visually-hidden">
            <tr>
              <th scope="col">reason</th>
              <th scope="col">plans</th>
              <th scope="col">the oldest waits since</th>
              <th scope="col">the nearest to its limit</th>
            </tr>
          </thead>
          {groups.map((group) => (
            <GroupRows
              key={group.reason}
              group={group}
              isOpen={opened.value === group.reason}
              toggle={() => {
                opened.value = opened.value === group.reason ? undefined : group.reason;
              }}
            />
          ))}
        </table>
        {groups.length === 0 && isLoaded.value && <p class="note">No plan waits.</p>}
      </div>
    </section>
  );
}

type GroupProps = { group: Group; isOpen: boolean; toggle: () => void };

function GroupRows({ group, isOpen, toggle }: GroupProps) {
  const { reason, sentence, count, oldestAtMs, nearest } = group;
  return (
    <tbody>
      <tr class="waiting-group">
        <th scope="row">
          <button type="button" class="row-link" aria-expanded={isOpen} title={sentence} onClick={toggle}>
            <span class="glyph" aria-hidden="true">
              {isOpen ? '▾' : '▸'}
            </span>
            {reasonWords(reason)}
          </button>
        </th>
        <td class="is-number">
          <b>{int(count)}</b>
        </td>
        <td class="waiting-oldest">{oldestAtMs !== null && <Oldest sinceMs={oldestAtMs} />}</td>
        <td class="waiting-nearest">
          {nearest !== null && (
            <>
              <span class="nearest">nearest </span>
              <bdi>{nearest.symbol}</bdi> {percent(nearest.distance)}
            </>
          )}
        </td>
      </tr>
      {isOpen && <Plans reason={reason} sentence={sentence} />}
    </tbody>
  );
}

function Oldest({ sinceMs }: { sinceMs: number }) {
  return <>oldest {duration(ledgerNowMs.value - sinceMs)}</>;
}

function Plans({ reason, sentence }: { reason: string | null; sentence: string }) {
  const some = plans
    .values()
    .filter((plan) => plan.stage === 'waiting' && (plan.refusal?.reason ?? null) === reason);
  const shown = some.slice(0, PLANS_SHOWN);
  return (
    <>
      <tr class="waiting-why">
        <td colSpan={4}>{sentence}</td>
      </tr>
      {shown.map(({ id, symbol, distance, pnl: forecast }) => (
        <tr key={id} class={selected.value?.id === id ? 'waiting-plan is-selected' : 'waiting-plan'}>
          <th scope="row">
            <button type="button" class="row-link" onClick={() => select({ kind: 'plan', id })}>
              <bdi class="symbol">{symbol ?? id}</bdi>
            </button>
          </th>
          <td class="is-number">{pnl(forecast)}</td>
          <td colSpan={2} class="waiting-nearest">
            {percent(distance)} away
          </td>
        </tr>
      ))}
    </>
  );
}
