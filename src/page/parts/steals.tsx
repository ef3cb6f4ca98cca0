/** What just happened: the latest steals. A new one is marked for two seconds. */
import { useMemo, useRef } from 'preact/hooks';
import type { StealRow } from '../../json/live.ts';
import { isLoaded, status, steals } from '../state/book.ts';
import { select, selected } from '../state/view.ts';
import { clockTime, counted, duration, int, pnl } from '../words/format.ts';
import { cameTo, outcomeOf } from '../words/steal-words.ts';
import { heldOrder } from './held-order.ts';

const SHOWN = 50;

export function Steals() {
  const held = useMemo(() => heldOrder(steals.ids), []);
  const known = useRef<Set<string> | undefined>(undefined);
  const { stealsLastHour = 0, steals: sums, dryRunsLastHour = 0 } = status.value ?? {};
  const ids = held.ids.value.slice(0, SHOWN);
  const isFirst = known.current === undefined;
  if (isFirst && isLoaded.value) known.current = new Set(ids);
  return (
    <section class="steals" aria-labelledby="steals-title">
      <div class="panel-head">
        <h2 id="steals-title">
          Steals <b class="count">{int(stealsLastHour)}</b>
        </h2>
        <p class="panel-note">
          last hour{sums !== undefined && ` · ${int(sums.granted)} granted · ${int(sums.failed)} failed`}
          {dryRunsLastHour > 0 && ` · ${int(dryRunsLastHour)} dry runs`}
        </p>
        {held.moved.value > 0 && (
          <button type="button" class="moved" onClick={() => held.release()}>
            {int(held.moved.value)} moved
          </button>
        )}
      </div>
      <div class="panel-box">
        <table
          class="steals-table"
          aria-labelledby="steals-title"
          aria-rowcount={ids.length + steals.more.value + 1}
        >
          <colgroup>
            <col class="of-time" />
            <col class="of-thief" />
            <col />
            <col class="of-took" />
            <col class="of-outcome" />
          </colgroup>
          <thead class="visually-hidden">
            <tr aria-rowindex={1}>
              <th scope="col">time</th>
              <th scope="col">thief</th>
              <th scope="col">its victims</th>
              <th scope="col">took</th>
              <th scope="col">outcome, gain and regret</th>
            </tr>
          </thead>
          <tbody {...held.handlers}>
            {ids.map((id, at) => (
              <Steal key={id} id={id} index={at + 2} isNew={known.current?.has(id) === false} />
            ))}
          </tbody>
        </table>
        {ids.length === 0 && isLoaded.value && <p class="note">No steal within the history.</p>}
      </div>
      <Today />
    </section>
  );
}

/** What it is known today that steals came to. */
function Today() {
  const today = status.value?.judgedToday;
  if (today === undefined || today.steals === 0) return null;
  return (
    <p class="steals-today">
      <span class="label">known today (UTC)</span> gain <b>{pnl(today.gain)}</b> · regret{' '}
      <b>{pnl(today.regret)}</b> <span class="label">of {counted(today.steals, 'steal')}</span>
    </p>
  );
}

function Steal({ id, index, isNew }: { id: string; index: number; isNew: boolean }) {
  const row = steals.row(id)?.value;
  const last = useRef<StealRow | undefined>(undefined);
  last.current = row ?? last.current;
  const steal = last.current;
  if (steal === undefined) return null;
  const { tone, glyph, word } = outcomeOf(steal);
  const isSelected = selected.value?.kind === 'steal' && selected.value.id === id;
  const [victim, ...others] = steal.victims;
  const known = cameTo(steal);
  const open = (): void => select({ kind: 'steal', id });
  return (
    <tr
      class={`steal ${isNew ? 'is-new' : ''} ${isSelected ? 'is-selected' : ''}`}
      aria-rowindex={index}
      aria-current={isSelected ? 'true' : undefined}
      onClick={open}
    >
      <td class="steal-time">
        <button type="button" class="row-link" onClick={open}>
          {clockTime(steal.atMs)}
        </button>
      </td>
      <td class="steal-thief">
        <bdi class="symbol">{steal.thiefSymbol}</bdi> <span class="figure">{pnl(steal.thiefPnl)}</span>
      </td>
      <td class="steal-victims">
        <span class="from" aria-hidden="true">
          ▸
        </span>
        {victim === undefined ? (
          '–'
        ) : (
          <>
            <bdi>{victim.symbol}</bdi> <span class="figure">{pnl(victim.pnl)}</span>
            {others.length > 0 && <span class="others"> +{others.length}</span>}
          </>
        )}
      </td>
      <td class="steal-took is-number">{steal.tookMs === null ? '' : duration(steal.tookMs)}</td>
      <td class={`steal-outcome is-${tone}`}>
        <span class="glyph" aria-hidden="true">
          {glyph}
        </span>
        {known === undefined ? (
          word
        ) : (
          <>
            <span class="visually-hidden">{word} </span>
            <span class={`steal-came-to ${known.isFinal ? 'is-final' : ''}`}>{known.text}</span>
          </>
        )}
      </td>
    </tr>
  );
}
