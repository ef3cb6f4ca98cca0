/** Plans: a planner's door. A watcher carries them out. */
import { z } from 'zod';
import { WorkstealError } from '../../domain/errors.ts';
import { toSymbol } from '../../domain/symbol.ts';
import { PLANS } from '../../json/plans.ts';
import { filePlan, type Plan, STAGES, withdrawPlan } from '../../ledger/commands/plans.ts';
import { BY_HAND } from '../../ledger/commands/settle.ts';
import { type PlanRecord, readPlan } from '../../ledger/plan-record.ts';
import { missingAccount } from '../../ledger/reconciled.ts';
import { poolOfSymbol } from '../../rules/pools.ts';
import { type Api, doorOf } from '../api.ts';
import { callerOf, personOf, requireNoBots, requireOwn } from '../auth.ts';
import type { Book } from '../book.ts';
import { PAGE_ANSWER, PAGE_QUERY, pageOf } from '../listing.ts';
import { accountParams, answers, named } from '../schema.ts';
import { MODE, PNL, PRICE, PROBABILITY, QUANTITY, SIDE, SYMBOL } from '../terms.ts';

const PLAN_ID = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,48}$/)
  .describe('1 to 48 of A-Z, a-z, 0-9, _ and -');
const ledgerMs = z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0);

const BODY = z
  .strictObject({
    symbol: SYMBOL,
    side: SIDE,
    mode: MODE.default('normal'),
    limit: PRICE,
    qty: QUANTITY,
    pnl: PNL.default('0'),
    fillProbability: PROBABILITY.default('1'),
    takeProfit: z
      .union([PRICE, z.literal('')])
      .default('')
      .describe('USD per unit, at which a filled entry is closed; empty: never'),
    startsAtMs: ledgerMs.describe('ledger time before which it does nothing; 0: at once'),
    expiresAtMs: ledgerMs.describe('ledger time after which an unfilled entry is withdrawn; 0: never'),
    holdMs: z
      .int()
      .min(0)
      .max(3_153_600_000_000)
      .default(0)
      .describe('ms of ledger time after which a filled position is closed at the market; 0: never'),
  })
  .describe('What a plan asks for.');

const FILED = named(
  'PlanFiled',
  z
    .strictObject({
      outcome: z.enum(['filed', 'exists']).describe('exists: it was filed before, and nothing was changed'),
      id: PLAN_ID,
    })
    .describe('The plan is on record.'),
);
const WITHDRAWN = named(
  'PlanWithdrawn',
  z
    .strictObject({
      outcome: z
        .enum(['withdrawn', 'asked', 'exists'])
        .describe('asked: its watcher withdraws it; exists: it has ended, or was asked before'),
      id: PLAN_ID,
    })
    .describe('The plan enters no more; what it holds keeps its exit.'),
);
const PLAN = named(
  'Plan',
  z
    .object({
      ...PLANS.shape.plans.element.shape,
      mode: MODE,
      pool: z.string().describe('its pool besides total; empty: none'),
      takeProfit: z.string().describe('decimal; USD per unit; empty: never'),
      startsAtMs: z.int().describe('ms since 1970, ledger time; 0: at once'),
      expiresAtMs: z.int().describe('ms since 1970, ledger time; 0: never'),
      holdMs: z.int().describe('ms; how long a position is held; 0: no limit'),
      attempt: z.int().describe('of its entry'),
      heldSinceMs: z.int().describe('ms since 1970, ledger time; since when its position is held; 0: none'),
      withdrawAsked: z.boolean().describe('whether its withdrawal was asked for'),
      pausedFor: z.string().describe('why it pauses; empty: it does not'),
      reason: z.string().nullable().describe('why it ended; null: it has not, or no reason was given'),
    })
    .describe('A plan.'),
);
const LIST = named(
  'Plans',
  z
    .strictObject({ plans: z.array(PLANS.shape.plans.element).describe('the page'), ...PAGE_ANSWER })
    .describe('Plans, by id.'),
);
const FILTERS = z.strictObject({
  stage: z
    .enum([...STAGES, 'ended'])
    .optional()
    .describe('ended: the latest that have ended; left out: all that have not'),
  symbol: SYMBOL.optional(),
  strategy: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional()
    .describe('who asked for it: the name of a token, or a strategy of `worksteal plan`'),
  ...PAGE_QUERY,
});
const ENDED: readonly string[] = ['done', 'withdrawn', 'expired', 'ended'];
const PARAMS = accountParams({ id: PLAN_ID });

export function planRoutes(api: Api): void {
  api.get(
    '/plans',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Plans that have not ended, or the latest that have',
        params: accountParams({}),
        querystring: FILTERS,
        response: answers({ 200: LIST }),
      },
    },
    async (request) => {
      const { stage, symbol, strategy, ...query } = request.query;
      const { book } = doorOf(request);
      const ended = ENDED.includes(stage ?? '');
      const wanted = { stage: stage === 'ended' ? undefined : stage, symbol, strategy };
      const found = await matching(book, await book.planIds(ended), wanted);
      const { items, ...rest } = pageOf(found, (id) => [id], query);
      return LIST.parse({ plans: await book.planRows(items, ended), ...rest });
    },
  );
  api.get(
    '/plans/:id',
    {
      config: { scope: 'read' },
      schema: { summary: 'A plan', params: PARAMS, response: answers({ 200: PLAN }) },
    },
    async (request) => {
      const plan = await planOf(request);
      const [row] = await doorOf(request).book.planRows([plan.id], plan.ended);
      if (row === undefined) throw noPlan(plan.id);
      return PLAN.parse({ ...row, ...plan, host: row['host'] ?? null, reason: plan.reason || null });
    },
  );
  api.put(
    '/plans/:id',
    {
      config: { scope: 'trade' },
      schema: {
        summary: 'File a plan; filing it again changes nothing',
        params: PARAMS,
        body: BODY,
        response: answers({ 200: FILED, 201: FILED }, 'contradiction'),
      },
    },
    async (request, reply) => {
      const { ledger, rules } = doorOf(request);
      const { id } = request.params;
      requireNoBots(id);
      const { body } = request;
      const symbol = toSymbol(body.symbol);
      const strategy = callerOf(request).name;
      const plan: Plan = { ...body, id, symbol, strategy, pool: poolOfSymbol(symbol, rules) };
      const outcome = await filePlan(ledger, plan);
      if (outcome === 'unknown') throw await missingAccount(ledger);
      return await reply.code(outcome === 'filed' ? 201 : 200).send({ outcome, id });
    },
  );
  api.delete(
    '/plans/:id',
    {
      config: { scope: 'trade' },
      schema: {
        summary: 'Withdraw a plan; what it holds keeps its exit',
        params: PARAMS,
        response: answers({ 200: WITHDRAWN }),
      },
    },
    async (request) => {
      const { ledger } = doorOf(request);
      const caller = callerOf(request);
      const plan = await planOf(request);
      const isOwn = requireOwn(caller, plan.strategy, `the plan ${plan.id}`);
      const { id } = plan;
      const outcome = isOwn
        ? await withdrawPlan(ledger, id, 'withdrawn')
        : await withdrawPlan(ledger, id, BY_HAND, personOf(caller));
      if (outcome === 'unknown') throw noPlan(id);
      return { outcome, id };
    },
  );
}

type Wanted = { stage: string | undefined; symbol: string | undefined; strategy: string | undefined };

/** Without a filter no record is read. */
async function matching(book: Book, ids: string[], { stage, symbol, strategy }: Wanted): Promise<string[]> {
  if (stage === undefined && symbol === undefined && strategy === undefined) return ids;
  const wanted = symbol === undefined ? undefined : toSymbol(symbol);
  const plans = await book.planEntries(ids);
  return plans
    .filter(
      (plan) =>
        (stage === undefined || plan.stage === stage) &&
        (wanted === undefined || plan.symbol === wanted) &&
        (strategy === undefined || plan.strategy === strategy),
    )
    .map(({ id }) => id);
}

async function planOf(
  request: Parameters<typeof doorOf>[0] & { params: { id: string } },
): Promise<PlanRecord> {
  const { id } = request.params;
  const plan = await readPlan(doorOf(request).ledger, id);
  if (plan === undefined) throw noPlan(id);
  return plan;
}

function noPlan(id: string): WorkstealError {
  return new WorkstealError('unknown', `there is no plan ${id}`, { plan: id });
}
