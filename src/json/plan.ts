import { count, document, flag, list, optional, record, text } from './fields.ts';

const SERIES = {
  id: optional(text("the plan's id; not in a dry run")),
  strategy: text('its strategy'),
  symbol: text('its symbol'),
  side: text('buy or sell'),
};

const TERMS = {
  limit: text('its limit'),
  qty: text('its quantity'),
  pnl: text('its forecasted PnL'),
  fillProbability: text('the probability that its limit trades, 0 to 1'),
  mode: text('normal or probe'),
  takeProfit: text('empty: none'),
  pool: text('empty: total alone'),
  expires: text('an ISO time; empty: never'),
};

const CHANGE = record({ old: text('before'), new: text('now') });

export const PLAN = document('What a filing of forecasts changed, or would change.', {
  dryRun: flag('nothing was filed'),
  strategies: list(text('a strategy'), 'whose plans were compared'),
  rows: count('rows that were read'),
  new: list(record({ ...SERIES, line: count('of the file'), ...TERMS }), 'plans that were filed'),
  changed: list(
    record({
      ...SERIES,
      line: count('of the file'),
      replaces: text('the plan whose place it takes'),
      stage: text('of the plan that it replaces'),
      changes: record({
        limit: optional(CHANGE.describe('its limit')),
        qty: optional(CHANGE.describe('its quantity')),
        pnl: optional(CHANGE.describe('its forecasted PnL')),
        fillProbability: optional(CHANGE.describe('the probability that its limit trades')),
        mode: optional(CHANGE.describe('its mode')),
        takeProfit: optional(CHANGE.describe('its take-profit')),
        pool: optional(CHANGE.describe('its pool')),
        expires: optional(CHANGE.describe('its expiry')),
      }).describe('the fields that differ'),
    }),
    'plans that took the place of others',
  ),
  withdrawn: list(record({ ...SERIES, stage: text('its stage'), ...TERMS }), 'plans that were withdrawn'),
  kept: count('plans that are as they were'),
  stayed: count('plans that are not in the file, and stay since it is not complete'),
  refusedCount: count('rows that were refused'),
  refused: list(record({ line: count('of the file'), message: text('a sentence') }), 'the first 1000'),
  warnings: list(text('a sentence'), 'what was changed or ignored'),
});
