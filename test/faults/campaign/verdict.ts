/**
 * The verdict of a campaign, after all faults are healed and the fleet is idle: I1 to I9, from the exchange's
 * log and the audit.
 */
import type { Closing } from '../../../src/cli/up/finish.ts';
import { isFinal } from '../../../src/domain/order.ts';
import { readLedgerOrder } from '../../../src/ledger/commands/snapshot.ts';
import { key } from '../../../src/ledger/keys.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { BotFindings } from './bots/bots.ts';
import { toldWrong, unknownToAll } from './bots/told-check.ts';
import { CHANGED, type Lives } from './lives.ts';
import type { Struck } from './nemesis.ts';
import { crossedByOurs, doublesOfOurs, excessesOfOurs, namesOf, promisedInVain } from './of-ours.ts';
import type { ByHand } from './paper-broker.ts';
import { type Recovered, recovery } from './recovery.ts';
import type { Rivals } from './rivals.ts';
import type { Witness } from './witness.ts';

/**
 * The line that `--json` ends with. Everything from `capViolations` on must be 0 or empty, but for what is
 * measured.
 */
export type Summary = {
  seed: number;
  seconds: number;
  faults: Record<string, number>;
  steals: number;
  /** I1: acceptances above the cap that no order placed by hand explains. */
  capViolations: number;
  /** I6: an id accepted twice, or two live entries of one plan. */
  doubleOrders: number;
  /** I9: victims of steals on record that have not ended at the broker and in the ledger. */
  orphanVictims: number;
  /** Entries that the broker netted with a position of the other side. */
  crossed: number;
  /** Orders of another fleet that did not close the account. */
  unnoticed: number;
  /** I7. */
  leaksMicros: number;
  /** I3. */
  ruleViolations: number;
  /** Cancellations that reached the broker without the ledger's, or a person's, word. */
  unexplainedCancels: number;
  recoveredInMs: Recovered;
  /** I2. */
  auditFaults: number;
  lostPlans: number;
  /** Orders and steals that were still on their way at the end. */
  unfinished: number;
  /** Orders of bots that ended elsewhere than their bot was told, or that it was told of by another's id. */
  toldWrong: number;
  /** Orders at the broker that came through a door, and of which no bot and no ledger knows. */
  strayOrders: number;
  /** Events that a bot's stream missed, or told twice. */
  streamFaults: number;
  /** Kinds of doors through which nothing was placed since the faults began. */
  idleDoors: number;
  /** Of the bots: orders that they wished for, that were placed, and requests that they sent again. */
  wished: number;
  placed: number;
  retries: number;
  /** Processes that ended by themselves, and errors in the logs that no fault explains. */
  crashes: number;
  bugs: number;
  /** 1: healed, and nothing was placed or granted any more. */
  stuck: number;
  /**
   * 1: no steal was granted since the faults began; of several accounts: how many. What nobody fought for
   * shows nothing of those who fight.
   */
  idle: number;
  granted: number;
  accepted: number;
  fills: number;
  highestUse: number;
};

export type Outcome = { summary: Summary; details: string[] };

export type Findings = {
  ledger: Ledger;
  seed: number;
  seconds: number;
  struck: readonly Struck[];
  lives: Lives;
  witness: Witness;
  ruleViolations: readonly string[];
  byHand: readonly ByHand[];
  rivals: Pick<Rivals, 'periods' | 'unnoticed'>;
  /** Orders whose cancellation somebody gave a reason for outside the ledger's events. */
  explained: ReadonlySet<string>;
  closing: Closing;
  /** Where ledger and broker differ at the end, in words. */
  unlike: readonly string[];
  crashes: number;
  bugs: readonly string[];
  bots: BotFindings;
  isStuck: boolean;
};

const MEASURED = new Set([
  'seed',
  'seconds',
  'faults',
  'steals',
  'recoveredInMs',
  'granted',
  'accepted',
  'fills',
  'wished',
  'placed',
  'retries',
  'highestUse',
]);

/** The numbers that must be 0 and are not; and what must have happened and did not. */
export function failures(summary: Summary): string[] {
  const wrong = Object.entries(summary).flatMap(([name, value]) =>
    MEASURED.has(name) || value === 0 ? [] : [`${name}: ${value}`],
  );
  if (!Number.isFinite(summary.recoveredInMs.max))
    wrong.push('recoveredInMs: nothing was placed any more after a fault');
  return wrong;
}

/** The summary, and every single finding in words. */
export async function judge(findings: Findings): Promise<Outcome> {
  const {
    ledger,
    seed,
    seconds,
    struck,
    lives,
    witness,
    ruleViolations,
    byHand,
    rivals,
    explained,
    closing,
    unlike,
    crashes,
    bugs,
    bots,
    isStuck,
  } = findings;
  const { told, names } = bots;
  // The keeper opens the account with a rebuilt book, too.
  const wasLost = witness.rebuiltMs.some((atMs) => struck.some(({ fromMs }) => fromMs <= atMs));
  const wrong = [
    ...toldWrong(told.orders.values(), lives, wasLost),
    ...told.misnamed,
    ...(struck.some(({ kind }) => kind.loses) ? [] : told.afterLoss),
  ];
  const strays = unknownToAll(told.orders, names, lives, witness.heardOf);
  const sinceMs = Math.min(...struck.map(({ fromMs }) => fromMs));
  const idleDoors = bots.doors.filter((door) => !told.placedMs.get(door)?.some((atMs) => atMs >= sinceMs));
  const overCap = excessesOfOurs(lives, byHand, rivals.periods);
  const crossed = crossedByOurs(lives, byHand, rivals.periods);
  const orphans = await findOrphans(ledger, lives, witness);
  const promised = promisedInVain(witness.indexFaults, struck, witness.rebuiltMs);
  const unexplained = lives.cancelRequests.filter(
    ({ order }) => !namesOf(order, told).some((id) => witness.cancelled.has(id) || explained.has(id)),
  );
  const doubles = doublesOfOurs(lives, told.orders, wasLost);
  const faults: Record<string, number> = {};
  for (const { kind } of struck) faults[kind.name] = (faults[kind.name] ?? 0) + 1;
  const summary: Summary = {
    seed,
    seconds,
    faults,
    steals: witness.steals.committed,
    capViolations: overCap.length,
    doubleOrders: doubles.length + closing.verdict.doubleOrders,
    orphanVictims: orphans.length,
    crossed: crossed.length,
    unnoticed: rivals.unnoticed.length,
    leaksMicros: closing.leaksMicros,
    ruleViolations: ruleViolations.length + promised.length,
    unexplainedCancels: new Set(unexplained.map(({ order }) => order)).size,
    recoveredInMs: recovery(struck, lives.enteredMs, witness.rebuiltMs),
    auditFaults: closing.audit.faultCount,
    lostPlans: closing.lostPlans,
    unfinished: closing.openSteals,
    toldWrong: wrong.length,
    strayOrders: strays.length,
    streamFaults: bots.streamFaults.length,
    idleDoors: idleDoors.length,
    wished: told.orders.size,
    placed: [...told.orders.values()].filter(({ isPlaced }) => isPlaced).length,
    retries: told.retries,
    crashes,
    bugs: bugs.length,
    stuck: isStuck ? 1 : 0,
    idle: witness.steals.granted === 0 ? 1 : 0,
    granted: witness.steals.granted,
    accepted: lives.accepted.size,
    fills: lives.fills,
    highestUse: Math.round((closing.verdict.pools['total']?.highestRatio ?? 0) * 10_000) / 10_000,
  };
  const details = [
    ...overCap.map(
      ({ atMs, order, overMicros }) =>
        `over the cap: ${order} at ${new Date(atMs).toISOString()} by ${overMicros} micro-USD`,
    ),
    ...doubles.map(
      ({ order, beside }) => `double: ${order} ${beside === '' ? 'accepted twice' : `beside ${beside}`}`,
    ),
    ...crossed.map(
      ({ atMs, order, symbol }) => `crossed: ${order} (${symbol}) at ${new Date(atMs).toISOString()}`,
    ),
    ...rivals.unnoticed.map((text) => `unnoticed: ${text}`),
    ...orphans.map((text) => `orphan: ${text}`),
    ...ruleViolations.map((text) => `rules: ${text}`),
    ...promised.map(({ order }) => `rules: the index promised ${order}, which could not be taken`),
    ...unexplained.map(
      ({ order, atMs }) => `unexplained cancel: ${order} at ${new Date(atMs).toISOString()}`,
    ),
    ...unlike.map((text) => `leak: ${text}`),
    ...closing.audit.faults.map((text) => `audit: ${text}`),
    ...wrong.map((text) => `told wrong: ${text}`),
    ...strays.map((id) => `nobody knows: ${id}`),
    ...bots.streamFaults.map((text) => `stream: ${text}`),
    ...idleDoors.map((door) => `idle: nothing was placed through ${door}`),
    ...bugs.map((text) => `log: ${text}`),
  ];
  return { summary, details };
}

/** A steal that a lost ledger forgot is none; its victim works on. */
async function findOrphans(ledger: Ledger, lives: Lives, witness: Witness): Promise<string[]> {
  const { redis, account } = ledger;
  const orphans: string[] = [];
  for (const [steal, victims] of witness.victims) {
    if ((await redis.exists(key(account, `steal:${steal}`))) === 0) continue;
    for (const victim of victims) {
      const order = await readLedgerOrder(ledger, victim);
      if (order?.robbedBy !== steal) continue;
      if (lives.live.has(victim) || lives.live.has(`${victim}${CHANGED}`))
        orphans.push(`${victim}, robbed by ${steal}, lives at the broker`);
      else if (!isFinal(order.state)) orphans.push(`${victim}, robbed by ${steal}, is ${order.state}`);
    }
  }
  return orphans;
}

/** Of several accounts under the same faults: the sums, and the worst of what is measured. */
export function sum(outcomes: readonly Outcome[]): Outcome {
  const [first, ...others] = outcomes;
  if (first === undefined) throw new Error('nothing was judged');
  const summary = others.reduce((so, { summary: next }) => add(so, next), first.summary);
  return { summary, details: outcomes.flatMap(({ details }) => details) };
}

const SHARED = new Set(['seed', 'seconds', 'faults']);

function add(one: Summary, other: Summary): Summary {
  const sums = Object.entries(one).map(([name, value]) => {
    const more = other[name as keyof Summary];
    return [
      name,
      typeof value === 'number' && typeof more === 'number' && !SHARED.has(name) ? value + more : value,
    ];
  });
  const { recoveredInMs: a, highestUse } = one;
  const b = other.recoveredInMs;
  return {
    ...(Object.fromEntries(sums) as Summary),
    recoveredInMs: { p50: Math.max(a.p50, b.p50), max: Math.max(a.max, b.max) },
    highestUse: Math.max(highestUse, other.highestUse),
  };
}
