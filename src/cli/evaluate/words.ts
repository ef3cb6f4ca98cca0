/** Sentences and numbers that the answer has as text and as HTML. */
import { bps } from '../../evidence/verdict.ts';
import { leftWords } from '../../journal/left-words.ts';
import { percent } from '../report/words.ts';
import type { Evaluation, SizeFields } from './document.ts';
import type { Data } from './market.ts';

type Journal = NonNullable<Data['journal']>;

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const PLANS: Readonly<Record<Data['plans'], string>> = {
  rows: 'from the rows',
  made: 'made from the volatility of the past: limit 0.2 to 1.5 deviations below the close, target 0.5 above',
  both: 'from the rows where a file has them, else made from the volatility of the past',
  journal: 'from decisions: limit, size, and the target where the forecast is earned',
};

const PATHS: Readonly<Record<Data['paths'], string>> = {
  data: 'minutes as given',
  model: 'minutes drawn to fit each bar',
  both: 'minutes as given where a file has them, else drawn to fit each bar',
  journal: 'the quotes that decisions saw; unchanged between two of them',
};

/** Label and text. */
export function dataWords({
  name,
  symbols,
  bars,
  days,
  fromMs,
  toMs,
  plans,
  paths,
  journal,
}: Data): string[][] {
  return [
    ['data', `${name}: ${symbols} symbols, ${bars} hours`],
    ['days', `${days}, ${day(fromMs)} to ${day(toMs - 1)}`],
    ['plans', PLANS[plans]],
    ['paths', PATHS[paths]],
    ...(journal === null ? [] : journalWords(journal)),
  ];
}

function journalWords({ decisions, missing, cut, cutOff, judged, left, quotes, unseen }: Journal) {
  const some = leftWords(left);
  const lost = [
    ...(missing > 0 ? [`${missing} missed by the recorder`] : []),
    ...(cut > 0 ? [`${cut} over too large a book`] : []),
    ...(cutOff > 0 ? [`the last line of ${cutOff} files cut off`] : []),
  ];
  return [
    ['decisions', [`${decisions}`, ...lost].join('; ')],
    ['plans judged', `${judged}${some === '' ? '' : `; left out: ${some}`}`],
    ['quotes', `${quotes}${unseen === 0 ? '' : `; ${unseen} lie in no whole hour and are not used`}`],
  ];
}

/** The policy whose fills are told of: the ledger's default. */
export const calibrated = ({ sizes }: Evaluation): SizeFields['policies'][number] | undefined =>
  sizes[0]?.policies.find(({ policy }) => policy === 'pnl') ?? sizes[0]?.policies[0];

/** A class of distances or forecasts. */
export function classWords(from: number | null, to: number | null): string {
  const words = (edge: number | null): string => (edge === null ? '' : `${(edge * 100).toFixed(2)}%`);
  return `${words(from)} .. ${words(to)}`.trim();
}

/** Of a steal; without the interval of too few days. */
export function worthWords({ worth, differences }: SizeFields['policies'][number]): string {
  const isTold = differences[0]?.verdict !== 'too_few_days';
  return `${bps(worth.meanBps)}${isTold ? ` (${bps(worth.lowBps)} .. ${bps(worth.highBps)})` : ''}`;
}

export function sizeWords({ size, scarce, blocked }: SizeFields): string {
  const room = scarce
    ? `somebody lacks room in ${percent(blocked)} of the minutes`
    : 'capacity is not scarce: nobody was refused';
  return `${ordersWords(size)}: ${room}`;
}

/** @param size share of the equity; null: as each plan says */
export const ordersWords = (size: number | null): string =>
  size === null ? 'orders as large as the plans say' : `orders of ${sharesWords(size)}`;

export const sharesWords = (size: number | null): string =>
  size === null ? 'as large as the plans say' : `${percent(size)} of equity`;

/** What a journal does not tell. */
const JOURNAL_NOTES = [
  'a journal has prices at decisions alone, of symbols that asked or whose orders worked: what the price ' +
    'did between two quotes is not known, and limits that traded there count as not traded',
  'fills on record are not used: under another policy others would have filled, so prices decide for all',
  'behind the last quote of a symbol nothing is known: what is still held is sold at it',
  'plans that were refused seldom have a later price, so those judged are not a fair sample of all',
  'rules and cap are the defaults, not those of the recorded account; each plan lasts an hour',
];

/** What the numbers mean, and what they leave out. */
export function notesOf({ data, outliers, sizes }: Evaluation): string[] {
  const policies = (sizes[0]?.policies ?? []).filter(({ impossible }) => !impossible).length;
  return [
    'a difference is the mean over the days of what a policy earns less what none earns, booked on the ' +
      'day of the entry; * marks one that stands after the correction',
    `corrected: for having tried ${policies} policies at one size and cost, not for the sizes and costs`,
    'could see: the smallest difference that so many days show four times in five (2.8 standard errors)',
    "worth: the thief's return if its limit traded, less the victims' if theirs would have; interval by days",
    'regret: victims whose limit traded after the cancel, within their own plan, an hour and 24 hours; ' +
      'within a day almost every limit trades',
    'hindsight knows the future: no rule can be as good; it only shows how much there is to gain',
    ...(data.journal === null ? [] : JOURNAL_NOTES),
    ...(data.unusable > 0
      ? [`${data.unusable} rows are no plan: their sell limit is not above their buy limit`]
      : []),
    ...(outliers.above > 0 && !outliers.ranked
      ? ['extreme forecasts rank as they are; --cap-forecasts ranks them as the bound']
      : []),
  ];
}
