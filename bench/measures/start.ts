/**
 * How long a fleet takes to be of use, from the start of its processes: keeper, worker and watcher until the
 * order of a plan that waits is admitted; and watchers until they hold all plans that wait.
 */
import { notionalMicros } from '../../src/domain/money.ts';
import { configure } from '../../src/ledger/commands/configure.ts';
import { filePlan } from '../../src/ledger/commands/plans.ts';
import { snapshot } from '../../src/ledger/commands/snapshot.ts';
import { sync } from '../../src/ledger/commands/sync.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { repeat } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { heldPlans } from '../plans.ts';
import { type Program, roleEnv, startPaper, startProgram, until } from '../programs.ts';
import { judge } from '../report.ts';

const ROUNDS = 5;
const LIMIT_MS = 30_000;
const SYNC_MAX_AGE_MS = 60_000;
const SYMBOL = 'ETHUSD';
const PLANS = 10_000;
/** The most that one watcher may have (WORKSTEAL_MAX_PLANS). */
const PLANS_OF_A_HOST = 5_000;
const PLANS_AT_ONCE = 250;

export const start: Measure = {
  name: 'start',
  isQuick: false,
  isPinned: false,
  async run({ url }) {
    const admission = await repeat(ROUNDS, () => withScene(url, '100.1', untilAdmitted));
    const holding = await repeat(ROUNDS, () => withScene(url, '200', untilHeld));
    const hosts = PLANS / PLANS_OF_A_HOST;
    return [
      judge(
        { name: 'a fleet, start to the first admission', unit: 'ms', target: 3_000 },
        admission,
        'keep, work and watch, one plan with room',
      ),
      judge(
        { name: `${PLANS} plans that wait, start of their hosts to held`, unit: 'ms', target: 2_000 },
        holding,
        `${hosts} watchers of ${PLANS_OF_A_HOST}, the most that one may have`,
      ),
    ];
  },
};

let accounts = 0;

type Scene = { ledger: Ledger; begin: (role: string, host: string) => Program; programs: Program[] };

/** Runs `use` with a fresh account here and at a broker with this price, and ends what it started. */
async function withScene(
  url: string,
  price: string,
  use: (scene: Scene) => Promise<number>,
): Promise<number> {
  accounts += 1;
  const account = `start-${accounts}`;
  const paper = await startPaper([SYMBOL], '1000');
  paper.price(SYMBOL, price);
  const env = { ...roleEnv(url, account, paper.url), WORKSTEAL_MAX_PLANS: String(PLANS_OF_A_HOST) };
  const ledger = await openLedger(url, account);
  const programs: Program[] = [];
  const begin = (role: string, host: string): Program => {
    const program = startProgram(role, host, env);
    programs.push(program);
    return program;
  };
  try {
    await configure(ledger, readSettings(env).settings, SYNC_MAX_AGE_MS);
    return await use({ ledger, begin, programs });
  } finally {
    await Promise.all(programs.map((program) => program.close()));
    await ledger.close();
    await paper.close();
  }
}

async function untilAdmitted({ ledger, begin, programs }: Scene): Promise<number> {
  await file(ledger, 'plan');
  const began = performance.now();
  for (const role of ['keep', 'work', 'watch']) begin(role, role);
  await until('an order is admitted', LIMIT_MS, programs, async () => {
    const book = await snapshot(ledger);
    return (book?.orders.length ?? 0) > 0;
  });
  return performance.now() - began;
}

/** The account is reconciled, and none of the plans has room. */
async function untilHeld({ ledger, begin, programs }: Scene): Promise<number> {
  const [atSeconds] = await ledger.redis.time();
  await sync(ledger, notionalMicros('1', '1'), Number(atSeconds) * 1_000, []);
  for (let from = 0; from < PLANS; from += PLANS_AT_ONCE)
    await Promise.all(Array.from({ length: PLANS_AT_ONCE }, (_, at) => file(ledger, `plan${from + at}`)));
  const began = performance.now();
  for (let host = 0; host < PLANS / PLANS_OF_A_HOST; host += 1) begin('watch', `host${host}`);
  await until(`${PLANS} plans are held`, LIMIT_MS, programs, async () => (await heldPlans(ledger)) === PLANS);
  return performance.now() - began;
}

async function file(ledger: Ledger, id: string): Promise<void> {
  await filePlan(ledger, {
    ...{ id, symbol: SYMBOL, side: 'buy', mode: 'normal', limit: '100', qty: '1', pnl: '1' },
    ...{ pool: '', takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'bench' },
  });
}
