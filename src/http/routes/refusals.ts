/** The last refusal of each plan, or of an order that names none, within an hour. */
import { z } from 'zod';
import { explain, REFUSALS } from '../../domain/outcome.ts';
import { toSymbol } from '../../domain/symbol.ts';
import { fromLedger, LEDGER_FIELDS } from '../../json/from-ledger.ts';
import { type Api, doorOf } from '../api.ts';
import type { RefusalRecord } from '../book.ts';
import { PAGE_ANSWER, PAGE_QUERY, pageOf } from '../listing.ts';
import { accountParams, answers, named } from '../schema.ts';
import { SYMBOL } from '../terms.ts';

const REASON = z.enum(REFUSALS).describe('docs/rules.md, 10');
const REFUSAL = z.strictObject({
  id: z.string().describe('the plan, or the order if it names no plan'),
  order: z.string().describe('the order that was refused'),
  symbol: z.string().describe('its symbol'),
  reason: REASON,
  sentence: z.string().describe('the reason for people'),
  atMs: z.int().describe('ms since 1970, ledger time; the last time'),
  firstAtMs: z.int().describe('ms since 1970, ledger time; the first time'),
  times: z.int().describe('how often'),
  numbers: LEDGER_FIELDS.describe('what was asked, and what was judged'),
});
const LIST = named(
  'Refusals',
  z
    .strictObject({ refusals: z.array(REFUSAL).describe('the page'), ...PAGE_ANSWER })
    .describe('Refusals, the latest first.'),
);
const FILTERS = z.strictObject({ reason: REASON.optional(), symbol: SYMBOL.optional(), ...PAGE_QUERY });

export function refusalRoutes(api: Api): void {
  api.get(
    '/refusals',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'What was refused last, and why',
        params: accountParams({}),
        querystring: FILTERS,
        response: answers({ 200: LIST }),
      },
    },
    async (request) => {
      const { reason, symbol: text, ...query } = request.query;
      const symbol = text === undefined ? undefined : toSymbol(text);
      const found = (await doorOf(request).book.refusals()).filter(
        ({ fields }) =>
          (reason === undefined || fields['reason'] === reason) &&
          (symbol === undefined || fields['symbol'] === symbol),
      );
      const { items, ...rest } = pageOf(found, ({ atMs, id }) => [-atMs, id], query);
      return LIST.parse({ refusals: items.map(answerOf), ...rest });
    },
  );
}

function answerOf({ id, atMs, fields }: RefusalRecord) {
  const { order, symbol, reason, at_ms: _, first_at_ms, times, ...numbers } = fields;
  const known = REASON.safeParse(reason);
  return {
    id,
    order,
    symbol,
    reason,
    sentence: known.success ? explain(known.data) : '',
    atMs,
    firstAtMs: Number(first_at_ms ?? atMs),
    times: Number(times ?? 1),
    numbers: fromLedger(numbers),
  };
}
