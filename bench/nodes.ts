/**
 * `node bench/nodes.ts [--seed 1]`: simulates many accounts on the masters of a Cluster, as far as one
 * machine can't hold them. Each account is on the node of its slot, as Redis places it. Commands come at
 * random (Poisson) in the mixes below, and a node runs one at a time, each for the time that was measured on
 * a real server. So the figures leave out the network, and what a burst of one account would add. The same
 * seed gives the same tables.
 */
import { parseArgs } from 'node:util';
import { seededRandom } from '../src/prices/random.ts';
import { SLOTS, slotOf } from '../src/redis/slot.ts';

/**
 * What one of each takes of Redis' processor, us, as measured by `npm run bench -- --only service`: a tick of
 * ten symbols, an admission with its release, a steal with its victim's end and its thief's release.
 */
const MICROS = { tick: 100, admission: 230, steal: 650 } as const;
/** How many a second of one account, besides its ticks. */
const ADMISSIONS_PER_SECOND = 0.1;
const STEALS_PER_SECOND = 0.01;
/** Seconds between two ticks of an account, of each table. */
const TICK_EVERY_S = [1, 5];

type Mix = { kinds: readonly { perSecond: number; micros: number }[]; perSecond: number; micros: number };

/** `perSecond`: commands of an account; `micros`: what one takes on average. */
function mixOf(tickEveryS: number): Mix {
  const kinds = [
    { perSecond: 1 / tickEveryS, micros: MICROS.tick },
    { perSecond: ADMISSIONS_PER_SECOND, micros: MICROS.admission },
    { perSecond: STEALS_PER_SECOND, micros: MICROS.steal },
  ];
  const perSecond = kinds.reduce((sum, kind) => sum + kind.perSecond, 0);
  const used = kinds.reduce((sum, kind) => sum + kind.perSecond * kind.micros, 0);
  return { kinds, perSecond, micros: used / perSecond };
}

const NODES = [1, 3, 10, 100];
const ACCOUNTS = [1_000, 10_000, 100_000, 1_000_000];
/** Simulated commands of all nodes together, of each case; of one node at least so many. */
const COMMANDS = 1_000_000;
const LEAST_COMMANDS = 20_000;
/** Waits are counted by their length: this many us in a class, the last one holds all longer ones. */
const CLASS_MICROS = 10;
const CLASSES = 100_000;

/** How many accounts each node has. */
function placed(accounts: number, nodes: number): number[] {
  const counts = Array.from({ length: nodes }, () => 0);
  for (let at = 0; at < accounts; at += 1) {
    const node = Math.floor((slotOf(`account-${at}`) * nodes) / SLOTS);
    counts[node] = (counts[node] as number) + 1;
  }
  return counts;
}

type Random = ReturnType<typeof seededRandom>;

/** The service time of a command of the mix. */
function serviceMicros({ kinds, perSecond, micros }: Mix, random: Random): number {
  let left = random.next() * perSecond;
  for (const kind of kinds) {
    left -= kind.perSecond;
    if (left < 0) return kind.micros;
  }
  return micros;
}

/** Adds the waits of so many commands on a node with these accounts to `waits`, by class. */
function simulate(mix: Mix, accounts: number, commands: number, random: Random, waits: Uint32Array): void {
  const perSecond = accounts * mix.perSecond;
  let wait = 0;
  for (let nth = 0; nth < commands; nth += 1) {
    const at = Math.min(CLASSES - 1, Math.floor(wait / CLASS_MICROS));
    waits[at] = (waits[at] as number) + 1;
    const untilNext = (-Math.log(1 - random.next()) / perSecond) * 1e6;
    wait = Math.max(0, wait + serviceMicros(mix, random) - untilNext);
  }
}

/** The wait that this share of the commands does not exceed, us. */
function quantile(waits: Uint32Array, share: number): number {
  const all = waits.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [at, count] of waits.entries()) {
    seen += count;
    if (seen >= share * all) return (at + 1) * CLASS_MICROS;
  }
  return CLASSES * CLASS_MICROS;
}

/** `mean`, `busiest`: use of the nodes' cores. `p99Micros`: of all waits; undefined: one has too many. */
type Case = { mean: number; busiest: number; p99Micros: number | undefined };

function caseOf(mix: Mix, accounts: number, nodes: number, random: Random): Case {
  const counts = placed(accounts, nodes);
  const use = (count: number): number => (count * mix.perSecond * mix.micros) / 1e6;
  const [mean, busiest] = [use(accounts / nodes), use(Math.max(...counts))];
  if (busiest >= 1) return { mean, busiest, p99Micros: undefined };
  const waits = new Uint32Array(CLASSES);
  for (const count of counts) {
    if (count === 0) continue;
    const commands = Math.max(LEAST_COMMANDS, Math.round((COMMANDS * count) / accounts));
    simulate(mix, count, commands, random, waits);
  }
  return { mean, busiest, p99Micros: quantile(waits, 0.99) };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' } } });
const seed = Number(values.seed);
if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`--seed ${values.seed}: must be a whole number`);

process.stdout.write(`seed ${seed}\n`);
for (const tickEveryS of TICK_EVERY_S) {
  const mix = mixOf(tickEveryS);
  const rate = `${mix.perSecond.toFixed(2)} commands/s of an account, ${mix.micros.toFixed(0)} us each`;
  process.stdout.write(`\nprices every ${tickEveryS} s: ${rate}\n\n`);
  process.stdout.write('| accounts | nodes | mean use | busiest node | p99 wait |\n|---|---|---|---|---|\n');
  for (const accounts of ACCOUNTS) {
    for (const nodes of NODES) {
      const { mean, busiest, p99Micros } = caseOf(mix, accounts, nodes, seededRandom(seed));
      const wait = p99Micros === undefined ? 'too many' : `${(p99Micros / 1_000).toFixed(2)} ms`;
      const row = [accounts.toLocaleString('en'), nodes, percent(mean), percent(busiest), wait];
      process.stdout.write(`| ${row.join(' | ')} |\n`);
    }
  }
}
