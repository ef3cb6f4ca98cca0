/** The live orders, in the order in which a steal would take them. */
import { useComputed } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { counts, isLoaded, orders, rules, status } from '../state/book.ts';
import { cursor, filteredIds } from '../state/cursor.ts';
import { isNarrow } from '../state/narrow.ts';
import { filter, setFilter } from '../state/view.ts';
import { int, percent } from '../words/format.ts';
import { GATE_AT, PROTECTION_AT } from '../words/scale.ts';
import { BookRow } from './book-row.tsx';
import { type HeldOrder, heldOrder } from './held-order.ts';
import { ProtectedSymbols } from './protected-symbols.tsx';
import { useRowWindow } from './row-window.ts';

const ROW_PX = 26;
const NARROW_ROW_PX = 48;

export function Book() {
  const held = useMemo(() => heldOrder(filteredIds), []);
  return (
    <section class="book" aria-labelledby="book-title">
      <BookHead held={held} />
      <BookTable held={held} />
      <ProtectedSymbols />
    </section>
  );
}

function BookHead({ held }: { held: HeldOrder }) {
  const all = status.value?.liveOrders ?? 0;
  const { moved } = held;
  return (
    <div class="panel-head">
      <h2 id="book-title">
        Book <b class="count">{int(all)}</b>
      </h2>
      <p class="panel-note">
        worst first · <b>{int(counts.value.takeable)}</b> may be taken
      </p>
      {moved.value > 0 && (
        <button type="button" class="moved" onClick={() => held.release()}>
          {int(moved.value)} moved
        </button>
      )}
      <input
        id="filter"
        type="search"
        class="filter"
        placeholder="filter  /"
        aria-label="Filter the book by symbol, id or state"
        value={filter.value}
        onInput={({ currentTarget }) => setFilter(currentTarget.value)}
      />
    </div>
  );
}

function BookTable({ held }: { held: HeldOrder }) {
  const rowPx = isNarrow.value ? NARROW_ROW_PX : ROW_PX;
  const ids = held.ids.value;
  const { box, body, from, to } = useRowWindow(rowPx, ids.length);
  const ranks = useComputed(() => new Map(orders.ids.value.map((id, at) => [id, at + 1])));
  const more = orders.more.value;
  const tabStop = cursor.value !== null && ids.includes(cursor.value) ? cursor.value : ids[0];
  useEffect(() => {
    const id = cursor.value;
    const at = id === null ? -1 : ids.indexOf(id);
    if (at === -1) return;
    const row = body.current?.querySelector<HTMLElement>(`[data-id="${id}"]`);
    if (row !== null && row !== undefined) {
      row.focus({ preventScroll: true });
      row.scrollIntoView({ block: 'nearest' });
    } else box.current?.scrollTo({ top: at * rowPx });
  }, [cursor.value, from, to]);
  return (
    <div
      class="book-box"
      ref={box}
      style={{ '--gate-at': `${GATE_AT}%`, '--protection-at': `${PROTECTION_AT}%`, '--row': `${rowPx}px` }}
    >
      <table aria-rowcount={ids.length + more + 1} aria-labelledby="book-title" class="book-table">
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" class="col-rank">
              #
            </th>
            <th scope="col" class="col-symbol">
              symbol
            </th>
            <th scope="col" class="col-pnl is-number">
              PnL
            </th>
            <th scope="col" class="col-held is-number">
              held
            </th>
            <th scope="col" class="col-limit is-number">
              limit
            </th>
            <th scope="col" class="col-price is-number">
              price
            </th>
            <th scope="col" class="col-distance is-number">
              dist
            </th>
            <th scope="col" class="col-scale">
              <ScaleHead />
            </th>
            <th scope="col" class="col-standing">
              stealing
            </th>
          </tr>
        </thead>
        <tbody ref={body} {...held.handlers}>
          <Gap px={from * rowPx} />
          {ids.slice(from, to).map((id, at) => (
            <BookRow
              key={id}
              id={id}
              index={from + at + 2}
              rank={ranks.value.get(id)}
              isTabStop={id === tabStop}
            />
          ))}
          <Gap px={(ids.length - to) * rowPx} />
        </tbody>
      </table>
      {ids.length === 0 && isLoaded.value && <NoRows />}
      {more > 0 && (
        <p class="note book-more">
          The first {int(orders.ids.value.length)} are shown, and {int(more)} are not. A symbol in the filter
          finds its orders among all of them.
        </p>
      )}
    </div>
  );
}

const UNSEEN = { 'aria-hidden': true };

/** The rows out of sight. */
function Gap({ px }: { px: number }) {
  return px > 0 ? <tr {...UNSEEN} style={{ height: `${px}px` }} /> : null;
}

function ScaleHead() {
  const { gate, protection } = rules.value ?? {};
  if (gate === undefined || protection === undefined) return <>distance</>;
  const [first, second] = gate <= protection ? ['gate', 'protected'] : ['protected', 'gate'];
  return (
    <span class="scale-head">
      <span aria-hidden="true">┊</span> {first} {percent(Math.min(gate, protection))}{' '}
      <span aria-hidden="true">│</span> {second} {percent(Math.max(gate, protection))}
    </span>
  );
}

function NoRows() {
  if (filter.value === '') return <p class="note">No order is live.</p>;
  return (
    <p class="note">
      No order that is shown has “<bdi>{filter.value}</bdi>”.{' '}
      <button type="button" class="link" onClick={() => setFilter('')}>
        Show all
      </button>
    </p>
  );
}
