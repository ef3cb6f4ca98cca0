/** Orders: a bot gets room, places, renews, gives back and cancels. Submissions stay inside the server. */
import { z } from 'zod';
import type { Entered, Placed } from '../../coordinator/coordinator.ts';
import { WorkstealError } from '../../domain/errors.ts';
import { isFinal, type OrderState, type OrderWish } from '../../domain/order.ts';
import { explain, type Outcome } from '../../domain/outcome.ts';
import { toSymbol } from '../../domain/symbol.ts';
import { fromLedger } from '../../json/from-ledger.ts';
import { ledgerIdNamed } from '../../ledger/bot-ids.ts';
import { cancel } from '../../ledger/commands/cancel.ts';
import { releasePlaced } from '../../ledger/commands/release.ts';
import { renew } from '../../ledger/commands/renew.ts';
import { BY_HAND } from '../../ledger/commands/settle.ts';
import type { LedgerOrder } from '../../ledger/commands/snapshot.ts';
import { missing } from '../../ledger/reconciled.ts';
import { poolOfSymbol } from '../../rules/pools.ts';
import type { AccountDoor } from '../account-door.ts';
import { type Api, doorOf } from '../api.ts';
import { callerOf, ownerOf, personOf, requireNoBots } from '../auth.ts';
import { PAGE_QUERY, pageOf } from '../listing.ts';
import {
  CANCELLED,
  ENTERED,
  ORDER,
  ORDER_LIST,
  PENDING,
  PLACED,
  RELEASED,
  RENEWED,
  WAIT_QUERY,
  WISH,
} from '../order-schemas.ts';
import { accountParams, answers, ID, NAMED_ORDER } from '../schema.ts';
import { SYMBOL } from '../terms.ts';
import { includes } from '../tokens.ts';
import { notOwn, orderOf, ownOrder, requireFree } from './order-lookup.ts';

const PARAMS = accountParams({ id: ID });
const NAMED_PARAMS = accountParams({ id: NAMED_ORDER });
const FILTERS = z.strictObject({
  state: z
    .enum(['pending', 'reserved', 'working', 'cancelling', 'ended'])
    .optional()
    .describe('ended: the latest ended ones; left out: those that count'),
  symbol: SYMBOL.optional(),
  ...PAGE_QUERY,
});

export function orderRoutes(api: Api): void {
  api.get(
    '/orders',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Orders that count, or the latest ended ones',
        params: accountParams({}),
        querystring: FILTERS,
        response: answers({ 200: ORDER_LIST }),
      },
    },
    async (request) => {
      const { state, symbol: text, ...query } = request.query;
      const { book } = doorOf(request);
      const ended = state === 'ended';
      const symbol = text === undefined ? undefined : toSymbol(text);
      const found = (await (ended ? book.endedOrders() : book.liveOrders())).filter(
        (order) =>
          (symbol === undefined || order.symbol === symbol) &&
          (ended || state === undefined || order.state === state),
      );
      const { items, ...rest } = pageOf(
        found,
        ({ id, pnl, createdAtMs, endedAtMs }) => (ended ? [-endedAtMs, id] : [pnl, createdAtMs, id]),
        query,
      );
      const orders = await book.orderRows(
        items.map(({ id }) => id),
        ended,
      );
      return ORDER_LIST.parse({ orders, ...rest });
    },
  );
  api.get(
    '/orders/:id',
    {
      config: { scope: 'read' },
      schema: { summary: 'An order', params: NAMED_PARAMS, response: answers({ 200: ORDER }) },
    },
    async (request) => {
      const { ledger, book } = doorOf(request);
      let order = await orderOf(ledger, ledgerIdNamed(request.params.id));
      let [row] = await book.orderRows([order.id], isFinal(order.state));
      if (row !== undefined && !isFinal(order.state) && isFinal(row['state'] as OrderState)) {
        // It has ended since, and an ended one is shown with more.
        order = await orderOf(ledger, order.id);
        [row] = await book.orderRows([order.id], true);
      }
      if (row === undefined) throw await missing(ledger, `order ${order.id}`);
      const { needMicros, filledMicros, endedAtMs, sentAtMs, owner, cancelReason } = order;
      const more = { needMicros, filledMicros, endedAtMs, sentAtMs, owner, cancelReason };
      return ORDER.parse({ ...row, ...more });
    },
  );
  changingRoutes(api);
  enterRoute(api);
}

function enterRoute(api: Api): void {
  api.put(
    '/orders/:id',
    {
      config: { scope: 'trade' },
      schema: {
        summary: 'Get room for an order; the same request again continues it, and changes nothing twice',
        params: PARAMS,
        querystring: WAIT_QUERY,
        body: WISH,
        response: answers({ 200: ENTERED, 202: PENDING }, 'contradiction'),
      },
    },
    async (request, reply) => {
      const door = doorOf(request);
      const { id } = request.params;
      const owner = ownerOf(callerOf(request));
      door.requireTrading();
      requireNoBots(id);
      await requireFree(door.ledger, id, owner);
      const symbol = toSymbol(request.body.symbol);
      const pool = poolOfSymbol(symbol, door.rules);
      const wish: OrderWish = { ...request.body, id, symbol, owner, ...(pool !== '' && { pool }) };
      const entered = await door.entering.enter(wish, request.query.waitMs);
      if (entered === undefined) return await reply.code(202).send({ outcome: 'pending', id });
      return await reply.code(200).send(resultOf(id, entered, door));
    },
  );
}

function changingRoutes(api: Api): void {
  api.post(
    '/orders/:id/place',
    {
      config: { scope: 'trade' },
      schema: {
        summary: 'Send a reserved order to the broker',
        params: PARAMS,
        response: answers({ 200: PLACED }, 'unclear'),
      },
    },
    async (request) => {
      const { ledger, coordinator, requireTrading } = doorOf(request);
      requireTrading();
      const order = await ownOrder(ledger, request.params.id, callerOf(request));
      const { id } = order;
      // Not the client's connection: an order that was sent is followed to its answer.
      const placed = await coordinator.place(wishOf(order), new AbortController().signal);
      if (placed.outcome !== 'unclear') return placedAnswer(id, placed);
      throw new WorkstealError(
        'unclear',
        `${id}: it may be at the broker; its room stays reserved, and the keeper asks`,
        { order: id },
        undefined,
        'look at the order, or follow the events; placing it again only asks the broker',
      );
    },
  );
  api.post(
    '/orders/:id/renew',
    {
      config: { scope: 'trade' },
      schema: { summary: 'Keep a reservation', params: PARAMS, response: answers({ 200: RENEWED }) },
    },
    async (request) => {
      const { ledger, leaseMs } = doorOf(request);
      const { id, owner } = await ownOrder(ledger, request.params.id, callerOf(request));
      const lost = await renew(ledger, owner, leaseMs, [id]);
      if (lost.length === 0) return { outcome: 'renewed' as const, id, leaseMs };
      return { outcome: 'lost' as const, id, state: (await orderOf(ledger, id)).state };
    },
  );
  api.post(
    '/orders/:id/release',
    {
      config: { scope: 'trade' },
      schema: {
        summary: 'Give back the room of an order that was not sent',
        params: PARAMS,
        response: answers({ 200: RELEASED }),
      },
    },
    async (request) => {
      const { ledger } = doorOf(request);
      const { id } = await ownOrder(ledger, request.params.id, callerOf(request));
      const outcome = await releasePlaced(ledger, id, 'released');
      if (outcome === 'unknown') throw await missing(ledger, `order ${id}`);
      return { outcome, id };
    },
  );
  api.post(
    '/orders/:id/cancel',
    {
      config: { scope: 'trade' },
      schema: {
        summary: 'Take an order off the broker',
        params: NAMED_PARAMS,
        response: answers({ 200: CANCELLED }),
      },
    },
    async (request) => {
      const door = doorOf(request);
      const caller = callerOf(request);
      const order = await orderOf(door.ledger, ledgerIdNamed(request.params.id));
      const { id } = order;
      const isOwn = order.owner === ownerOf(caller);
      if (!isOwn && !includes(caller.scope, 'admin')) throw notOwn(id, caller);
      const outcome = isOwn
        ? await door.coordinator.cancel(id, 'asked', personOf(caller))
        : await cancel(door.ledger, id, BY_HAND, personOf(caller), door.ledger.tracing.traceparent);
      if (!isOwn && outcome === 'cancelling') await door.enqueueCancel(id);
      if (outcome === 'unknown') throw await missing(door.ledger, `order ${id}`);
      return { outcome, id };
    },
  );
}

/** Without the broker's own answer and words, which are for the gateway. */
function placedAnswer(id: string, placed: Exclude<Placed, { outcome: 'unclear' }>): z.output<typeof PLACED> {
  switch (placed.outcome) {
    case 'working':
      return { outcome: 'working', id };
    case 'ended':
      return { outcome: 'ended', id, state: placed.state, reason: placed.reason };
    case 'not_sent':
      return { outcome: 'not_sent', id, reason: placed.reason };
  }
}

/** What `place` needs of the order. */
function wishOf(order: LedgerOrder): OrderWish {
  const { id, symbol, side, kind, mode, limit, qty, pnl, fillProbability, pool, owner } = order;
  const forecast = { pnl, fillProbability };
  const wish = { id, symbol, side, mode, limit, qty, ...forecast, owner, ...(pool !== '' && { pool }) };
  return { ...wish, kind: kind === 'exit' ? 'exit' : 'entry' };
}

function resultOf(id: string, entered: Entered, { leaseMs }: AccountDoor): z.output<typeof ENTERED> {
  switch (entered.outcome) {
    case 'reserved':
      return { outcome: 'reserved', id, how: entered.how, leaseMs };
    case 'refused': {
      const { reason, numbers, wouldFight } = entered;
      const sentence = reason === 'steal_failed' ? STEAL_FAILED : explain(reason satisfies Outcome);
      return { outcome: 'refused', id, reason, sentence, numbers: fromLedger(numbers), wouldFight };
    }
    default:
      return { id, ...entered };
  }
}

const STEAL_FAILED = 'its steal was committed, but a victim filled, or the room came too late';
