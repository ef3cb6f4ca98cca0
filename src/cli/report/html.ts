/** The report as one HTML file, for a mail or a ticket: no script, nothing from elsewhere. */
import { usd } from '../../domain/amounts.ts';
import { matrixOf } from '../../page/words/steal-matrix.ts';
import { escaped } from './escape.ts';
import { facts, pageOf, section, tableOf } from './page.ts';
import { barsPicture, capacityPicture, PARTS } from './pictures.ts';
import type { Report } from './read.ts';
import { cameToWords, methodWords } from './regret.ts';
import { clock, instant, length, notesOf, percent, periodOf, reasonWords, timeOf } from './words.ts';

const MOST = { thieves: 10, victims: 10 };
const REASON_BARS = 60;
const FIGHT = '⚔\uFE0E';

export function htmlOf(report: Report): string {
  return pageOf({
    title: `worksteal: ${report.account}`,
    about: periodOf(report),
    summary: summary(report),
    main: [
      capacity(report),
      pairs(report),
      cameTo(report),
      refusals(report),
      cancels(report),
      events(report),
    ],
    notes: notesOf(report),
  });
}

function summary({ summary: of }: Report): string {
  return facts([
    ['admits now', of.admits],
    ['cap', usd(of.capMicros, 0)],
    ['used now', percent(of.used)],
    ['most used', of.mostUsed === null ? 'not known' : percent(of.mostUsed)],
    ['admitted', of.admitted],
    ['steals', of.steals],
    ['granted', of.granted],
    ['failed', of.failed],
    ['filled', of.filled],
    ['fills in part', of.fills - of.filled],
  ]);
}

function capacity({ capacity: samples, stepMs, summary: { mostUsed } }: Report): string {
  const [first] = samples;
  if (first === undefined) return section('Capacity', '<p>No event tells of it.</p>');
  const words = `what held the cap from ${instant(first.atMs)} on: at most ${percent(mostUsed ?? 0)} of it`;
  const key = PARTS.map(([name]) => `<li><span class="swatch of-${name}"></span>${name}</li>`).join('');
  return section(
    'Capacity',
    `<figure>${capacityPicture(samples, stepMs, words)}<figcaption>A sample in ${length(stepMs)}; ` +
      `${escaped(words)}; dashed: the cap.</figcaption></figure><ul class="key">${key}</ul>`,
  );
}

function pairs({ pairs: all, fights }: Report): string {
  const title = 'Who takes from whom';
  const matrix = matrixOf(
    all,
    fights.map(({ symbols }) => symbols),
    MOST,
  );
  const head = matrix.victims.map((victim) => `<th scope="col">${escaped(victim)}</th>`).join('');
  const rows = matrix.thieves.map((thief) => {
    const cells = matrix.victims.map((victim) => {
      const cell = matrix.cell(thief, victim);
      if (cell === undefined) return '<td></td>';
      const sign = cell.isFight ? ` <span class="fight">${FIGHT} fight</span>` : '';
      return `<td class="is-some${cell.isFight ? ' is-fight' : ''}">${cell.steals}${sign}</td>`;
    });
    return `<tr><th scope="row">${escaped(thief)}</th>${cells.join('')}</tr>`;
  });
  const table =
    rows.length === 0
      ? '<p>No steal in the period.</p>'
      : `<div class="wide"><table class="matrix"><thead><tr><th scope="col">thief ▸ victim</th>${head}</tr>` +
        `</thead><tbody>${rows.join('')}</tbody></table></div>`;
  const more = matrix.more > 0 ? `<p class="soft">and ${matrix.more} rarer pairs</p>` : '';
  const fought = fights.map(
    ({ symbols: [a = '', b = ''], untilMs }) =>
      `<p class="fight">${FIGHT} ${escaped(a)} and ${escaped(b)} fight: both are protected until ` +
      `${escaped(instant(untilMs))}</p>`,
  );
  return section(title, [table, more, ...fought].join(''));
}

function cameTo({ cameTo: of }: Report): string {
  const { regret, gain, watched, judged, evidence } = of;
  const method = evidence === null ? '' : `<p class="soft">${escaped(methodWords(evidence))}</p>`;
  const sums = facts([
    ['gain', `$${gain}`],
    ['regret', `$${regret}`],
    ['watched to the end', judged],
    ['still watched', watched],
  ]);
  return section('What steals came to', `${sums}<p>A steal: ${escaped(cameToWords(of))}</p>${method}`);
}

function refusals({ refused, refusals: steps, fromMs, toMs }: Report): string {
  if (refused.length === 0) return section('Refusals', '<p>No refusal is on record.</p>');
  const counted = refused.map(({ reason }) => {
    const counts = Array.from({ length: REASON_BARS }, () => 0);
    for (const { atMs, reasons } of steps) {
      const share = (atMs - fromMs) / Math.max(1, toMs - fromMs);
      const at = Math.max(0, Math.min(REASON_BARS - 1, Math.floor(share * REASON_BARS)));
      counts[at] = (counts[at] ?? 0) + (reasons.find((one) => one.reason === reason)?.count ?? 0);
    }
    return counts;
  });
  const highest = Math.max(1, ...counted.flat());
  const rows = refused.map(({ reason, wishes, times, lastAtMs }, at) => {
    const words = `at most ${Math.max(0, ...(counted[at] ?? []))} in a sixtieth of the period`;
    return (
      `<tr><th scope="row">${escaped(reasonWords(reason))}</th>` +
      `<td class="over">${barsPicture(counted[at] ?? [], highest, words)}</td>` +
      `<td class="number">${wishes}</td><td class="number">${times}</td>` +
      `<td class="nowrap">${escaped(instant(lastAtMs))}</td></tr>`
    );
  });
  const head = ['reason', `${clock(fromMs)} to ${clock(toMs)}`, 'wishes', 'times', 'last'];
  return section('Refusals', tableOf(head, rows));
}

function cancels({ cancels: { count, p50Ms, p99Ms, lastMs, recentMs, waiting } }: Report): string {
  const known = (ms: number | null): string => (ms === null ? '–' : length(ms));
  const highest = Math.max(1, ...recentMs);
  const words = `the latest ${recentMs.length} cancellations, at most ${length(highest)}`;
  const picture =
    recentMs.length === 0
      ? ''
      : `<figure class="tall">${barsPicture(recentMs, highest, words)}` +
        `<figcaption>${escaped(words)}</figcaption></figure>`;
  return section(
    'Cancel latency',
    facts([
      ['p50', known(p50Ms)],
      ['p99', known(p99Ms)],
      ['last', known(lastMs)],
      ['confirmed', count],
      ['not confirmed yet', waiting],
    ]) + picture,
  );
}

function events({ events: all, moreEvents }: Report): string {
  if (all.length === 0) return section('Halts and other events', '<p>None in the period.</p>');
  const rows = all.map(
    (event) =>
      `<tr><td class="nowrap">${escaped(timeOf(event))}</td>` +
      `<td class="nowrap">${escaped(event.type.replaceAll('_', ' '))}</td>` +
      `<td class="what">${escaped(event.sentence)}</td></tr>`,
  );
  const more = moreEvents > 0 ? `<p class="soft">and ${moreEvents} earlier ones</p>` : '';
  return section('Halts and other events', tableOf(['time', 'event', 'what'], rows) + more);
}
