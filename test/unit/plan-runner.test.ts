/** When the plans of a host begin. */
import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { LeasedPlan } from '../../src/ledger/commands/plans.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { PlanRunner } from '../../src/watcher/plan/plan-runner.ts';

/** A runner whose ledger has no time yet, so that a plan that runs only looks at the clock; and how often. */
function aRunner(): { runner: PlanRunner; looks: () => number } {
  let looks = 0;
  const runner = new PlanRunner({
    rules: readSettings({}).settings,
    clock: {
      nowMs() {
        looks += 1;
        return undefined;
      },
    },
    monotonicMs: () => 0,
    log: pino({ enabled: false }),
  } as unknown as ConstructorParameters<typeof PlanRunner>[0]);
  return { runner, looks: () => looks };
}

function aPlan(id: string): LeasedPlan {
  const terms = { id, symbol: 'AAPL', side: 'buy', mode: 'normal', limit: '100', qty: '1', pnl: '1' };
  const progress = { pool: '', stage: 'waiting', attempt: 1, exitAttempt: 0, heldSinceMs: 0, refused: 0 };
  return { ...terms, ...progress } as unknown as LeasedPlan;
}

it('a plan begins when it is taken', () => {
  const { runner, looks } = aRunner();
  runner.take([aPlan('a')]);
  expect(looks()).toBe(1);
});

it('plans that are taken or nudged on hold begin once they are let, each once', () => {
  const { runner, looks } = aRunner();
  runner.hold();
  runner.take([aPlan('a'), aPlan('b')]);
  runner.nudgeAll();
  expect(looks()).toBe(0);
  runner.letRun();
  expect(looks()).toBe(2);
});

it('a plan that was dropped on hold does not begin', () => {
  const { runner, looks } = aRunner();
  runner.hold();
  runner.take([aPlan('a')]);
  runner.drop('a');
  runner.letRun();
  expect(looks()).toBe(0);
});
