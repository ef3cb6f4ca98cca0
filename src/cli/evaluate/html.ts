/** The answer as one HTML file: no script, nothing from elsewhere. */
import { counted } from '../../domain/amounts.ts';
import { POLICY_WORDS } from '../../evidence/policies.ts';
import { bps, hasInterval, verdictWords } from '../../evidence/verdict.ts';
import { escaped } from '../report/escape.ts';
import { facts, pageOf, section, tableOf } from '../report/page.ts';
import { percent } from '../report/words.ts';
import type { Evaluation, SizeFields } from './document.ts';
import { forestPicture, sharesPicture, sumPicture } from './pictures.ts';
import { calibrated, classWords, dataWords, notesOf, ordersWords, sizeWords, worthWords } from './words.ts';

/** Of a normal distribution, for 95 %. */
const STANDARD_ERRORS = 1.96;

export function htmlOf(evaluation: Evaluation): string {
  const { data, seed, seeds, draws, meanBlockDays } = evaluation;
  return pageOf({
    title: `worksteal: does stealing pay? ${data.name}`,
    about:
      `${seeds} path seeds from ${seed} on; intervals from ${draws} samples of the days, in blocks of ` +
      `${meanBlockDays} days on average, seed ${seed}`,
    summary: facts([
      ...dataWords(data).map(([name = '', text = '']) => [name, text] as const),
      ['judged', `${counted(evaluation.dayStartsMs.length, 'day')} with a plan`],
    ]),
    main: [
      ...evaluation.sizes.map((size) => sizeSection(size, evaluation)),
      calibration(evaluation),
      outliers(evaluation),
      policies(),
    ],
    notes: notesOf(evaluation),
  });
}

function sizeSection(size: SizeFields, evaluation: Evaluation): string {
  const words = ordersWords(size.size);
  const title = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  const earns = `first come earns ${bps(size.noneEarnedBps)} bps of equity a day before costs`;
  const about = `<p>${escaped(`${sizeWords(size)}; ${earns}`)}.</p>`;
  if (!size.scarce) return section(title, `${about}<p>Stealing earns 0: there was nothing to take.</p>`);
  return section(
    title,
    [about, forests(size), sentences(size), sums(size, evaluation), steals(size), use(size)].join('\n'),
  );
}

/** A picture for each cost. */
function forests({ policies }: SizeFields): string {
  const costs = policies[0]?.differences.map(({ costBps }) => costBps) ?? [];
  return costs
    .map((cost, at) => {
      const rows = policies.flatMap(({ policy, impossible, differences }) => {
        const one = differences[at];
        if (one === undefined || impossible || !hasInterval(one.verdict)) return [];
        const stands = one.verdict === 'earns' || one.verdict === 'loses';
        return [{ name: policy, mean: one.mean, low: one.low, high: one.high, stands }];
      });
      if (rows.length === 0) return '';
      const words = `less first come at ${cost} bps a fill, bps of equity a day, with 95 % intervals`;
      return (
        `<figure class="tall">${forestPicture(rows, 'bps a day', words)}` +
        `<figcaption>${escaped(words)}; full colour: stands after the correction.</figcaption></figure>`
      );
    })
    .join('\n');
}

function sentences({ policies }: SizeFields): string {
  const items = policies.flatMap(({ policy, differences: [first] }) =>
    first === undefined
      ? []
      : [`<li><strong>${escaped(policy)}</strong> ${escaped(verdictWords(first.verdict, first))}.</li>`],
  );
  const cost = policies[0]?.differences[0]?.costBps ?? 0;
  return `<p class="soft">At ${cost} bps a fill:</p><ul>${items.join('')}</ul>`;
}

/** What each policy would have added to the equity, at the first cost. */
function sums({ policies }: SizeFields, { dayStartsMs }: Evaluation): string {
  const figures = policies.flatMap((one) => {
    const [first] = one.differences;
    if (first === undefined || one.impossible || !hasInterval(first.verdict)) return [];
    let sum = 0;
    const all = one.dailyBps.map((value, day) => {
      sum += value - first.costBps * (one.dailyTurnover[day] ?? 0);
      return sum;
    });
    const atEnd = STANDARD_ERRORS * first.standardError * dayStartsMs.length;
    const days = dayStartsMs.length;
    const chance = `chance alone ${bps(atEnd, false)}`;
    const words = `${one.policy}: ${bps(sum)} bps of equity in ${days} days, ${chance}`;
    return [
      `<figure class="tall">${sumPicture(all, atEnd, words)}` +
        `<figcaption>${escaped(words)}</figcaption></figure>`,
    ];
  });
  if (figures.length === 0) return '';
  return (
    '<p class="soft">Difference of the equity, day by day, at the first cost; grey: where chance alone ' +
    `would keep it 95 times in 100.</p>${figures.join('\n')}`
  );
}

function steals({ policies }: SizeFields): string {
  const rows = policies
    .filter(({ worth }) => worth.steals > 0)
    .map((of) => {
      const { policy, stealsADay, daysWithSteal, thieves, victims } = of;
      const all = thieves.filled + thieves.missed + thieves.robbed;
      const fates = [thieves.filled, thieves.missed, thieves.robbed].map((part) => percent(part / all));
      const regret = victims.tradedInPlan ?? 0;
      const words = `${percent(regret)} of the victims would have filled in their own plan`;
      return rowOf(policy, [
        number(stealsADay.toFixed(1)),
        number(percent(daysWithSteal)),
        number(worthWords(of)),
        ...fates.map(number),
        `<td class="over">${sharesPicture([['cancelling', regret]], words)}</td>`,
        number(percent(regret)),
        number(percent(victims.traded1h ?? 0)),
        number(percent(victims.traded24h ?? 0)),
      ]);
    });
  const head = [
    'policy',
    'steals a day',
    'days',
    'worth, bps',
    'filled',
    'missed',
    'robbed',
    'regret',
    '',
    '1 h',
    '24 h',
  ];
  return rows.length === 0 ? '<p>No policy stole.</p>' : tableOf(head, rows);
}

function use({ policies }: SizeFields): string {
  const rows = policies.map(({ policy, use: of, blocked }) => {
    const orders = Math.max(0, of.mean - of.positions);
    const words = `${percent(of.positions)} of the cap in positions, ${percent(orders)} in orders`;
    return rowOf(policy, [
      `<td class="over">${sharesPicture(
        [
          ['positions', of.positions],
          ['working', orders],
        ],
        words,
      )}</td>`,
      number(percent(of.mean)),
      number(percent(of.max)),
      number(percent(blocked.any)),
      number(percent(blocked.tooFar)),
      number(percent(blocked.onlyPositions)),
      number(percent(blocked.notBetter)),
    ]);
  });
  const head = [
    'policy',
    'use of the cap',
    'mean',
    'most',
    'blocked',
    'too far',
    'only positions',
    'not better',
  ];
  return tableOf(head, rows);
}

function calibration(evaluation: Evaluation): string {
  const first = calibrated(evaluation);
  if (first === undefined) return '';
  const rows = (['byDistance', 'byForecast'] as const).flatMap((by) =>
    first[by]
      .filter(({ placed }) => placed > 0)
      .map(({ from, to, placed, fills, returnBps, forecastBps }) =>
        rowOf(by === 'byDistance' ? 'distance' : 'forecast', [
          number(classWords(from, to)),
          number(`${placed}`),
          number(percent(fills / placed)),
          number(returnBps === null ? '–' : bps(returnBps)),
          number(forecastBps === null ? '–' : bps(forecastBps)),
        ]),
      ),
  );
  const head = ['by', 'class', 'placed', 'filled', 'returned, bps of the notional', 'forecast, bps'];
  return section(`What fills returned under ${first.policy}`, tableOf(head, rows));
}

function outliers({ outliers: { bound, plans, above, worst } }: Evaluation): string {
  if (above === 0) return '';
  const rows = worst.map(({ symbol, atMs, forecast }) =>
    rowOf(symbol, [`<td>${new Date(atMs).toISOString()}</td>`, number(percent(forecast))]),
  );
  return section(
    `${above} of ${plans} plans forecast more than ${percent(bound)}`,
    tableOf(['symbol', 'bar', 'forecast'], rows),
  );
}

function policies(): string {
  const rows = Object.entries(POLICY_WORDS).map(([name, words]) =>
    rowOf(name, [`<td>${escaped(words)}</td>`]),
  );
  return section('The policies', tableOf(['policy', 'what it does'], rows));
}

const number = (text: string): string => `<td class="number">${escaped(text)}</td>`;

const rowOf = (name: string, cells: readonly string[]): string =>
  `<tr><th scope="row">${escaped(name)}</th>${cells.join('')}</tr>`;
