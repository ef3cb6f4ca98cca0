/**
 * The promises of the broker port (src/broker/port.ts), each as a case that any test runner can run:
 * `import … from 'worksteal/broker-conformance'`.
 */
import assert from 'node:assert/strict';
import { ACCOUNT } from './account.ts';
import { CANCELS } from './cancels.ts';
import type { Feature, Promised } from './case.ts';
import { CHANGES } from './changes.ts';
import { FAILURES } from './failures.ts';
import { MARKET } from './market.ts';
import { ORDERS } from './orders.ts';
import { REPLACEMENTS } from './replacements.ts';
import type { BrokerStage } from './stage.ts';
import { STREAMS } from './streams.ts';

export type { Feature } from './case.ts';
export type { BrokerStage, CancelFault, ReplaceFault, SubmitFault } from './stage.ts';

/**
 * One promise of the port. `name`: the promise as a sentence. `run` opens a stage, tries the promise and
 * closes the stage. It rejects with an AssertionError where the broker breaks the promise. Give it half a
 * minute.
 */
export type ConformanceCase = { name: string; run(): Promise<void> };

/** `lacks`: what the broker does not have, so that its stage leaves it out. */
export type ConformanceOptions = { lacks?: readonly Feature[] };

const LACKS: Readonly<Record<Feature, string>> = {
  change: 'no order can be changed at this broker',
  nextReplace: 'the adapter asks for no replacements',
  buyAtMarket: 'no order can be placed at the market at this broker',
};

const PROMISED: readonly Promised[] = [
  ...ORDERS,
  ...CANCELS,
  ...CHANGES,
  ...REPLACEMENTS,
  ...STREAMS,
  ...ACCOUNT,
  ...MARKET,
  ...FAILURES,
];

/**
 * Every promise of the port for one broker. Nothing is skipped: a feature that the broker lacks has to be
 * named, and a case of its own says so and checks it.
 * @param makeStage opens the broker with a fresh account; called once by each `run`
 */
export function conformanceCases(
  makeStage: () => Promise<BrokerStage>,
  { lacks = [] }: ConformanceOptions = {},
): ConformanceCase[] {
  const promised = PROMISED.filter(({ needs }) => needs === undefined || !lacks.includes(needs));
  return [...promised, ...new Set(lacks).values().map(lacking)].map((one) => ({
    name: one.name,
    async run() {
      const stage = await makeStage();
      try {
        if (one.needs !== undefined)
          assert.ok(has(stage, one.needs), `the stage has no ${one.needs}: add it, or name it in \`lacks\``);
        await one.check(stage);
      } finally {
        await stage.close();
      }
    },
  }));
}

/** Instead of the promises about a feature. */
function lacking(feature: Feature): Promised {
  const count = PROMISED.filter(({ needs }) => needs === feature).length;
  const promises = count === 1 ? '1 promise does' : `${count} promises do`;
  return {
    name: `${LACKS[feature]} (${feature}): ${promises} not apply`,
    async check(stage) {
      const isThere =
        has(stage, feature) || (feature === 'nextReplace' && stage.broker.replace !== undefined);
      assert.ok(!isThere, 'it has one: try the promises, without `lacks`');
    },
  };
}

function has(stage: BrokerStage, feature: Feature): boolean {
  return stage[feature] !== undefined;
}
