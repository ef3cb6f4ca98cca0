/** The paper exchange of the demo, and how a bot of its own reaches it. */
import { WorkstealError } from '../../domain/errors.ts';
import type { OpenRedis } from '../../redis/open.ts';
import type { Pool, SettingRow } from '../../rules/settings.ts';
import { exportedRules } from './exported-rules.ts';
import type { UpOptions } from './options.ts';
import type { Processes } from './processes.ts';

/** The paper exchange takes any; key id and secret are the same. */
export const KEYS = 'demo';
/**
 * The budget of requests of everyone in the demo: the exchange has no limit. All must have the same, for they
 * count in one place: to a process with a smaller budget it would look used up by the others.
 */
export const BUDGET = {
  WORKSTEAL_REQUESTS_PER_MINUTE: '100000',
  WORKSTEAL_DATA_REQUESTS_PER_MINUTE: '0',
} as const;
/** How often the keeper of the demo reconciles. */
export const SYNC_MS = 1_000;

/** Gives the exchange's judge the fleet's caps, including those that change with the session. */
export async function startExchange(
  processes: Processes,
  options: UpOptions,
  start: string,
  pools: readonly Pool[],
): Promise<string> {
  const { seed, speed, equity, data } = options;
  const leverage = pools[0]?.leverage ?? '2';
  const judged = pools
    .filter(({ name }) => name === 'crypto' || name === 'stock')
    .map(({ name, leverage }) => `${name}:${leverage}`);
  const args = [
    'exchange',
    '--port',
    '0',
    '--seed',
    seed,
    '--speed',
    speed,
    '--start',
    start,
    '--equity',
    equity,
    '--leverage',
    leverage,
  ];
  // No refusals for lack of buying power: they would hide a coordinator's error from the judge.
  const more = [
    '--no-buying-power',
    '--rate-limit',
    '0',
    '--judge-window',
    5 * SYNC_MS,
    ...(data === undefined ? [] : ['--data', data]),
  ];
  if (judged.length > 0) more.push('--pools', judged.join(','));
  const line = await processes.start(
    { name: 'exchange', args: [...args, ...more].map(String), restart: false },
    /listening on/,
  );
  const url = /https?:\/\/\S+/.exec(line)?.[0];
  if (url === undefined) throw new WorkstealError('bug', `the exchange did not print its address: ${line}`);
  return url;
}

/**
 * For a bot with the library, or a command in another terminal. An address in REDIS_URL may hold a password:
 * it is not printed.
 * @param rules the settings of the run's roles: who joins with others may not steal
 */
export function howToJoin(
  { owned, url }: OpenRedis,
  account: string,
  exchangeUrl: string,
  rules: readonly SettingRow[],
): string[] {
  const where = owned ? `REDIS_URL=${url} ` : '';
  const budget = Object.entries(BUDGET).map(([name, value]) => ` ${name}=${value}`);
  return [
    `Library: for a bot, export ${where}WORKSTEAL_ACCOUNT=${account} APCA_API_BASE_URL=${exchangeUrl} ` +
      `APCA_API_DATA_URL=${exchangeUrl} APCA_API_KEY_ID=${KEYS} APCA_API_SECRET_KEY=${KEYS}` +
      `${budget.join('')}${exportedRules(rules)}`,
    ...(owned ? [] : ['  (with the REDIS_URL of this one)']),
  ];
}

/** The exchange's market time, ms. */
export async function marketTime(exchangeUrl: string): Promise<number> {
  const headers = { 'APCA-API-KEY-ID': KEYS, 'APCA-API-SECRET-KEY': KEYS };
  const answer = await fetch(`${exchangeUrl}/v2/clock`, { headers, signal: AbortSignal.timeout(5_000) });
  const { timestamp } = (await answer.json()) as { timestamp: string };
  const ms = Date.parse(timestamp);
  if (Number.isNaN(ms)) throw new WorkstealError('unclear', `the exchange's clock answered "${timestamp}"`);
  return ms;
}
