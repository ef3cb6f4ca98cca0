/** Who took room from whom, from the steal history: sorted sets that outlive the events. */
import { shown } from '../../domain/shown.ts';
import { ledgerTimeOf, serverTimeOf } from '../../history/times.ts';
import { answerOf } from '../../ledger/answer.ts';
import type { ClockReading } from '../../ledger/clock-reading.ts';
import { key } from '../../ledger/keys.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { amountsOf } from './regret.ts';

const MOST = 5_000;
const BATCH = 200;

export type ReportedPair = {
  thief: string;
  victim: string;
  steals: number;
  granted: number;
  failed: number;
  /** The server's time. */
  lastAtMs: number;
  /** USD, of all their steals on record. */
  regret: string;
  gain: string;
};

type Steal = { thief: string; victim: string; id: string; atMs: number };

/**
 * The pairs of the steals since this time of the server, the most frequent first; a steal counts once for
 * each symbol that it took from. `leftOut`: steals beyond the latest 5,000.
 * @throws WorkstealError `unavailable`
 */
export async function readPairs(
  ledger: Ledger,
  sinceMs: number,
  clock: ClockReading,
): Promise<{ pairs: ReportedPair[]; leftOut: number }> {
  const { redis, account } = ledger;
  const all = key(account, 'steals');
  const fromMs = ledgerTimeOf(sinceMs, clock);
  const [flat, count] = await answerOf(
    'steals',
    Promise.all([
      redis.zrevrangebyscore(all, '+inf', fromMs, 'WITHSCORES', 'LIMIT', 0, MOST),
      redis.zcount(all, fromMs, '+inf'),
    ]),
  );
  const serverTime = (ms: number): number => Math.floor(serverTimeOf(ms, clock));
  const steals: Steal[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const [, thief, victim, id] = /^([^>]*)>([^#]*)#(.*)$/.exec(flat[at] ?? '') ?? [];
    if (thief !== undefined && victim !== undefined && id !== undefined)
      steals.push({ thief: shown(thief), victim: shown(victim), id, atMs: serverTime(Number(flat[at + 1])) });
  }
  const states = await statesOf(ledger, [...new Set(steals.map(({ id }) => id))]);
  const pairs = new Map<string, ReportedPair>();
  for (const { thief, victim, id, atMs } of steals) {
    const name = `${thief}>${victim}`;
    const pair = pairs.get(name) ?? {
      ...{ thief, victim, steals: 0, granted: 0, failed: 0, lastAtMs: atMs, regret: '0', gain: '0' },
    };
    pairs.set(name, pair);
    pair.steals += 1;
    if (states.get(id) === 'failed') pair.failed += 1;
    // Of one that was granted, the state says later whether its room was used.
    else if (['granted', 'unused', 'refused'].includes(states.get(id) ?? '')) pair.granted += 1;
  }
  const sorted = [...pairs.values()].sort((a, b) => b.steals - a.steals || b.lastAtMs - a.lastAtMs);
  await addAmounts(ledger, sorted);
  return { pairs: sorted, leftOut: Math.max(0, count - flat.length / 2) };
}

async function statesOf({ redis, account }: Ledger, ids: readonly string[]): Promise<Map<string, string>> {
  const states = new Map<string, string>();
  for (let from = 0; from < ids.length; from += BATCH) {
    const some = ids.slice(from, from + BATCH);
    const asked = some.map((id) => redis.hget(key(account, `steal:${id}`), 'state'));
    for (const [at, state] of (await answerOf('steals', Promise.all(asked))).entries())
      if (state !== null) states.set(some[at] as string, state);
  }
  return states;
}

/** What the pairs' steals came to (docs/rules.md, 9.9). */
async function addAmounts({ redis, account }: Ledger, pairs: readonly ReportedPair[]): Promise<void> {
  for (let from = 0; from < pairs.length; from += BATCH) {
    const some = pairs.slice(from, from + BATCH);
    const fields = some.map(({ thief, victim }) => `pair ${thief}>${victim}`);
    const texts = await answerOf('steals', redis.hmget(key(account, 'regrets'), ...fields));
    for (const [at, text] of texts.entries()) Object.assign(some[at] as ReportedPair, amountsOf(text));
  }
}
