/** One live order. A row whose order has ended stays, crossed out, until the list moves on. */
import { useComputed } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { OrderRow } from '../../json/live.ts';
import { ledgerNowMs } from '../state/beat.ts';
import { orders, protectedSymbols, rules } from '../state/book.ts';
import { cursor } from '../state/cursor.ts';
import { found } from '../state/search.ts';
import { select, selected } from '../state/view.ts';
import { dollars, percent, pnl, price } from '../words/format.ts';
import { standingOf } from '../words/protection.ts';
import { isBeyondEdge, placeOf } from '../words/scale.ts';

type BookRowProps = {
  id: string;
  /** In the whole table, its head included. */
  index: number;
  /** Its place in the present order; undefined: it has ended. */
  rank: number | undefined;
  isTabStop: boolean;
};

export function BookRow({ id, index, rank, isTabStop }: BookRowProps) {
  const live = orders.row(id)?.value ?? found.value.get(id);
  const last = useRef(live);
  if (live !== undefined) last.current = live;
  const isSelected = useComputed(() => selected.value?.id === id);
  const row = last.current;
  if (row === undefined) return null;
  const isGone = live === undefined;
  const classes = ['book-row', isGone && 'is-gone', isSelected.value && 'is-selected'].filter(Boolean);
  return (
    <tr
      data-id={id}
      aria-rowindex={index}
      aria-current={isSelected.value ? 'true' : undefined}
      class={classes.join(' ')}
      tabIndex={isTabStop ? 0 : -1}
      onClick={() => select({ kind: 'order', id })}
      onFocus={() => {
        cursor.value = id;
      }}
    >
      <td class="col-rank">{row.victim === 'takeable' && !isGone ? rank : '–'}</td>
      <th scope="row" class="col-symbol">
        <bdi class="symbol">{row.symbol}</bdi> <span class={`side is-${row.side}`}>{row.side}</span>
      </th>
      <td class="col-pnl is-number">{pnl(row.pnl)}</td>
      <td class="col-held is-number">{dollars(row.heldMicros ?? 0)}</td>
      <td class="col-limit is-number">{price(row.limit)}</td>
      <td class="col-price is-number">{price(row.price)}</td>
      <td class="col-distance is-number">{percent(row.distance)}</td>
      <td class="col-scale">
        <Scale row={row} />
      </td>
      <td class="col-standing">
        {isGone ? <span class="standing is-gone">ended</span> : <Standing row={row} />}
      </td>
    </tr>
  );
}

function Scale({ row }: { row: OrderRow }) {
  const inForce = rules.value;
  const place = inForce === null ? undefined : placeOf(row, inForce);
  if (place === undefined) return null;
  const isFar = isBeyondEdge(row) === true;
  return (
    <span class="scale" aria-hidden="true">
      <span class={isFar ? 'scale-dot is-far' : 'scale-dot'} style={{ left: `${place}%` }} />
    </span>
  );
}

function Standing({ row }: { row: OrderRow }) {
  const until = protectedSymbols.value.get(row.symbol);
  // Without a countdown it does not follow the clock.
  const nowMs = until === undefined ? 0 : ledgerNowMs.value;
  const { tone, glyph, word, leftMs } = standingOf(row, until, nowMs);
  const whole = rules.value?.cooldownMs ?? 0;
  return (
    <span class={`standing is-${tone}`}>
      <span class="glyph" aria-hidden="true">
        {glyph}
      </span>
      {word}
      {leftMs !== undefined && whole > 0 && (
        <span class="left" aria-hidden="true">
          <span class="left-part" style={{ width: `${Math.min(100, (leftMs / whole) * 100)}%` }} />
        </span>
      )}
    </span>
  );
}
