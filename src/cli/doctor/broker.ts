/** Is the broker's account fit to trade by these settings? Sends GET requests only. */
import type { BrokerSettings } from '../../broker/adapter.ts';
import { unlimited } from '../../broker/limiter.ts';
import type { Broker, BrokerAccount } from '../../broker/port.ts';
import { usd } from '../../domain/amounts.ts';
import { WorkstealError } from '../../domain/errors.ts';
import type { Micros } from '../../domain/money.ts';
import type { FleetSettings } from '../../fleet/fleet-settings.ts';
import { bad, type Fact, type Finding, unknown, well } from '../../inspection/check/finding.ts';
import { CLOCK_LIMIT_MS, clock } from '../../inspection/check/server.ts';
import { warningsOf } from '../../keeper/account-status.ts';
import { leverageAt } from '../../rules/session-leverage.ts';
import type { Pool, Settings } from '../../rules/settings.ts';

/** A broker that does not answer by then counts as unknown. */
const PATIENCE_MS = 10_000;

/** The account, and when the question left and the answer came, ms of this host's clock. */
export type Told = BrokerAccount & { askedMs: number; heardMs: number };

const quiet = { debug: () => {}, info: () => {}, warn: () => {} };

/** Without a shared budget: it would write to Redis, and these are a few requests. */
export function openForReading(settings: BrokerSettings, fleet: FleetSettings): Broker {
  const { requestTimeoutMs, maxSpread } = fleet;
  return settings.open({
    ...{ limiter: unlimited, dataLimiter: unlimited, requestTimeoutMs, maxSpread, log: quiet },
    onKeysRefused: () => {},
  });
}

/** Live or paper. */
export function judgeMarket({ market, address }: BrokerSettings): Finding {
  const words = {
    live: `LIVE: orders use REAL MONEY (${address})`,
    paper: `PAPER: no real money (${address})`,
    private: `neither Alpaca live nor Alpaca paper, but the exchange at ${address}`,
  };
  return well('market', words[market]);
}

/** Asks for the account. */
export async function askAccount(broker: Broker): Promise<{ told?: Told; finding: Finding }> {
  try {
    const askedMs = Date.now();
    const account = await broker.account(AbortSignal.timeout(PATIENCE_MS));
    const told = { ...account, askedMs, heardMs: Date.now() };
    return { told, finding: well('keys', `accepted, of account ${account.number || 'without a number'}`) };
  } catch (error) {
    if (!(error instanceof WorkstealError)) throw error;
    if (error.code === 'keys') return { finding: bad('keys', error.message, error.next) };
    const next = 'is APCA_API_BASE_URL right, and can this host reach it?';
    return { finding: unknown('keys', error.message, next) };
  }
}

/** What the account may do, its equity and its caps. */
export function judgeAccount(told: Told, rules: Settings | undefined): Finding[] {
  const warnings = rules === undefined ? [] : warningsOf(told, rules);
  return [
    told.shut === ''
      ? well('status', 'the broker takes orders of this account')
      : bad('status', `the broker takes no orders of this account: ${told.shut}`, "see the broker's page"),
    told.shorting
      ? well('shorting', 'short sales are allowed')
      : bad(
          'shorting',
          'no short sales are allowed',
          'file no plan that sells to open, or have them enabled',
        ),
    judgeCrypto(told),
    ...judgeCaps(told, rules),
    ...warnings
      .filter((words) => !/short sales/.test(words))
      .map((words) => bad('budget', words, 'see there')),
    ...(told.nowMs === undefined ? [] : [brokerClock(told, told.nowMs)]),
  ];
}

function judgeCrypto({ cryptoShut }: BrokerAccount): Finding {
  if (cryptoShut === undefined) return unknown('crypto', 'the broker does not report it');
  if (cryptoShut === '') return well('crypto', 'crypto may be traded');
  return bad('crypto', `no crypto may be traded: ${cryptoShut}`, 'accept its agreement at the broker');
}

function judgeCaps(
  { equityMicros, cashBuyingPowerMicros }: BrokerAccount,
  rules: Settings | undefined,
): Finding[] {
  const equity = `equity ${usd(equityMicros)}`;
  if (rules === undefined) return [unknown('budget', `${equity}; the settings of the rules have faults`)];
  const caps = rules.pools.map((pool) => `${pool.name} ${capWords(pool, Math.max(0, equityMicros))}`);
  const cash = rules.cash ? `; crypto buys at most ${usd(Math.max(0, cashBuyingPowerMicros))} (cash)` : '';
  const words = `${equity}; caps: ${caps.join(', ')}${cash}`;
  if (equityMicros > 0) return [well('budget', words)];
  return [bad('budget', words, 'nothing is admitted without equity: fund the account')];
}

function capWords(pool: Pool, equityMicros: Micros): string {
  const [open, closed] = [leverageAt(pool, true), leverageAt(pool, false)];
  const cap = (leverage: string): string => `${usd(equityMicros * Number(leverage))} (${leverage} x)`;
  return open === closed ? cap(open) : `${cap(open)} in market hours, ${cap(closed)} out of them`;
}

/** The broker's clock is known to the second: half a second is added on average. */
function brokerClock({ askedMs, heardMs }: Told, nowMs: number): Finding {
  const aheadMs = nowMs + 500 - (askedMs + heardMs) / 2;
  return clock('broker clock', 'the broker', aheadMs, CLOCK_LIMIT_MS + (heardMs - askedMs) / 2);
}

/** Can prices be read? */
export async function judgeData(broker: Broker, symbol: string): Promise<Finding> {
  try {
    let reason = 'no quote';
    const [quote] = await broker.quotes([symbol], AbortSignal.timeout(PATIENCE_MS), (_, why) => {
      reason = why;
    });
    if (quote === undefined)
      return well('market data', `answers; ${symbol} has no usable price now: ${reason}`);
    const age = Math.round(quote.ageMs / 1_000);
    return well('market data', `${symbol} at ${quote.price}, ${age} s old`);
  } catch (error) {
    if (!(error instanceof WorkstealError)) throw error;
    if (error.code === 'unclear')
      return unknown('market data', error.message, 'is APCA_API_DATA_URL right, and can this host reach it?');
    return bad('market data', error.message, 'do the keys have a market data subscription for this feed?');
  }
}

/** The budget of requests that is set, what is used of it, and what the broker allows. */
export function judgeRequests(fleet: FleetSettings, told: Told | undefined, used: Fact<number>): Finding {
  const set = fleet.requestsPerMinute;
  const allowed = told?.requestsPerMinute;
  const words =
    `${set} requests a minute are set, ${'value' in used ? used.value : 'an unknown number'} used in the ` +
    `last one${allowed === undefined ? '' : `; the broker allows ${allowed}`}`;
  if (allowed === undefined || set <= allowed) return well('requests', words);
  return bad('requests', words, `set WORKSTEAL_REQUESTS_PER_MINUTE to ${allowed} or less`);
}
