/** The figures as the table of docs/rules.md, 6.5. */
import type { Figures } from './figures.ts';

export type Result = { name: string; figures: Figures };

const MONTH_HOURS = 720;

const HEAD = [
  'setting',
  'steals an hour',
  'plans robbed twice or more',
  'cycles of symbols a month',
  'of plans',
  'cancels for nothing',
  'cancels that missed a fill',
  'forecast filled',
];

export function tableOf(results: readonly Result[]): string {
  const without = results.find(({ figures }) => figures.steals === 0)?.figures;
  const rows = results.map(({ name, figures }) => [name, ...cellsOf(figures, without)]);
  return [HEAD, HEAD.map((_, at) => (at === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function cellsOf(figures: Figures, without: Figures | undefined): string[] {
  const { hours, steals, cancels, robbedPlans, robbedAgain, forNothing, missed } = figures;
  const aMonth = (count: number): string => ((count * MONTH_HOURS) / hours).toFixed(0);
  const more = without === undefined ? '' : signed(figures.filledForecast / without.filledForecast - 1);
  if (steals === 0) return ['0', '', '', '', '', '', without === figures ? '100 %' : more];
  return [
    (steals / hours).toFixed(2),
    share(robbedAgain, robbedPlans),
    aMonth(figures.cycles),
    aMonth(figures.planCycles),
    share(forNothing, cancels),
    share(missed, cancels),
    more,
  ];
}

function share(part: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(0)} %`;
}

function signed(share: number): string {
  return `${share < 0 ? '-' : '+'}${Math.abs(100 * share).toFixed(1)} %`;
}
