/**
 * Admissions and releases spread over many accounts: on one server, where only its core is the bound; and on
 * a Cluster of three masters.
 */
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { ClusterTopology } from '../../test/support/topology/cluster.ts';
import { openAccounts, pairRate } from '../accounts.ts';
import { compare, sampleOf } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge, type Target } from '../report.ts';
import { cpuMicros } from '../server-time.ts';

const COUNTS = [10, 100, 1_000];
const MASTERS = 3;
const CLUSTER_ACCOUNTS = 999;
const PAIRS = 2_000;
const ROUNDS = 9;
const SAME_RATE = 0.9;

export const accounts: Measure = {
  name: 'accounts',
  isQuick: false,
  async run({ url }) {
    return [...(await onOneServer(url)), ...(await onCluster())];
  },
};

async function onOneServer(url: string): Promise<Target[]> {
  const first = await openLedger(url, 'many', { loadsFunctions: true });
  try {
    const names = Array.from({ length: Math.max(...COUNTS) }, (_, at) => `many-${at}`);
    const all = await openAccounts(first, names);
    const targets: Target[] = [];
    for (const count of COUNTS) {
      const { a, b, ratio } = await compare(
        ROUNDS,
        () => pairRate(all.slice(0, count), PAIRS),
        () => pairRate(all.slice(0, 1), PAIRS),
      );
      const name = `admit and release, rate, ${count} accounts / 1`;
      targets.push(judge({ name, target: SAME_RATE, bound: 'least' }, ratio, `${perS(a)} / ${perS(b)}`));
    }
    return targets;
  } finally {
    await first.close();
  }
}

/** Three servers and their caller share the cores of one machine: their processor time is what counts. */
async function onCluster(): Promise<Target[]> {
  const cluster = await ClusterTopology.start();
  const nodes: Ledger[] = [];
  try {
    const names = cluster.accountsSpread(CLUSTER_ACCOUNTS, 'bench');
    const ofNode: Ledger[][] = [];
    for (let node = 0; node < MASTERS; node += 1) {
      const its = names.filter((_, at) => at % MASTERS === node);
      const first = await openLedger(cluster.url, its[0] as string, { loadsFunctions: true });
      nodes.push(first);
      ofNode.push(await openAccounts(first, its));
    }
    // By turns, so that every pair goes to another node than the one before.
    const everywhere = names.map((_, at) => ofNode[at % MASTERS]?.[Math.floor(at / MASTERS)] as Ledger);
    const alone = ofNode[0] as Ledger[];
    const used: Record<'three' | 'one', number[]> = { three: [], one: [] };
    const noted = async (which: 'three' | 'one', ledgers: readonly Ledger[]): Promise<number> => {
      const before = await cpuOf(nodes);
      const rate = await pairRate(ledgers, PAIRS);
      used[which].push(((await cpuOf(nodes)) - before) / PAIRS);
      return rate;
    };
    const { a, b, ratio } = await compare(
      ROUNDS,
      () => noted('three', everywhere),
      () => noted('one', alone),
    );
    const what = 'admit and release on a Cluster of 3 masters';
    const few = names.length / MASTERS;
    return [
      judge({ name: `${what}, rate / that of one of them` }, ratio, `${perS(a)} / ${perS(b)}`),
      judge({ name: `${what}, processor of all, a pair`, unit: 'us' }, sampleOf(used.three), '999 accounts'),
      judge({ name: `${what}, on one of them, a pair`, unit: 'us' }, sampleOf(used.one), `${few} accounts`),
    ];
  } finally {
    for (const node of nodes) await node.close();
    await cluster.close();
  }
}

async function cpuOf(nodes: readonly Ledger[]): Promise<number> {
  const each = await Promise.all(nodes.map(({ redis }) => cpuMicros(redis)));
  return each.reduce((sum, micros) => sum + micros, 0);
}

function perS(rate: number): string {
  return `${(rate / 1_000).toFixed(1)}k/s`;
}
