/**
 * Follows the ledger's events during the whole campaign, bypassing the proxies. Records every decision and
 * its time, checks each steal against the rules at once (I3), and records why each order was cancelled.
 * Remembers what a lost ledger forgot.
 */
import { z } from 'zod';
import { followEvents, type LedgerEvent } from '../../../src/ledger/events.ts';
import { key } from '../../../src/ledger/keys.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { RulesCheck } from './rules-check.ts';

const RESTART_MS = 100;
/** An event that seems older than this is taken to be of a clock that was moved. */
const CLOCK_OFF_MS = 2_000;
const score = z.coerce.number();

export class Witness {
  readonly steals = { committed: 0, granted: 0, failed: 0 };
  /** Orders whose cancellation the ledger put on record, by whichever generation. */
  readonly cancelled = new Set<string>();
  readonly adopted = new Set<string>();
  /** Orders of which the ledger told anything. */
  readonly heardOf = new Set<string>();
  /** Victims by their steal. */
  readonly victims = new Map<string, string[]>();
  /** When a lost ledger was opened again, ms. */
  readonly rebuiltMs: number[] = [];
  readonly grantedMs: number[] = [];
  /**
   * Orders that their index promised and that could not be taken: a fault of the ledger's, but where somebody
   * had deleted a key.
   */
  readonly indexFaults: { order: string; atMs: number }[] = [];
  readonly #ledger: Ledger;
  readonly #check: RulesCheck;
  #relearning: Promise<void> = Promise.resolve();

  constructor(ledger: Ledger, check: RulesCheck) {
    this.#ledger = ledger;
    this.#check = check;
  }

  /** @param url that no fault of the network touches */
  async run(url: string, signal: AbortSignal): Promise<void> {
    let after: string | undefined = '0-0';
    while (!signal.aborted) {
      const onEvent = (event: LedgerEvent): void => {
        after = event.id;
        this.#hear(event);
      };
      await followEvents(url, this.#ledger.account, onEvent, signal, { after }).catch(() => {});
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
    }
    await this.#relearning;
  }

  #hear({ id, type, fields }: LedgerEvent): void {
    const order = fields['order'] ?? '';
    const atMs = hostMs(id);
    if (order !== '') this.heardOf.add(order);
    if (type === 'stolen') this.#stolen(order, fields);
    if (type === 'reserved' || type === 'stolen' || type === 'adopted')
      this.#check.reserved(order, Number(fields['at_ms']));
    if (type === 'granted') {
      this.steals.granted += 1;
      this.grantedMs.push(atMs);
    }
    if (type === 'steal_failed') this.steals.failed += 1;
    if (type === 'cancelling') this.cancelled.add(order);
    if (type === 'adopted') this.adopted.add(order);
    if (type === 'amended') this.#check.changed(order, fields['limit'] ?? '');
    if (type === 'index_fault') this.indexFaults.push({ order, atMs });
    if (type === 'fight') {
      const [one = '', other = ''] = (fields['pair'] ?? '').split('|');
      this.#check.fight([one, other], Number(fields['until_ms']));
    }
    if (type === 'rebuilt') {
      this.rebuiltMs.push(atMs);
      this.#check.forgetAll();
      this.#relearning = this.#relearn().catch(() => {});
    }
  }

  #stolen(id: string, fields: Readonly<Record<string, string>>): void {
    this.steals.committed += 1;
    const victims = (fields['victims'] ?? '').split(';').map((text) => {
      const [victim = '', symbol = '', pnl = '0', held = '0'] = text.split(' ');
      return { id: victim, symbol, pnl, heldMicros: Number(held) };
    });
    const capMicros = Number((fields['totals'] ?? '0').split(' ')[0]);
    const prices = new Map(
      (fields['prices'] ?? '').split(';').map((text) => text.split(' ') as [string, string]),
    );
    for (const victim of victims) this.cancelled.add(victim.id);
    this.victims.set(
      id,
      victims.map((victim) => victim.id),
    );
    const [atMs, thief] = [Number(fields['at_ms']), fields['symbol'] ?? ''];
    this.#check.steal({ id, atMs, thief, victims, prices, capMicros });
  }

  /** After a loss: the history as the ledger has it now. */
  async #relearn(): Promise<void> {
    const { redis, account } = this.#ledger;
    const [steals, fights] = await Promise.all([
      redis.zrange(key(account, 'steals'), 0, '-1', 'WITHSCORES'),
      redis.zrange(key(account, 'fights'), 0, '-1', 'WITHSCORES'),
    ]);
    this.#check.remember(
      pairs(steals).map(([member, atMs]) => {
        const [, thief = '', victim = '', id = ''] = /^([^>]+)>([^#]+)#(.+)$/.exec(member) ?? [];
        return { id, thief, victim, atMs };
      }),
    );
    for (const [pair, untilMs] of pairs(fights))
      this.#check.fight(pair.split('|') as [string, string], untilMs);
  }
}

/**
 * When an event was written, by this host's clock. A server whose clock was moved says nothing of that: then
 * it is as it was heard.
 */
function hostMs(id: string): number {
  const [toldMs, nowMs] = [Number(id.split('-')[0]), Date.now()];
  return toldMs <= nowMs && nowMs - toldMs < CLOCK_OFF_MS ? toldMs : nowMs;
}

function pairs(flat: readonly string[]): [string, number][] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [
    flat[2 * at] ?? '',
    score.parse(flat[2 * at + 1]),
  ]);
}
