/** The report for a terminal: facts, small bars, tables. */
import { usd } from '../../domain/amounts.ts';
import type { Section } from '../../inspection/reading.ts';
import type { Report } from './read.ts';
import { cameToWords, methodWords } from './regret.ts';
import { clock, instant, length, notesOf, percent, periodOf, reasonWords, timeOf } from './words.ts';

const BLOCKS = ' ▁▂▃▄▅▆▇█';
const WIDEST = 60;
/** What stands before the bars. */
const LABEL = 22;
const REASON_BARS = 24;
const PAIRS = 20;
const EVENTS = 30;

/** @param width the columns of the terminal; undefined: no limit */
export function sectionsOf(report: Report, width: number | undefined): Section[] {
  const columns = Math.max(10, Math.min(WIDEST, (width ?? WIDEST + LABEL) - LABEL));
  return [
    facts(report),
    capacity(report, columns),
    pairs(report),
    cameTo(report),
    refusals(report),
    cancels(report, columns),
    events(report),
    { ...texts('notes'), rows: notesOf(report).map((note) => [note]) },
  ].filter(({ rows }) => rows.length > 0);
}

const texts = (title: string | null): Section => ({
  ...{ title, head: [], align: 'll', rows: [], importance: [], more: 0 },
});

function facts({ account, summary, ...report }: Report): Section {
  const { admits, capMicros, used, roomMicros, mostUsed, steals, granted, failed } = summary;
  const { admitted, filled, fills, ended } = summary;
  const rows = [
    ['account', account],
    ['period', periodOf({ account, summary, ...report })],
    ['admits', admits],
    ['cap', `${usd(capMicros, 0)}, ${percent(used)} used, ${usd(roomMicros, 0)} free`],
    ['most used', mostUsed === null ? 'not known' : percent(mostUsed)],
    ['orders', `${admitted} admitted, ${filled} filled, ${fills - filled} in part, ${ended} ended`],
    ['steals', `${steals}, of them ${granted} granted, ${failed} failed`],
  ];
  return { ...texts(null), rows };
}

function capacity({ capacity: samples, summary }: Report, columns: number): Section {
  const shares = samples
    .filter(({ capMicros }) => capMicros > 0)
    .map(({ capMicros, positionsMicros, ordersMicros }) => (positionsMicros + ordersMicros) / capMicros);
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || shares.length === 0)
    return { ...texts('capacity'), rows: [['of the cap', 'no event tells of it']] };
  return {
    ...texts('capacity'),
    rows: [
      ['of the cap', bars(shares, columns, Math.max(1, ...shares))],
      [
        '',
        `${clock(first.atMs)} to ${clock(last.atMs)}, ` +
          `${percent(Math.min(...shares))} to ${percent(summary.mostUsed ?? 0)}`,
      ],
    ],
  };
}

function pairs({ pairs: all, fights }: Report): Section {
  const fighting = new Set(fights.flatMap(({ symbols: [a, b] }) => [`${a}>${b}`, `${b}>${a}`]));
  const highest = Math.max(1, ...all.map(({ steals }) => steals));
  return {
    title: 'who takes from whom',
    head: ['THIEF', 'VICTIM', 'STEALS', 'GRANTED', 'FAILED', 'GAIN', 'REGRET', 'LAST', 'FIGHT', ''],
    align: 'llrrrrrlll',
    importance: [1, 1, 1, 4, 4, 2, 2, 3, 2, 5],
    rows: all
      .slice(0, PAIRS)
      .map(({ thief, victim, steals, granted, failed, gain, regret, lastAtMs }) => [
        ...[thief, victim, `${steals}`, `${granted}`, `${failed}`, gain, regret, instant(lastAtMs)],
        ...[
          fighting.has(`${thief}>${victim}`) ? 'fight' : '-',
          '█'.repeat(Math.ceil((steals / highest) * 10)),
        ],
      ]),
    more: Math.max(0, all.length - PAIRS),
  };
}

function cameTo({ cameTo: of }: Report): Section {
  if (of.judged === 0 && of.watched === 0) return texts('what steals came to');
  const { regret, gain, watched, judged, evidence } = of;
  return {
    ...texts('what steals came to'),
    rows: [
      ['gain', `$${gain}`],
      ['regret', `$${regret}`],
      ['steals', `${judged} watched to the end, ${watched} still watched`],
      ['a steal', cameToWords(of)],
      ...(evidence === null ? [] : [['by', methodWords(evidence)]]),
    ],
  };
}

function refusals({ refused, refusals: steps, fromMs, toMs }: Report): Section {
  return {
    title: 'refusals',
    head: ['REASON', 'WISHES', 'TIMES', 'LAST', 'WHEN'],
    align: 'lrrll',
    importance: [1, 1, 2, 3, 4],
    rows: refused.map(({ reason, wishes, times, lastAtMs }) => {
      const counts = Array.from({ length: REASON_BARS }, () => 0);
      for (const { atMs, reasons } of steps) {
        const at = Math.floor(((atMs - fromMs) / Math.max(1, toMs - fromMs)) * REASON_BARS);
        const place = Math.max(0, Math.min(REASON_BARS - 1, at));
        counts[place] = (counts[place] ?? 0) + (reasons.find((one) => one.reason === reason)?.count ?? 0);
      }
      const over = bars(counts, REASON_BARS, Math.max(1, ...counts));
      return [reasonWords(reason), `${wishes}`, `${times}`, instant(lastAtMs), `|${over}|`];
    }),
    more: 0,
  };
}

function cancels({ cancels: of }: Report, columns: number): Section {
  const { count, p50Ms, p99Ms, lastMs, recentMs, waiting } = of;
  if (count === 0 && waiting === 0) return texts('cancel latency');
  const known = (ms: number | null): string => (ms === null ? '-' : length(ms));
  return {
    ...texts('cancel latency'),
    rows: [
      ['confirmed', `${count}; p50 ${known(p50Ms)}, p99 ${known(p99Ms)}, last ${known(lastMs)}`],
      ['not confirmed yet', `${waiting}`],
      ...(recentMs.length === 0 ? [] : [['the latest', bars(recentMs, columns, Math.max(1, ...recentMs))]]),
    ],
  };
}

function events({ events: all, moreEvents }: Report): Section {
  return {
    title: 'halts and other events',
    head: ['TIME', 'TYPE', 'WHAT'],
    align: 'lll',
    importance: [1, 2, 1],
    rows: all.slice(-EVENTS).map((event) => [timeOf(event), event.type, event.sentence]),
    more: Math.max(0, all.length - EVENTS) + moreEvents,
  };
}

/** At most `columns` blocks; each stands for the highest of its numbers. What is not zero can be seen. */
function bars(values: readonly number[], columns: number, highest: number): string {
  const per = Math.max(1, values.length / columns);
  const length = Math.min(columns, values.length);
  return Array.from({ length }, (_, at) => {
    const some = values.slice(
      Math.floor(at * per),
      Math.max(Math.floor(at * per) + 1, Math.floor((at + 1) * per)),
    );
    const most = Math.max(0, ...some);
    const level = most === 0 ? 0 : Math.max(1, Math.round((most / highest) * (BLOCKS.length - 1)));
    return BLOCKS[level];
  }).join('');
}
