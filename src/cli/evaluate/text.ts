/** The answer for a terminal: facts, a table and sentences for each size. */
import { counted } from '../../domain/amounts.ts';
import { POLICY_WORDS } from '../../evidence/policies.ts';
import { bps, hasInterval, LEAST_DAYS, VERDICTS, type Verdict } from '../../evidence/verdict.ts';
import type { Section } from '../../inspection/reading.ts';
import { percent } from '../report/words.ts';
import type { Evaluation, PolicyFields, SizeFields } from './document.ts';
import { calibrated, classWords, dataWords, notesOf, sizeWords, worthWords } from './words.ts';

export function sectionsOf(evaluation: Evaluation): Section[] {
  return [
    facts(evaluation),
    ...evaluation.sizes.flatMap((size) => [differences(size), findings(size), steals(size), blocked(size)]),
    calibration(evaluation),
    outliers(evaluation),
    { ...texts('policies'), rows: Object.entries(POLICY_WORDS).map(([name, words]) => [name, words]) },
    { ...texts('notes'), rows: notesOf(evaluation).map((note) => [note]) },
  ].filter(({ rows }) => rows.length > 0);
}

const texts = (title: string | null): Section => ({
  ...{ title, head: [], align: 'll', rows: [], importance: [], more: 0 },
});

function facts(evaluation: Evaluation): Section {
  const { seed, seeds, draws, meanBlockDays } = evaluation;
  return {
    ...texts(null),
    rows: [
      ...dataWords(evaluation.data),
      ['judged', `${counted(evaluation.dayStartsMs.length, 'day')} with a plan`],
      ['path seeds', `${seed} .. ${seed + seeds - 1}`],
      ['intervals', `${draws} samples of the days, blocks of ${meanBlockDays} days on average, seed ${seed}`],
    ],
  };
}

/** Does it stand after the correction? */
const stands = (verdict: Verdict): boolean => verdict === 'earns' || verdict === 'loses';

function differences(size: SizeFields): Section {
  const costs = size.policies[0]?.differences ?? [];
  const rows = size.policies.map(({ policy, differences: all, impossible }) => {
    const [first] = all;
    const cells = all.map(({ mean, low, high, verdict }) =>
      hasInterval(verdict)
        ? `${bps(mean)} (${bps(low)} .. ${bps(high)})${stands(verdict) ? ' *' : ''}`
        : bps(mean),
    );
    const name = impossible ? `${policy} (impossible)` : policy;
    if (first !== undefined && !hasInterval(first.verdict)) return [name, ...cells, '-', '-', '-'];
    const corrected = first?.correctedP ?? null;
    return [
      name,
      ...cells,
      first === undefined ? '-' : pWords(first.p),
      corrected === null ? '-' : pWords(corrected),
      first === undefined ? '-' : bps(first.couldSee, false),
    ];
  });
  return {
    title: `${sizeWords(size)}; less none, bps of equity a day`,
    head: ['POLICY', ...costs.map(({ costBps }) => `COST ${costBps} BPS`), 'P', 'CORRECTED', 'COULD SEE'],
    align: `l${'r'.repeat(costs.length)}rrr`,
    importance: [1, ...costs.map((_, at) => (at === 0 ? 1 : 2 + at)), 3, 2, 2],
    rows,
    more: 0,
  };
}

const pWords = (p: number): string => (p < 0.001 ? '<0.001' : p.toFixed(3));

const FINDINGS: Readonly<Record<Verdict, string>> = {
  too_few_days: `less than ${LEAST_DAYS} days: too few to tell`,
  earns: 'earn more than first come',
  loses: 'earn less than first come',
  not_after_correction: 'differ, but one of so many would by chance',
  not_distinguishable: 'not distinguishable from zero',
  not_scarce: '0, as nobody was refused',
  no_fills: 'cannot be told, as no limit traded',
  same: '0, as they decided nothing else',
  nothing_came_of_it: '0, as no order earned more or less for what they decided',
  impossible: 'impossible, the upper bound',
};

/** The policies by what may be said of them, at the first cost; and what they are compared with. */
function findings({ policies, noneEarnedBps }: SizeFields): Section {
  const rows = VERDICTS.flatMap((verdict) => {
    const some = policies.filter(({ differences: [first] }) => first?.verdict === verdict);
    if (some.length === 0) return [];
    const names = some.map(({ policy, differences: [first] }) =>
      verdict === 'not_distinguishable' && first !== undefined
        ? `${policy} (could have seen ${bps(first.couldSee, false)})`
        : policy,
    );
    return [[FINDINGS[verdict], names.join('; ')]];
  });
  const cost = policies[0]?.differences[0]?.costBps ?? 0;
  rows.push(['first come earns', `${bps(noneEarnedBps)} bps of equity a day, before costs`]);
  return { ...texts(`at a cost of ${cost} bps a fill`), rows };
}

function steals({ policies, scarce }: SizeFields): Section {
  const thieves = policies.filter(({ worth }) => worth.steals > 0);
  return {
    title: 'steals',
    head: [
      'POLICY',
      'A DAY',
      'DAYS',
      'WORTH, BPS',
      'FILLED',
      'MISSED',
      'ROBBED',
      'REGRET',
      '1 H',
      '24 H',
      'USE',
    ],
    align: 'lrrrrrrrrrr',
    importance: [1, 1, 4, 1, 3, 5, 5, 2, 6, 7, 4],
    rows: scarce ? thieves.map(stealRow) : [],
    more: 0,
  };
}

function stealRow(of: PolicyFields): string[] {
  const { policy, stealsADay, daysWithSteal, thieves, victims, use } = of;
  const all = thieves.filled + thieves.missed + thieves.robbed;
  const share = (part: number | null): string => (part === null ? '-' : percent(part));
  return [
    policy,
    stealsADay.toFixed(1),
    percent(daysWithSteal),
    worthWords(of),
    ...[thieves.filled, thieves.missed, thieves.robbed].map((part) => share(all === 0 ? null : part / all)),
    ...[victims.tradedInPlan, victims.traded1h, victims.traded24h].map(share),
    percent(use.mean),
  ];
}

/** Why those that were blocked under the policies could take nothing. */
function blocked({ policies, scarce }: SizeFields): Section {
  const some = policies.filter(({ worth, impossible }) => worth.steals > 0 && !impossible);
  return {
    title: 'minutes with somebody blocked, and why it could take nothing',
    head: [
      'POLICY',
      'BLOCKED',
      'TOO FAR',
      'POSITIONS',
      'PROTECTED',
      'FIGHT',
      'NOT BETTER',
      'TOO LITTLE',
      'BUDGET',
    ],
    align: 'lrrrrrrrr',
    importance: [1, 1, 2, 2, 3, 5, 2, 6, 7],
    rows: scarce
      ? some.map(({ policy, blocked: of }) =>
          [of.any, of.tooFar, of.onlyPositions, of.protected, of.fighting, of.notBetter]
            .concat([of.notEnough + of.tooManyVictims, of.budget])
            .map(percent)
            .toSpliced(0, 0, policy),
        )
      : [],
    more: 0,
  };
}

/** At the first size: what a fill returned, by distance and by forecast. */
function calibration(evaluation: Evaluation): Section {
  const first = calibrated(evaluation);
  if (first === undefined) return texts(null);
  const rows = (['byDistance', 'byForecast'] as const).flatMap((by) =>
    first[by]
      .filter(({ placed }) => placed > 0)
      .map(({ from, to, placed, fills, returnBps, forecastBps }) => [
        by === 'byDistance' ? 'distance' : 'forecast',
        classWords(from, to),
        `${placed}`,
        percent(placed === 0 ? 0 : fills / placed),
        returnBps === null ? '-' : bps(returnBps),
        forecastBps === null ? '-' : bps(forecastBps),
      ]),
  );
  return {
    title: `what fills returned under ${first.policy}, bps of the notional`,
    head: ['BY', 'CLASS', 'PLACED', 'FILLED', 'RETURNED', 'FORECAST'],
    align: 'llrrrr',
    importance: [1, 1, 3, 2, 1, 1],
    rows,
    more: 0,
  };
}

function outliers({ outliers: { bound, plans, above, worst } }: Evaluation): Section {
  return {
    title: `${above} of ${plans} plans forecast more than ${percent(bound)}`,
    head: ['SYMBOL', 'BAR', 'FORECAST'],
    align: 'llr',
    importance: [1, 1, 1],
    rows: worst.map(({ symbol, atMs, forecast }) => [
      symbol,
      new Date(atMs).toISOString(),
      percent(forecast),
    ]),
    more: above - worst.length,
  };
}
