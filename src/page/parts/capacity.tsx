/** How full the account is: what holds the cap, and what is left of it, for each pool. */
import { isLoaded, status, total } from '../state/book.ts';
import { dollars, percent } from '../words/format.ts';
import { Chart } from './chart.tsx';

type Part = { name: string; micros: number };

export function Capacity() {
  const pool = total.value;
  const now = status.value;
  if (pool === undefined || now === null)
    return <section class="capacity">{isLoaded.value && <Empty />}</section>;
  const held = (state: string): number => now.orders.find((one) => one.state === state)?.heldMicros ?? 0;
  const parts: Part[] = [
    { name: 'positions', micros: pool.positionsMicros },
    { name: 'working', micros: held('working') },
    { name: 'reserved', micros: held('reserved') },
    { name: 'cancelling', micros: held('cancelling') },
    { name: 'earmarked', micros: held('pending') },
  ];
  const others = now.pools.filter((one) => one.pool !== 'total');
  const { capMicros, roomMicros, used } = pool;
  return (
    <section class="capacity" aria-labelledby="capacity-title">
      <h2 id="capacity-title" class="visually-hidden">
        Capacity
      </h2>
      <div class="capacity-main">
        <p class="capacity-line">
          <span class={roomMicros < 0 ? 'capacity-room is-over' : 'capacity-room'} data-part="room">
            <span class="label">room</span> <b>{dollars(roomMicros)}</b>
          </span>
          <span>
            <span class="label">used</span> <b>{percent(used, 1)}</b>
          </span>
          <span>
            <span class="label">cap</span> <b>{dollars(capMicros)}</b>
          </span>
          <span class="unit">USD</span>
        </p>
        <Bar parts={parts} capMicros={capMicros} />
        <ul class="capacity-parts">
          {parts.map(({ name, micros }) => (
            <li key={name} class={micros === 0 ? 'is-none' : ''}>
              <span class={`swatch of-${name}`} aria-hidden="true" />
              {name} <b>{dollars(micros)}</b>
            </li>
          ))}
        </ul>
        {others.length > 0 && (
          <ul class="capacity-pools">
            {others.map((one) => (
              <li key={one.pool} class={one.roomMicros < 0 ? 'is-over' : ''}>
                <span class="label">{one.pool}</span> <b>{percent(one.used, 1)}</b> of{' '}
                {dollars(one.capMicros)}, room <b>{dollars(one.roomMicros)}</b>
              </li>
            ))}
          </ul>
        )}
      </div>
      <Chart />
    </section>
  );
}

/** Its whole length is the cap, or what is used where that is more. */
function Bar({ parts, capMicros }: { parts: readonly Part[]; capMicros: number }) {
  const used = parts.reduce((sum, { micros }) => sum + Math.max(0, micros), 0);
  const whole = Math.max(used, capMicros, 1);
  return (
    <div class="bar" aria-hidden="true">
      {parts.map(({ name, micros }) =>
        micros > 0 ? (
          <span key={name} class={`bar-part of-${name}`} style={{ width: `${(micros / whole) * 100}%` }} />
        ) : null,
      )}
      {used > capMicros && <span class="bar-cap" style={{ left: `${(capMicros / whole) * 100}%` }} />}
    </div>
  );
}

function Empty() {
  return <p class="note">There is no account of this name in the ledger yet: start its keeper.</p>;
}
