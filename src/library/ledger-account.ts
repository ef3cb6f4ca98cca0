/** The account of src/library/account.ts on a ledger. */
import type { Logger } from 'pino';
import type { CancelQueue } from '../cancels/queue.ts';
import type { Coordinator } from '../coordinator/coordinator.ts';
import { explain } from '../domain/outcome.ts';
import { toSymbol } from '../domain/symbol.ts';
import type { FleetSettings } from '../fleet/fleet-settings.ts';
import { withKnownAccounts } from '../inspection/known-accounts.ts';
import { readValues } from '../inspection/reading.ts';
import { fromLedger } from '../json/from-ledger.ts';
import { checked } from '../json/print.ts';
import { STATUS } from '../json/status.ts';
import { cancel } from '../ledger/commands/cancel.ts';
import { halt } from '../ledger/commands/halt.ts';
import type { SeriesName } from '../ledger/commands/plan-series.ts';
import { filePlan, withdrawPlan } from '../ledger/commands/plans.ts';
import { releasePlaced } from '../ledger/commands/release.ts';
import { resume } from '../ledger/commands/resume.ts';
import { fileForecast, removeForecast } from '../ledger/filed-forecasts.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { missing, missingAccount } from '../ledger/reconciled.ts';
import { type LiveDecision, whatIf } from '../ledger/what-if/live.ts';
import { poolRule } from '../rules/pools.ts';
import { fingerprint, type Settings } from '../rules/settings.ts';
import type { Account, TradingAccount } from './account.ts';
import { planOf, wishOf } from './as-stored.ts';
import { eventsAfter, latestEventId } from './events.ts';
import type { Cancelled, Entered, Order, Placed } from './order.ts';
import type { ForecastRequest, PlanRequest } from './plan.ts';
import type { AccountEvent, Decision, Status, Victim } from './readings.ts';

export type AccountParts = {
  ledger: Ledger;
  settings: FleetSettings;
  rules: Settings;
  queue: CancelQueue;
  log: Logger;
  closeAll: () => Promise<void>;
};

/** The reason on record for what a bot takes back. */
const WITHDRAWN = 'withdrawn';

export class LedgerAccount implements Account {
  readonly name: string;
  readonly bot: string;
  readonly settings: Settings;
  readonly #parts: AccountParts;
  readonly #closing = new AbortController();

  constructor(parts: AccountParts) {
    this.#parts = parts;
    this.name = parts.settings.account;
    this.bot = parts.settings.host;
    this.settings = parts.rules;
  }

  async cancel(id: string): Promise<Cancelled> {
    const { ledger, queue, log } = this.#parts;
    const outcome = await cancel(ledger, id, WITHDRAWN, this.bot);
    if (outcome === 'cancelling')
      await queue.enqueue('cancel', [id]).catch((error: unknown) => {
        log.warn({ err: error, order: id }, 'a cancellation could not be enqueued; the recovery enqueues it');
      });
    if (outcome !== 'not_working') return await known(ledger, outcome, `order ${id}`);
    const released = await known(ledger, await releasePlaced(ledger, id, WITHDRAWN), `order ${id}`);
    return released === 'sent' ? 'unclear' : released;
  }

  async filePlan(plan: PlanRequest): Promise<'filed' | 'exists'> {
    const outcome = await filePlan(this.#parts.ledger, planOf(plan, this.bot, this.settings));
    return outcome === 'unknown' ? await this.#noAccount() : outcome;
  }

  async withdrawPlan(id: string): Promise<'withdrawn' | 'asked' | 'exists'> {
    const { ledger } = this.#parts;
    return await known(ledger, await withdrawPlan(ledger, id, WITHDRAWN), `plan ${id}`);
  }

  async fileForecast(forecast: ForecastRequest): Promise<'filed' | 'replaced' | 'exists'> {
    const { pnl, fillProbability, expiresAtMs = 0 } = forecast;
    const filing = { pnl, fillProbability, expiresAtMs };
    return await fileForecast(this.#parts.ledger, this.#seriesOf(forecast), filing);
  }

  async removeForecast(of: Pick<ForecastRequest, 'symbol' | 'side'>): Promise<'removed' | 'none'> {
    return await removeForecast(this.#parts.ledger, this.#seriesOf(of));
  }

  async events({
    after,
    signal,
  }: {
    after?: string;
    signal?: AbortSignal;
  } = {}): Promise<AsyncIterableIterator<AccountEvent>> {
    const { ledger, settings } = this.#parts;
    const until = AbortSignal.any([this.#closing.signal, ...(signal === undefined ? [] : [signal])]);
    return eventsAfter(settings.redisUrl, ledger, after ?? (await latestEventId(ledger)), until);
  }

  async status(): Promise<Status> {
    const { ledger } = this.#parts;
    const asked = readValues(ledger, { script: 'status', words: [] });
    const values = await asked.catch(async (error: unknown) => {
      throw await withKnownAccounts(error, ledger);
    });
    const { schema: _, ...status } = checked(STATUS, values);
    return status;
  }

  async decide(order: Order): Promise<Decision> {
    const host = { poolRule: poolRule(this.settings), fingerprint: fingerprint(this.settings) };
    return decisionOf(await whatIf(this.#parts.ledger, wishOf(order, this.bot, this.settings), host));
  }

  async halt(reason: string): Promise<'halted' | 'noted' | 'exists'> {
    const outcome = await halt(this.#parts.ledger, reason, this.bot);
    return outcome === 'unknown' ? await this.#noAccount() : outcome;
  }

  async resume(reason: string): Promise<'resumed' | 'exists'> {
    const outcome = await resume(this.#parts.ledger, reason, this.bot);
    return outcome === 'unknown' ? await this.#noAccount() : outcome;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#parts.closeAll();
  }

  #seriesOf({ symbol, side }: Pick<ForecastRequest, 'symbol' | 'side'>): SeriesName {
    return { strategy: this.bot, symbol: toSymbol(symbol), side };
  }

  async #noAccount(): Promise<never> {
    throw await missingAccount(this.#parts.ledger);
  }
}

export class TradingLedgerAccount extends LedgerAccount implements TradingAccount {
  readonly #coordinator: Pick<Coordinator, 'enter' | 'place'>;

  constructor(parts: AccountParts, coordinator: Pick<Coordinator, 'enter' | 'place'>) {
    super(parts);
    this.#coordinator = coordinator;
  }

  async enter(order: Order, signal: AbortSignal = new AbortController().signal): Promise<Entered> {
    const entered = await this.#coordinator.enter(wishOf(order, this.bot, this.settings), signal);
    if (entered.outcome !== 'refused') return entered;
    const { outcome, reason, numbers, wouldFight } = entered;
    return { outcome, reason, sentence: sentenceOf(reason), numbers: fromLedger(numbers), wouldFight };
  }

  async place(order: Order, signal: AbortSignal = new AbortController().signal): Promise<Placed> {
    const placed = await this.#coordinator.place(wishOf(order, this.bot, this.settings), signal);
    if (!('wire' in placed)) return placed;
    const { wire: _, ...answer } = placed;
    return answer;
  }
}

/** @throws WorkstealError `unknown`; `unavailable` while the ledger is being rebuilt */
async function known<Outcome extends string>(
  ledger: Ledger,
  outcome: Outcome,
  what: string,
): Promise<Exclude<Outcome, 'unknown'>> {
  if (outcome === 'unknown') throw await missing(ledger, what);
  return outcome as Exclude<Outcome, 'unknown'>;
}

function sentenceOf(reason: Extract<Entered, { outcome: 'refused' }>['reason']): string {
  return reason === 'steal_failed'
    ? 'an order that was to give up its room filled first, or the room came too late'
    : explain(reason);
}

function decisionOf({ victims, wouldVictims, numbers, ...decision }: LiveDecision): Decision {
  const told = (taken: LiveDecision['victims']): Victim[] =>
    taken.map(({ id, symbol, pnl, heldMicros }) => ({ order: id, symbol, pnl, heldMicros }));
  const { victims: _, ...facts } = numbers;
  return {
    ...decision,
    victims: told(victims),
    wouldVictims: told(wouldVictims),
    numbers: fromLedger(facts),
  };
}
