/**
 * One campaign: fleets of real processes on busy markets, seeded faults, then healing, idle time, and the
 * verdict on I1 to I9 from the exchanges' logs and the ledgers' audits.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ground, ownServer } from './ground.ts';
import { DOOR_KINDS, KINDS, type Kind } from './kinds.ts';
import { Nemesis } from './nemesis.ts';
import type { DoorName, RoleName } from './roles.ts';
import { schedule } from './schedule.ts';
import { Site } from './site.ts';
import { judge, type Outcome, sum } from './verdict.ts';

/** One account has a fleet of some size; of several each has one of each role. */
export const FLEET: readonly RoleName[] = ['keep', 'keep', 'work', 'work', 'watch', 'watch', 'watch'];
/** What bots call. */
const DOORS: readonly DoorName[] = ['serve', 'gateway'];
/** Of a campaign about one door, which has two of it. */
const BESIDE: readonly RoleName[] = ['keep', 'work', 'watch', 'watch'];
/** All strike the same two processes then, which need time to start and to be called. */
const DOOR_GAP_MS = 2_500;
const DOOR_PLANS = 100;
const SMALL_FLEET: readonly RoleName[] = ['keep', 'work', 'watch'];
/** All accounts together. */
const PLANS = 300;
/** Room for some thirty orders, so that a slow machine fills it, too. */
const EQUITY_DOLLARS = 60_000;
const READY_MS = 180_000;
/** What was begun before the last second may take so long to be over. */
const NEMESIS_MS = 60_000;

export type CampaignOptions = {
  seed: number;
  seconds: number;
  /** Of which the nemesis deals, as far as the ground knows them; default: all that it knows. */
  kinds?: readonly Kind[];
  /** Default: a server of its own. It is closed at the end. */
  ground?: Ground;
  /** For logs; it is the caller's to remove. */
  folder: string;
  say: (line: string) => void;
};

/** @throws Error where a part can't be started */
export async function runCampaign(options: CampaignOptions, signal: AbortSignal): Promise<Outcome> {
  const { seed, seconds, folder, say } = options;
  const ground = options.ground ?? (await ownServer(say));
  const { accounts } = ground;
  const door = accounts.length === 1 ? doorOf(options.kinds ?? []) : undefined;
  const roles = accounts.length > 1 ? SMALL_FLEET : door ? [...BESIDE, door, door] : [...FLEET, ...DOORS];
  const share = {
    plans: Math.round((door ? DOOR_PLANS : PLANS) / accounts.length),
    equity: Math.round(EQUITY_DOLLARS / accounts.length),
  };
  const sites: Site[] = [];
  const known = [...KINDS.filter(({ group }) => group !== 'redis'), ...ground.kinds];
  const doors = accounts.length === 1 ? DOOR_KINDS : [];
  const kinds =
    options.kinds === undefined
      ? known
      : [...known, ...doors].filter((kind) => options.kinds?.includes(kind));
  try {
    if (kinds.length === 0) throw new Error('none of these faults can be dealt to this Redis');
    for (const [at, account] of accounts.entries()) {
      sites.push(await Site.start({ account, seed: seed + at, ground, roles, ...share, folder, say }));
    }
    say(`until the market is busy, ${READY_MS / 1_000} s at most`);
    const busy = await Promise.all(sites.map((site) => site.isBusy(READY_MS)));
    if (busy.includes(false)) throw new Error(`not every account came to steal within ${READY_MS / 1_000} s`);
    say(`the market is busy; ${seconds} s of faults begin`);
    const nemesis = new Nemesis(
      sites.map(({ arena }) => arena),
      ground.strikes,
      say,
    );
    const striking = nemesis.run(schedule(seed, seconds, kinds, door && DOOR_GAP_MS), signal);
    await Promise.race([striking, sleep(1_000 * seconds + NEMESIS_MS, undefined, { ref: false })]);
    say('healed');
    const recovered = await Promise.all(sites.map((site) => site.recovers()));
    say(recovered.includes(false) ? 'nothing is granted any more' : 'at work again; stopping');
    const findings = await Promise.all(sites.map((site, at) => site.finish(recovered[at] !== true)));
    const { struck, missed } = nemesis;
    if (struck.length === 0) throw new Error(`no fault struck: ${missed.join('; ')}`);
    const outcomes = await Promise.all(findings.map((found) => judge({ seed, seconds, struck, ...found })));
    const outcome = sum(outcomes);
    writeFileSync(join(folder, 'verdict.json'), JSON.stringify({ ...outcome, struck, missed }, null, 1));
    return outcome;
  } finally {
    for (const site of sites)
      await site.close().catch((error: unknown) => say(`closing: ${(error as Error).message}`));
    await ground.close();
  }
}

/** The door that a campaign is about. */
function doorOf(kinds: readonly Kind[]): DoorName | undefined {
  const groups = new Set(kinds.map(({ group }) => group));
  if (groups.has('api')) return groups.has('gateway') ? undefined : 'serve';
  return groups.has('gateway') ? 'gateway' : undefined;
}
