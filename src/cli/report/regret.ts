/**
 * What the account's steals came to (docs/rules.md, 9.9): the sums, and whether the mean of a steal differs
 * from zero, asked as `worksteal evaluate` asks it.
 */
import type { z } from 'zod';
import { type Estimate, estimateOf } from '../../evidence/statistics/estimate.ts';
import { resampledMeans } from '../../evidence/statistics/stationary-bootstrap.ts';
import type { CAME_TO } from '../../json/came-to.ts';
import { answerOf } from '../../ledger/answer.ts';
import { key } from '../../ledger/keys.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { seededRandom } from '../../prices/random.ts';

export type CameTo = z.output<typeof CAME_TO>;

/** With fewer steals an interval says nothing. */
export const FEWEST = 30;
/** Steals near each other share the market: they are drawn in blocks of so many, on average. */
const MEAN_BLOCK_STEALS = 5;
const DRAWS = 4_000;
const SEED = 1;

const MOST = 5_000;
const BATCH = 200;

/**
 * Of all steals on record, whatever the report's period.
 * @throws WorkstealError `unavailable`
 */
export async function readCameTo(ledger: Ledger): Promise<CameTo> {
  const { redis, account } = ledger;
  const [sums, watched, ids] = await answerOf(
    'steals',
    Promise.all([
      redis.hget(key(account, 'regrets'), 'account'),
      redis.zcard(key(account, 'watches')),
      redis.zrevrange(key(account, 'judged'), 0, MOST - 1),
    ]),
  );
  const { regret, gain } = amountsOf(sums);
  const nets = await netsOf(ledger, ids.reverse());
  return { regret, gain, watched, judged: nets.length, evidence: evidenceOf(nets) };
}

/** `regret gain` as the ledger keeps it; nothing is 0. */
export function amountsOf(text: string | null | undefined): { regret: string; gain: string } {
  const [, regret = '0', gain = '0'] = /^(-?[\d.]+) (-?[\d.]+)$/.exec(text ?? '') ?? [];
  return { regret, gain };
}

/** Gain less regret of each steal that was watched to the end, in dollars, in their order. */
async function netsOf({ redis, account }: Ledger, ids: readonly string[]): Promise<number[]> {
  const nets: number[] = [];
  for (let from = 0; from < ids.length; from += BATCH) {
    const asked = ids
      .slice(from, from + BATCH)
      .map((id) => redis.hmget(key(account, `steal:${id}`), 'watch', 'regret', 'gain'));
    for (const [watch, regret, gain] of await answerOf('steals', Promise.all(asked))) {
      const net = Number(gain ?? 0) - Number(regret ?? 0);
      if (watch === 'over' && Number.isFinite(net)) nets.push(net);
    }
  }
  return nets;
}

/** Null with too few steals. The same steals always give the same answer. */
export function evidenceOf(nets: readonly number[]): CameTo['evidence'] {
  if (nets.length < FEWEST) return null;
  const values = Float64Array.from(nets);
  const options = { random: seededRandom(SEED), meanBlock: MEAN_BLOCK_STEALS, draws: DRAWS };
  const [drawn = new Float64Array()] = resampledMeans([values], options);
  const estimate = estimateOf(values, drawn);
  return {
    steals: nets.length,
    meanDollars: estimate.mean,
    lowDollars: estimate.low,
    highDollars: estimate.high,
    p: estimate.p,
    couldSeeDollars: estimate.couldSee,
    verdict: verdictOf(estimate),
    ...{ seed: SEED, draws: DRAWS, meanBlockSteals: MEAN_BLOCK_STEALS },
  };
}

function verdictOf({ low, high, standardError }: Estimate): NonNullable<CameTo['evidence']>['verdict'] {
  if (standardError === 0 && low === 0 && high === 0) return 'same';
  if (low <= 0 && high >= 0) return 'not_distinguishable';
  return low > 0 ? 'earns' : 'loses';
}

/** What may be said of the account's steals, as a sentence. */
export function cameToWords({ judged, evidence }: CameTo): string {
  if (evidence === null)
    return (
      `not enough to say: ${judged} ${judged === 1 ? 'steal was' : 'steals were'} watched to the end, ` +
      `${FEWEST} are needed`
    );
  const { verdict, meanDollars, lowDollars, highDollars, couldSeeDollars } = evidence;
  const interval =
    `${dollars(meanDollars)} a steal by the forecasts, 95 % interval ${dollars(lowDollars)} .. ` +
    `${dollars(highDollars)}`;
  switch (verdict) {
    case 'earns':
      return `earns: ${interval}`;
    case 'loses':
      return `loses: ${interval}`;
    case 'not_distinguishable':
      return (
        `not distinguishable from zero, could have seen ${dollars(couldSeeDollars)} a steal ` +
        `(${interval})`
      );
    case 'same':
      return '0: no limit of a victim traded, and no thief filled';
  }
}

/** How the interval was made. */
export function methodWords(evidence: NonNullable<CameTo['evidence']>): string {
  const { steals, draws, meanBlockSteals, seed } = evidence;
  return (
    `stationary bootstrap of ${steals} steals, ${draws.toLocaleString('en')} draws, ` +
    `mean block ${meanBlockSteals} steals, seed ${seed}`
  );
}

/** `-$1.25`; tenths of a cent below a dollar. */
function dollars(value: number): string {
  const text = Math.abs(value).toFixed(Math.abs(value) < 1 ? 3 : 2);
  return `${value < 0 && Number(text) !== 0 ? '-' : ''}$${text}`;
}
