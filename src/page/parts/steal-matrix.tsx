/** Who takes room from whom: steals of the last 30 minutes, thieves by row, victims by column. */
import { ledgerNowMs } from '../state/beat.ts';
import { past } from '../state/book.ts';
import { isTight } from '../state/narrow.ts';
import { countdown, counted, int } from '../words/format.ts';
import { matrixOf } from '../words/steal-matrix.ts';

const MOST_THIEVES = 5;
const MOST_VICTIMS = 7;
const MOST_VICTIMS_TIGHT = 5;
const FIGHTS_SHOWN = 2;
/** In the font of the text, not as a picture. */
const SIGN = '⚔\uFE0E';

export function StealMatrix() {
  const now = past.value;
  return (
    <section class="matrix" aria-labelledby="matrix-title">
      <div class="panel-head">
        <h2 id="matrix-title">
          Who takes from whom <b class="count">{int(now?.steals ?? 0)}</b>
        </h2>
        <p class="panel-note">30 min</p>
      </div>
      {now !== null && now.pairs.length > 0 && <Table />}
      {now?.pairs.length === 0 && <p class="note">No steal in 30 minutes.</p>}
      <Fights />
    </section>
  );
}

function Table() {
  const now = past.value;
  if (now === null) return null;
  const most = { thieves: MOST_THIEVES, victims: isTight.value ? MOST_VICTIMS_TIGHT : MOST_VICTIMS };
  const fights = now.fights.map(({ symbols }) => symbols);
  const { thieves, victims, cell, more: left } = matrixOf(now.pairs, fights, most);
  const more = left + now.morePairs;
  const highest = Math.max(1, ...now.pairs.map(({ steals }) => steals));
  return (
    <>
      <table class="matrix-table" aria-labelledby="matrix-title">
        <thead>
          <tr>
            <th scope="col">
              <span class="label">thief ▸</span>
            </th>
            {victims.map((victim) => (
              <th key={victim} scope="col">
                <bdi>{victim}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {thieves.map((thief) => (
            <tr key={thief}>
              <th scope="row">
                <bdi>{thief}</bdi>
              </th>
              {victims.map((victim) => {
                const of = cell(thief, victim);
                if (of === undefined) return <td key={victim} class="is-none" />;
                return (
                  <td
                    key={victim}
                    class={of.isFight ? 'is-fight' : ''}
                    style={{ '--heat': `${Math.round((of.steals / highest) * 100)}%` }}
                  >
                    {int(of.steals)}
                    {of.isFight && (
                      <>
                        <span aria-hidden="true"> {SIGN}</span>
                        <span class="visually-hidden"> a fight</span>
                      </>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <p class="matrix-more">and {counted(more, 'rarer pair')}</p>}
    </>
  );
}

/** By name, with what is left of them. */
function Fights() {
  const fights = past.value?.fights ?? [];
  if (fights.length === 0) return null;
  return (
    <ul class="fights">
      {fights.slice(0, FIGHTS_SHOWN).map(({ symbols: [a, b], untilMs }) => {
        const leftMs = untilMs - ledgerNowMs.value;
        return (
          <li key={`${a}|${b}`} class={leftMs > 0 ? 'is-on' : ''}>
            <span aria-hidden="true">{SIGN}</span> <bdi>{a}</bdi> and <bdi>{b}</bdi>{' '}
            {leftMs > 0 ? `fight, ${countdown(leftMs)} left` : 'fought'}
          </li>
        );
      })}
      {fights.length > FIGHTS_SHOWN && <li>and {int(fights.length - FIGHTS_SHOWN)} more</li>}
    </ul>
  );
}
