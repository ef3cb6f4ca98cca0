/**
 * A bot that speaks Alpaca's protocol to gateways. Without a clear answer to an order it asks for it by its
 * client order id, or sends the same again, as it would with Alpaca.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Side } from '../../../../src/domain/order.ts';
import { ledgerIdOf } from '../../../../src/ledger/bot-ids.ts';
import type { Plan } from '../../../../src/ledger/commands/plans.ts';
import type { Random } from '../../../../src/prices/random.ts';
import { anyPlan } from '../any-plan.ts';
import { CHANGED } from '../lives.ts';
import { FINAL, isAway, isReplacing, isUnclear, type WireOrder, wireOrder, words } from './alpaca-answers.ts';
import { Caller } from './caller.ts';
import type { Told, ToldOrder } from './told.ts';
import { followUpdates } from './updates-client.ts';

/** Orders that it has at the broker at the same time. */
const TRACKS = 3;
const SIZE = 0.4;
const PAUSE_MS = 250;
const LEAST_LIFE_MS = 200;
const LONGEST_LIFE_MS = 2_500;
/** After a cancellation; then it looks. */
const END_MS = 3_000;
const EXIT_TRIES = 4;
/** So many of its orders that work are changed. */
const PATCHED = 0.3;

export type GatewayBotOptions = {
  name: string;
  /** Of its doors. */
  urls: readonly string[];
  keyId: string;
  secret: string;
  told: Told;
  random: Random;
};

export class GatewayBot {
  readonly name: string;
  readonly #caller: Caller;
  readonly #told: Told;
  readonly #random: Random;
  readonly #options: GatewayBotOptions;
  /** The bot's own ids of its orders, and those of the ledger. */
  readonly #ids = new Map<string, string>();
  /** The broker's ids, by the ledger's. */
  readonly #brokerIds = new Map<string, string>();
  readonly #end = new AbortController();
  readonly #following: Promise<void>;
  #number = 0;

  constructor(options: GatewayBotOptions) {
    const { name, urls, keyId, secret, told, random } = options;
    this.name = name;
    this.#options = options;
    this.#told = told;
    this.#random = random;
    const keys = { 'apca-api-key-id': keyId, 'apca-api-secret-key': secret };
    this.#caller = new Caller(urls, keys, () => told.retried());
    const doors = new Caller(urls, {}, () => {});
    const url = (): string => {
      doors.next();
      return doors.url;
    };
    const onOrder = (order: unknown) => void this.#hear(order, 'update');
    const onListening = () => void this.#lookAtLive();
    this.#following = followUpdates({ url, keyId, secret, onOrder, onListening }, this.#end.signal);
  }

  /** Until the signal aborts; what is at the broker then stays there. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: TRACKS }, () => this.#track(signal)));
  }

  /** Brings each of its orders to an end, or learns how it ended, until the signal aborts. */
  async settle(signal: AbortSignal): Promise<void> {
    for (const { id, endings, never } of this.#own()) {
      if (endings.length > 0 || never !== '') continue;
      const clientId = [...this.#ids].find(([, ledgerId]) => ledgerId === id)?.[0] ?? '';
      while (!signal.aborted && this.#told.orders.get(id)?.endings.length === 0) {
        const found = await this.#find(clientId, signal);
        if (found === 'absent') break;
        if (found !== undefined && found.status in FINAL) break;
        if (found?.status === 'replaced') break;
        if (found !== undefined) await this.#delete(found.id, signal);
        await this.#told.end(id, PAUSE_MS, signal);
      }
    }
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.#following;
  }

  *#own(): Iterable<ToldOrder> {
    for (const order of [...this.#told.orders.values()]) if (order.bot === this.name) yield order;
  }

  async #track(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#trade(signal);
      await sleep(PAUSE_MS * this.#random.next(), undefined, { signal }).catch(() => {});
    }
  }

  async #trade(signal: AbortSignal): Promise<void> {
    const clientId = this.#nextId();
    const id = ledgerIdOf(this.name, clientId);
    const wish = anyPlan(this.#random, { id, nowMs: 0, size: SIZE, isTurned: () => false });
    const { symbol, side, limit, qty, pnl } = wish;
    const sent = { symbol, side, qty, type: 'limit', limit_price: limit, time_in_force: 'gtc' };
    const placed = await this.#post(clientId, { ...wish, mode: 'normal' }, sent, pnl, signal);
    if (placed === undefined) return;
    const lifeMs = (): number => LEAST_LIFE_MS + (LONGEST_LIFE_MS - LEAST_LIFE_MS) * this.#random.next();
    let last = { clientId, id };
    if ((await this.#told.end(id, lifeMs(), signal)) === undefined && this.#random.next() < PATCHED)
      last = (await this.#patch(wish, signal)) ?? last;
    if ((await this.#told.end(last.id, lifeMs(), signal)) === undefined)
      await this.#cancel(last.clientId, last.id, signal);
    const filled = this.#told.orders.get(last.id)?.endings.at(-1)?.filledQty ?? '0';
    if (Number(filled) > 0) await this.#exit(wish, filled, signal);
  }

  /** The order in the place of that one, a little further from the market; undefined where it stays. */
  async #patch(old: Plan, signal: AbortSignal): Promise<{ clientId: string; id: string } | undefined> {
    const clientId = this.#nextId();
    const id = ledgerIdOf(this.name, clientId);
    const limit = (Number(old.limit) * (old.side === 'buy' ? 0.999 : 1.001)).toFixed(2);
    this.#told.wish(this.name, { ...old, id, limit }, old.id);
    this.#ids.set(clientId, id);
    const path = `/v2/orders/${this.#brokerIds.get(old.id)}`;
    const request = { method: 'PATCH', path, body: { limit_price: limit, client_order_id: clientId } };
    let wasUnanswered = false;
    while (!signal.aborted) {
      const answer = await this.#caller.once(request);
      wasUnanswered ||= answer === undefined;
      this.#told.heard(id, `PATCH: ${words(answer)}`);
      if (answer?.status === 200) this.#hear(answer.body, 'PATCH');
      else {
        // An earlier request may have been carried out, and its answer lost.
        const found = await this.#find(clientId, signal);
        if (found === 'absent' && (answer === undefined || isUnclear(answer) || isReplacing(answer))) {
          this.#told.retried();
          await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
          continue;
        }
        if (found === 'absent' && answer !== undefined && !wasUnanswered) this.#told.never(id, words(answer));
        if (found === 'absent' || found === undefined) return undefined;
      }
      return { clientId, id };
    }
    return undefined;
  }

  /** Some are ids of the ledger's own form, some are kept as hashes. */
  #nextId(): string {
    this.#number += 1;
    const kind = this.#random.next();
    if (kind < 0.6) return `e-${this.#number}`;
    return kind < 0.8 ? `entry #${this.#number} of ${this.name}` : `entry_${this.#number}`;
  }

  /** The broker's order; undefined where there is none, or nobody knows. */
  async #post(
    clientId: string,
    wish: Plan,
    order: Readonly<Record<string, unknown>>,
    pnl: string,
    signal: AbortSignal,
  ): Promise<WireOrder | undefined> {
    const { id } = this.#told.wish(this.name, wish);
    this.#ids.set(clientId, id);
    const request = {
      method: 'POST',
      path: '/v2/orders',
      body: { ...order, client_order_id: clientId },
      headers: { 'worksteal-pnl': pnl },
    };
    let wasUnanswered = false;
    while (!signal.aborted) {
      const answer = await this.#caller.once(request);
      this.#told.heard(id, `POST: ${words(answer)}`);
      if (answer?.status === 200) return this.#hear(answer.body, 'POST');
      if (answer !== undefined && !isUnclear(answer)) {
        // Of an earlier request without an answer this says nothing.
        if (wasUnanswered) return await this.#ifThere(clientId, signal);
        this.#told.never(id, words(answer));
        return undefined;
      }
      wasUnanswered ||= answer === undefined;
      // Nobody knows; it is asked for by its id, or sent again.
      this.#told.retried();
      if (answer !== undefined || this.#random.next() < 0.5) {
        const found = await this.#find(clientId, signal);
        if (found !== 'absent') return found;
      }
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
    }
    return undefined;
  }

  async #ifThere(clientId: string, signal: AbortSignal): Promise<WireOrder | undefined> {
    const found = await this.#find(clientId, signal);
    return found === 'absent' ? undefined : found;
  }

  /** By its client order id; undefined where the signal aborts before there is an answer. */
  async #find(clientId: string, signal: AbortSignal): Promise<WireOrder | 'absent' | undefined> {
    const path = `/v2/orders:by_client_order_id?client_order_id=${encodeURIComponent(clientId)}`;
    const answer = await this.#caller.patiently({ method: 'GET', path }, isAway, signal);
    this.#told.heard(this.#ids.get(clientId) ?? '', `GET: ${words(answer)}`);
    if (answer?.status === 404) return 'absent';
    return answer?.status === 200 ? this.#hear(answer.body, 'GET') : undefined;
  }

  async #cancel(clientId: string, id: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#delete(this.#brokerIds.get(id) ?? '', signal);
      if ((await this.#told.end(id, END_MS, signal)) !== undefined || signal.aborted) return;
      const found = await this.#find(clientId, signal);
      if (found === 'absent' || found?.status === 'replaced') return;
      if (found !== undefined && found.status in FINAL) return;
    }
  }

  async #delete(brokerId: string, signal: AbortSignal): Promise<void> {
    const request = { method: 'DELETE', path: `/v2/orders/${brokerId}` };
    const answer = await this.#caller.patiently(request, isAway, signal);
    const [id = ''] = [...this.#brokerIds].find(([, known]) => known === brokerId) ?? [];
    this.#told.heard(id, `DELETE: ${words(answer)}`);
  }

  /** Sells what was bought, or buys back what was sold short, at the market. */
  async #exit(entry: Plan, qty: string, signal: AbortSignal): Promise<void> {
    const side: Side = entry.side === 'buy' ? 'sell' : 'buy';
    for (let tries = 1; tries <= EXIT_TRIES && !signal.aborted; tries += 1) {
      this.#number += 1;
      const clientId = `x-${this.#number}`;
      const id = ledgerIdOf(this.name, clientId);
      const order = { symbol: entry.symbol, side, qty, type: 'market', time_in_force: 'gtc' };
      const placed = await this.#post(clientId, { ...entry, id, side, qty }, order, '0', signal);
      if (placed === undefined) continue;
      if ((await this.#told.end(id, END_MS, signal)) === undefined) await this.#cancel(clientId, id, signal);
      return;
    }
  }

  /** What came while nobody listened is told to nobody. */
  async #lookAtLive(): Promise<void> {
    const { signal } = this.#end;
    for (const { id, isPlaced, endings } of this.#own()) {
      if (!isPlaced || endings.length > 0) continue;
      const clientId = [...this.#ids].find(([, ledgerId]) => ledgerId === id)?.[0] ?? '';
      await this.#find(clientId, signal);
    }
  }

  /** An order as an answer or an update has it. */
  #hear(told: unknown, by: string): WireOrder | undefined {
    const parsed = wireOrder.safeParse(told);
    if (!parsed.success) {
      this.#told.misnamed.push(`${this.name}: ${by}: no order: ${JSON.stringify(told).slice(0, 200)}`);
      return undefined;
    }
    const { id: brokerId, client_order_id: clientId, status, filled_qty: filledQty } = parsed.data;
    // A person has put it in the place of one of the bot's.
    if (clientId.endsWith(CHANGED)) return undefined;
    const byBroker = [...this.#brokerIds].find(([, known]) => known === brokerId)?.[0];
    const byLedger = this.#told.orders.get(clientId)?.bot === this.name ? clientId : undefined;
    const id = this.#ids.get(clientId) ?? byBroker ?? byLedger;
    // The ledger does not know the bot's own id any more, and names the order by its own.
    if (id !== undefined && !this.#ids.has(clientId))
      this.#told.afterLoss.push(`${by}: ${id} as ${clientId}`);
    if (id === undefined) {
      this.#told.misnamed.push(`${this.#options.name}: ${by}: an order ${clientId}`);
      return undefined;
    }
    this.#brokerIds.set(id, brokerId);
    this.#told.placed(id, 'gateway');
    if (status === 'replaced') this.#told.replaced(id);
    const state = FINAL[status];
    if (state !== undefined) this.#told.ended(id, { state, filledQty, by });
    return parsed.data;
  }
}
