/** Explains one order, plan or steal: why, what would change it, what happened, and how to ask elsewhere. */
import { useRef } from 'preact/hooks';
import { steals } from '../state/book.ts';
import { askedId, type Detail, detail, type Why } from '../state/detail.ts';
import { type Selected, select, selected } from '../state/view.ts';
import { clockTime, dollars, pnl } from '../words/format.ts';
import { cameToWords, outcomeOf } from '../words/steal-words.ts';
import { CopyLine } from './copy-line.tsx';
import { useDrawerFocus } from './drawer-focus.ts';

export function Drawer() {
  const of = selected.value;
  return of === null ? null : <OpenDrawer of={of} />;
}

function OpenDrawer({ of }: { of: Selected }) {
  const box = useRef<HTMLElement>(null);
  useDrawerFocus(box);
  const known = detail.value;
  const isKnown = known !== null && known.of.id === of.id;
  return (
    <aside class="drawer" ref={box} tabIndex={-1} aria-labelledby="drawer-title">
      <div class="panel-head">
        <h2 id="drawer-title">
          <span class="label">{of.kind}</span> <bdi>{titleOf(of, isKnown ? known : null)}</bdi>
        </h2>
        <button type="button" class="close" aria-label="Close" onClick={() => select(null)}>
          ✕
        </button>
      </div>
      <div class="drawer-box">
        <CopyLine name="id" text={askedId(of)} />
        <CopyLine name="in a terminal" text={`worksteal why ${askedId(of)}`} />
        {of.kind === 'steal' && <StealFacts id={of.id} />}
        {isKnown ? <Known known={known} /> : <p class="note">…</p>}
      </div>
    </aside>
  );
}

function titleOf(of: Selected, known: Detail | null): string {
  const steal = of.kind === 'steal' ? steals.row(of.id)?.value : undefined;
  if (steal !== undefined)
    return `${steal.thiefSymbol} ▸ ${steal.victims.map(({ symbol }) => symbol).join(', ')}`;
  const symbol = known?.why?.symbol ?? (known?.raw?.['symbol'] as string | undefined);
  const state = known?.why?.state ?? known?.why?.stage ?? '';
  return symbol ? `${symbol} ${state}` : askedId(of);
}

function Known({ known: { of, why, raw, timeline, fault } }: { known: Detail }) {
  if (fault !== '') return <p class="note">{fault}</p>;
  return (
    <>
      {why !== null && <Explanation why={why} isSteal={of.kind === 'steal'} />}
      {timeline.length > 0 && (
        <section>
          <h3>Timeline</h3>
          <ol class="timeline">
            {timeline.map(({ id, atMs, type, sentence }) => (
              <li key={id}>
                <span class="timeline-time">{atMs === null ? '–' : clockTime(atMs)}</span>
                <span class="label">{type.replaceAll('_', ' ')}</span>
                <bdi>{sentence}</bdi>
              </li>
            ))}
          </ol>
        </section>
      )}
      <details>
        <summary>Raw JSON</summary>
        <pre>
          <code>{JSON.stringify(raw ?? why, null, 2)}</code>
        </pre>
      </details>
    </>
  );
}

/** `isSteal`: the victims stand above already. */
function Explanation({ why, isSteal }: { why: Why; isSteal: boolean }) {
  const { steal, robbed, plan, refusal } = why;
  return (
    <>
      <Sentences title="Why" list={why.why} />
      <Sentences title="Its last order" list={why.order} />
      <Sentences title="Last refusal" list={why.refused} />
      <Sentences title="What would change it" list={why.wouldChange} />
      {refusal !== undefined && refusal.needMicros !== null && refusal.roomMicros !== null && (
        <p class="pair">
          <span class="label">needed</span> <b>{dollars(refusal.needMicros)}</b>{' '}
          <span class="label">room then</span> <b>{dollars(refusal.roomMicros)}</b>
        </p>
      )}
      {steal !== undefined && !isSteal && (
        <section>
          <h3>It took the room of</h3>
          <ul>
            {steal.victims.map(({ order, symbol, pnl: worth, heldMicros }) => (
              <li key={order ?? symbol}>
                <OrderLink id={order} symbol={symbol} /> PnL {pnl(worth)}
                {heldMicros !== null && `, held ${dollars(heldMicros)}`}
              </li>
            ))}
          </ul>
        </section>
      )}
      {robbed !== undefined && (
        <section>
          <h3>Its room was taken by</h3>
          <p>
            <OrderLink id={robbed.by} symbol={robbed.symbol} /> PnL {pnl(robbed.thiefPnl)} against{' '}
            {pnl(robbed.pnl)}, at {clockTime(robbed.atMs)}
          </p>
        </section>
      )}
      {plan && (
        <p class="pair">
          <span class="label">plan</span>{' '}
          <button type="button" class="link" onClick={() => select({ kind: 'plan', id: plan })}>
            {plan}
          </button>
        </p>
      )}
    </>
  );
}

function Sentences({ title, list }: { title: string; list: readonly string[] | undefined }) {
  if (list === undefined || list.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul class="sentences">
        {list.map((sentence) => (
          <li key={sentence}>
            <bdi>{sentence}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}

function StealFacts({ id }: { id: string }) {
  const steal = steals.row(id)?.value;
  if (steal === undefined) return null;
  const { glyph, word, tone } = outcomeOf(steal);
  const { thief, thiefSymbol, thiefPnl, needMicros, victims, reason } = steal;
  return (
    <section>
      <h3>
        <span class={`steal-outcome is-${tone}`}>
          <span aria-hidden="true">{glyph}</span> {word}
        </span>
        {reason !== null && `: ${reason}`}
      </h3>
      <p>
        <OrderLink id={thief} symbol={thiefSymbol} /> PnL {pnl(thiefPnl)}
        {needMicros !== null && `, needed ${dollars(needMicros)}`}
      </p>
      <ul>
        {victims.map(({ order, symbol, pnl: worth, heldMicros }) => (
          <li key={order ?? symbol}>
            <span class="label">from</span> <OrderLink id={order} symbol={symbol} /> PnL {pnl(worth)}
            {heldMicros !== null && `, held ${dollars(heldMicros)}`}
          </li>
        ))}
      </ul>
      <p class="came-to">{cameToWords(steal)}</p>
    </section>
  );
}

function OrderLink({ id, symbol }: { id: string | null; symbol: string }) {
  if (id === null) return <bdi>{symbol}</bdi>;
  return (
    <button type="button" class="link" onClick={() => select({ kind: 'order', id })}>
      <bdi>{symbol}</bdi> <code>{id}</code>
    </button>
  );
}
