import { z } from 'zod';
import { count, document, flag, list, orNull, record, share, text, word } from './fields.ts';

/** As src/evidence/verdict.ts and read-market.ts have them. */
const VERDICTS = [
  'too_few_days',
  'earns',
  'loses',
  'not_after_correction',
  'not_distinguishable',
  'not_scarce',
  'no_fills',
  'same',
  'nothing_came_of_it',
  'impossible',
] as const;

const bps = (meaning: string) => z.number().describe(`bps of equity; ${meaning}`);
const dataMs = (meaning: string) => z.int().describe(`ms since 1970, time of the data; ${meaning}`);
const number = (meaning: string) => z.number().describe(meaning);
const minutes = (meaning: string) => share(`of the minutes with somebody blocked, in which ${meaning}`);

const CALIBRATION = list(
  record({
    from: orNull(share('the least of the class'), 'the first class'),
    to: orNull(share('what is below the next class'), 'the last class'),
    placed: count('orders that were placed, over all path seeds'),
    fills: count('of them, those that filled'),
    returnBps: orNull(number('bps of the notional; mean return given a fill'), 'no fill'),
    forecastBps: orNull(number('bps of the notional; mean forecast of those that filled'), 'no fill'),
  }),
  'what orders returned once they had filled',
);

const DIFFERENCE = record({
  costBps: number('bps of the notional of each fill'),
  mean: bps('a day, the policy less none'),
  low: bps('2.5 % of the drawn means are below'),
  high: bps('2.5 % of the drawn means are above'),
  standardError: bps('of the mean'),
  p: number('two-sided, of a difference of 0'),
  correctedP: orNull(number('the same, for having tried all policies of this size'), 'an impossible policy'),
  couldSee: bps('the smallest effect that the days could show: 2.8 standard errors'),
  verdict: word('what may be said of it', VERDICTS),
});

const POLICY = record({
  policy: text('its name'),
  impossible: flag('it knows the future'),
  differences: list(DIFFERENCE, 'at each cost'),
  earnedBps: bps('a day, before costs; the policy itself'),
  turnover: share('of the equity that a day turns over, entry and exit each'),
  stealsADay: number('steals a day'),
  daysWithSteal: share('of the days, mean over the path seeds'),
  worth: record({
    meanBps: bps("of a steal: the thief's return less the victims', where their limits traded"),
    lowBps: bps('of its 95 % interval, by days'),
    highBps: bps('of its 95 % interval, by days'),
    steals: count('over all path seeds'),
  }).describe('the paired worth of a steal'),
  thieves: record({
    filled: count('over all path seeds'),
    missed: count('over all path seeds'),
    robbed: count('in turn, over all path seeds'),
  }).describe('what became of the thieves'),
  victims: record({
    all: count('over all path seeds'),
    tradedInPlan: orNull(share('of them, whose limit traded within their own plan'), 'no victims'),
    traded1h: orNull(share('of them, whose limit traded within an hour'), 'no victims'),
    traded24h: orNull(share('of them, whose limit traded within 24 hours'), 'no victims'),
  }).describe('regret'),
  use: record({
    mean: share('of the cap, mean over the minutes'),
    positions: share('of the cap, in positions'),
    max: share('of the cap, at most'),
  }).describe('of the cap'),
  blocked: record({
    any: share('of the minutes, with somebody within tolerance and without room'),
    tooFar: minutes('a plan was too far from its limit to steal'),
    onlyPositions: minutes('only positions were in the book'),
    protected: minutes('every order was protected'),
    fighting: minutes('it would have been a fight'),
    notBetter: minutes('no order was worse by enough'),
    notEnough: minutes('too little would have come free'),
    tooManyVictims: minutes('too many victims were needed'),
    budget: minutes('the budget was spent'),
  }).describe('why it could take none; a minute may count for several reasons'),
  placed: count('orders, over all path seeds'),
  fills: count('entries, over all path seeds'),
  byDistance: CALIBRATION.describe('by how far the price was from the limit when the order was placed'),
  byForecast: CALIBRATION.describe('by the forecast, as a share of the notional'),
  dailyBps: list(number('bps of equity'), 'for each day, less none, before costs'),
  dailyTurnover: list(number('share of equity'), 'for each day, less none'),
});

const PLANS = ['rows', 'made', 'both', 'journal'] as const;
const PATHS = ['data', 'model', 'both', 'journal'] as const;

const JOURNAL = record({
  decisions: count('that were read'),
  missing: count('decisions that the recorder missed'),
  cut: count('decisions over too large a book, which tell no prices'),
  cutOff: count('files whose last line is cut off'),
  quotes: count('prices that decisions told'),
  unseen: count('of them, in a rest of less than an hour before a plan: not used'),
  judged: count('plans with a price when they began, and at least one in the hour behind it'),
  left: record({
    sales: count('short sales'),
    probes: count('small test orders'),
    withoutGain: count('a forecast of 0 or less'),
    overtaken: count('another plan of the symbol came before they began'),
    unpriced: count('no price when they began, or none in the hour behind it'),
  }).describe('plans that are not judged, by why'),
}).describe('of a journal');

export const EVIDENCE_DATA = record({
  name: text('the folder, the journals, or the made-up market'),
  symbols: count('with at least one bar'),
  bars: count('of an hour'),
  days: count('of UTC, with at least one bar'),
  fromMs: dataMs('the first day'),
  toMs: dataMs('the end of the last day'),
  plans: word(
    'where plans come from: rows, the volatility of the past, or the decisions of a journal',
    PLANS,
  ),
  paths: word('where minutes come from: minutes, a model of them, or the quotes of a journal', PATHS),
  unusable: count('rows whose sell limit is not above their buy limit: no plan'),
  journal: orNull(JOURNAL, 'no journal'),
}).describe('what was read');

export const EVALUATE = document('What each policy earns against first come, first served.', {
  data: EVIDENCE_DATA,
  seed: count('of the first path; the others follow. Also that of the drawn samples'),
  seeds: count('how many paths'),
  draws: count('samples that were drawn for the intervals'),
  meanBlockDays: count('the mean length of a block of days'),
  dayStartsMs: list(dataMs('the begin of the day'), 'ms since 1970, time of the data; the days'),
  outliers: record({
    bound: share('of the notional'),
    ranked: flag('whether forecasts above it ranked as the bound'),
    plans: count('all'),
    above: count('whose forecast is above the bound'),
    worst: list(
      record({
        symbol: text('whose'),
        atMs: dataMs('the bar'),
        forecast: share('of the notional'),
      }),
      'the highest, at most ten',
    ),
  }).describe('forecasts beyond a bound, of plans that rows give'),
  sizes: list(
    record({
      size: orNull(share('of the equity, the notional of each order'), 'as each plan says'),
      scarce: flag('some plan was refused for want of room'),
      blocked: share('of the minutes, with somebody blocked, under none'),
      noneEarnedBps: bps('a day, before costs, under none'),
      policies: list(POLICY, 'each against none'),
    }),
    'the sizes that were asked for',
  ),
});

export const SELF_TEST = document('With --self-test: whether the evaluation can be believed.', {
  seed: count('of the controls'),
  passed: flag('all of them'),
  controls: list(
    record({ control: text('its name'), passed: flag('or not'), says: text('what was found') }),
    'the controls',
  ),
});
