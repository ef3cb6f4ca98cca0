/**
 * A bot that trades over the HTTP API, as docs/bots.md tells it to: it makes an order's id first, sends the
 * same request again until it is answered, and follows the events from where it was.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isFinal } from '../../../../src/domain/order.ts';
import type { Plan } from '../../../../src/ledger/commands/plans.ts';
import type { Random } from '../../../../src/prices/random.ts';
import { SseClient, type SseFrame } from '../../../support/sse-client.ts';
import { anyPlan } from '../any-plan.ts';
import { happens } from '../happens.ts';
import { endedEvent, mayRepeat, outcome, type Said } from './api-answers.ts';
import { Caller } from './caller.ts';
import type { Told } from './told.ts';

/** Orders that it has at the broker at the same time. */
const TRACKS = 3;
const SIZE = 0.4;
/** How long it waits for a victim's end before it asks again. */
const ENTER_MS = 1_000;
const PAUSE_MS = 200;
const PLAN_PAUSE_MS = 400;
/** Of an order that works: after so long it is cancelled. */
const LEAST_LIFE_MS = 200;
const LONGEST_LIFE_MS = 2_500;
/** After a cancellation; then it looks. */
const END_MS = 4_000;
const EXIT_TRIES = 4;

export type ApiBotOptions = {
  name: string;
  /** Of its doors. */
  urls: readonly string[];
  token: string;
  account: string;
  told: Told;
  random: Random;
  /**
   * Its entries are numbers of one series, `NAME_1`, `NAME_2`, …, one at a time; otherwise each has a name of
   * its own.
   */
  isSeries: boolean;
};

export class ApiBot {
  readonly name: string;
  readonly events: SseClient;
  readonly #caller: Caller;
  readonly #told: Told;
  readonly #random: Random;
  readonly #isSeries: boolean;
  readonly #prefix: string;
  #number = 0;

  constructor({ name, urls, token, account, told, random, isSeries }: ApiBotOptions) {
    this.name = name;
    this.#told = told;
    this.#random = random;
    this.#isSeries = isSeries;
    this.#prefix = `/v1/accounts/${account}`;
    this.#caller = new Caller(urls, { authorization: `Bearer ${token}` }, () => told.retried());
    // Its stream goes to each door in turn, not only to the one that it calls.
    const doors = new Caller(urls, {}, () => {});
    const url = (): string => {
      doors.next();
      return `${doors.url}${this.#prefix}/events`;
    };
    this.events = new SseClient(url, token, undefined, (frame) => this.#hear(frame));
  }

  /** Until the signal aborts; what is at the broker then stays there. */
  async run(signal: AbortSignal): Promise<void> {
    // Nothing is told of what ended before it listened.
    await happens(() => this.events.connects > 0 || signal.aborted, Number.POSITIVE_INFINITY);
    const tracks = Array.from({ length: this.#isSeries ? 1 : TRACKS }, () => this.#track(signal));
    await Promise.all([...tracks, ...(this.#isSeries ? [this.#filePlans(signal)] : [])]);
  }

  /** Brings each of its orders to an end, or learns how it ended, until the signal aborts. */
  async settle(signal: AbortSignal): Promise<void> {
    const open = [...this.#told.orders.values()].filter(
      ({ bot, never, endings }) => bot === this.name && never === '' && endings.length === 0,
    );
    for (const { id } of open) {
      while (!signal.aborted && this.#told.orders.get(id)?.endings.length === 0) {
        const { status, state } = await this.#look(id, signal);
        // The ledger was lost, and the order was not at the broker any more.
        if (status === 404) break;
        if (state !== undefined && isFinal(state)) break;
        const freed = await this.#post(id, state === 'working' ? 'cancel' : 'release', signal);
        // The ledger was lost, and found it at the broker as somebody's.
        if (freed.status === 403) {
          this.#told.forgotten(id);
          break;
        }
        await this.#told.end(id, PAUSE_MS, signal);
      }
    }
  }

  async #track(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#trade(signal);
      await sleep(PAUSE_MS * this.#random.next(), undefined, { signal }).catch(() => {});
    }
  }

  /** Some plans besides, which the watchers carry out; and withdraws some. */
  async #filePlans(signal: AbortSignal): Promise<void> {
    for (let number = 1; !signal.aborted; number += 1) {
      const id = `${this.name}p-${number}`;
      const plan = anyPlan(this.#random, { id, nowMs: Date.now(), size: SIZE, isTurned: () => false });
      this.#told.plans.set(id, plan);
      const { symbol, side, mode, limit, qty, pnl, takeProfit, expiresAtMs, holdMs } = plan;
      const body = { symbol, side, mode, limit, qty, pnl, takeProfit, expiresAtMs, holdMs };
      const filed = await this.#ask('PUT', `/plans/${id}`, signal, body);
      if (signal.aborted) return;
      if (!['filed', 'exists'].includes(filed.outcome))
        this.#told.afterLoss.push(`${id}: ${filed.status} ${filed.code}, and it was filed by this bot alone`);
      if (this.#random.next() < 0.2) await this.#ask('DELETE', `/plans/${id}`, signal);
      await sleep(PLAN_PAUSE_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #trade(signal: AbortSignal): Promise<void> {
    this.#number += 1;
    const id = `${this.name}${this.#isSeries ? '_' : '-'}${this.#number}`;
    const wish = anyPlan(this.#random, { id, nowMs: 0, size: SIZE, isTurned: () => false });
    this.#told.wish(this.name, wish);
    if (!(await this.#enter(wish, 'entry', signal))) return;
    const chance = this.#random.next();
    if (chance < 0.06) return void (await this.#release(id, signal));
    // Its lease runs out.
    if (chance < 0.1) return;
    if (chance < 0.2) await this.#post(id, 'renew', signal);
    if (!(await this.#place(id, signal))) return;
    const lifeMs = LEAST_LIFE_MS + (LONGEST_LIFE_MS - LEAST_LIFE_MS) * this.#random.next();
    if ((await this.#told.end(id, lifeMs, signal)) === undefined) await this.#cancel(id, signal);
    const end = this.#told.orders.get(id)?.endings.find(({ filledQty }) => filledQty !== undefined);
    if (Number(end?.filledQty ?? 0) > 0) await this.#exit(wish, end?.filledQty ?? '0', signal);
  }

  /** Whether it has its room. */
  async #enter(wish: Plan, kind: 'entry' | 'exit', signal: AbortSignal): Promise<boolean> {
    const { id, symbol, side, mode, limit, qty, pnl } = wish;
    const body = { symbol, side, kind, mode, limit, qty, pnl };
    const said = await this.#ask('PUT', `/orders/${id}?waitMs=${ENTER_MS}`, signal, body);
    switch (said.outcome) {
      case 'reserved':
        return true;
      case 'refused':
        this.#told.never(id, `refused: ${said.reason}`);
        return false;
      case 'known':
        if (said.state !== undefined && isFinal(said.state)) {
          await this.#look(id, signal);
          return false;
        }
        return true;
      default:
        return false;
    }
  }

  /** Whether the broker has it. */
  async #place(id: string, signal: AbortSignal): Promise<boolean> {
    const { outcome: became, state, reason } = await this.#post(id, 'place', signal);
    if (became === 'working') this.#told.placed(id, 'serve');
    if (became === 'not_sent') this.#told.never(id, `not sent: ${reason}`);
    // How much filled it does not say.
    if (became === 'ended') {
      if (state !== undefined && isFinal(state)) this.#told.ended(id, { state, by: 'place' });
      await this.#look(id, signal);
    }
    return became === 'working' || became === 'ended';
  }

  async #release(id: string, signal: AbortSignal): Promise<void> {
    const { outcome: became } = await this.#post(id, 'release', signal);
    if (became === 'released') this.#told.never(id, 'released');
  }

  async #cancel(id: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      const asked = await this.#post(id, 'cancel', signal);
      // The ledger was lost, and found it at the broker as somebody's: an admin's to cancel.
      if (asked.status === 403) return this.#told.forgotten(id);
      if ((await this.#told.end(id, END_MS, signal)) !== undefined || signal.aborted) return;
      // The event may be behind a gap; or the cancellation was given up.
      const { status, state } = await this.#look(id, signal);
      if (status === 404 || (state !== undefined && isFinal(state))) return;
    }
  }

  /** Sells what was bought, or buys back what was sold short. */
  async #exit(entry: Plan, qty: string, signal: AbortSignal): Promise<void> {
    for (let tries = 1; tries <= EXIT_TRIES && !signal.aborted; tries += 1) {
      const side = entry.side === 'buy' ? 'sell' : 'buy';
      // At once, whatever the price.
      const limit = side === 'sell' ? '97' : '105';
      const exit: Plan = { ...entry, id: `${entry.id.replace('_', '-')}-x${tries}`, side, limit, qty };
      this.#told.wish(this.name, exit);
      if (!(await this.#enter(exit, 'exit', signal)) || !(await this.#place(exit.id, signal))) continue;
      if ((await this.#told.end(exit.id, END_MS, signal)) === undefined) await this.#cancel(exit.id, signal);
      return;
    }
  }

  async #look(id: string, signal: AbortSignal): Promise<Said> {
    const said = await this.#ask('GET', `/orders/${id}`, signal);
    const { state, filledQty } = said;
    if (state !== undefined && isFinal(state)) this.#told.ended(id, { state, filledQty, by: 'GET' });
    if (state === 'working' || state === 'cancelling') this.#told.placed(id, 'serve');
    if (said.status === 404) this.#told.forgotten(id);
    return said;
  }

  async #post(id: string, verb: string, signal: AbortSignal): Promise<Said> {
    return await this.#ask('POST', `/orders/${id}/${verb}`, signal);
  }

  async #ask(method: string, path: string, signal: AbortSignal, body?: unknown): Promise<Said> {
    const request = { method, path: `${this.#prefix}${path}`, ...(body !== undefined && { body }) };
    const answer = await this.#caller.patiently(request, mayRepeat, signal);
    const said = { ...outcome.parse(answer?.body ?? {}), status: answer?.status ?? 0 };
    const words = [said.status, said.outcome, said.state, said.reason, said.code].filter(Boolean).join(' ');
    this.#told.heard(/^\/orders\/([^/?]+)/.exec(path)?.[1] ?? '', `${method} ${path}: ${words}`);
    return said;
  }

  #hear({ event, data }: SseFrame): void {
    if (event !== 'ended') return;
    const { order, state, filledQty } = endedEvent.parse(data['fields']);
    // Of an order that a gateway's bot has replaced the ledger tells under the first one's id.
    if (this.#told.orders.get(order)?.bot === this.name)
      this.#told.ended(order, { state, filledQty, by: 'event' });
  }
}
