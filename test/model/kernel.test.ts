/** The kernel and the reference model agree on many random decisions; neither needs Redis. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scenarios } from './arbitrary.ts';
import { decide } from './decide.ts';
import { decideByKernel } from './kernel.ts';

const DECISIONS = Number(process.env['WORKSTEAL_DECISIONS'] ?? 1_500);
const SEED = Number(process.env['WORKSTEAL_SEED'] ?? 20_261_122);

it(`the kernel decides as the reference model, ${DECISIONS} times (seed ${SEED})`, () => {
  fc.assert(
    fc.property(scenarios, (scenario) => {
      const { numbers: _numbers, ...model } = decide(scenario);
      const { fought: _fought, ...kernel } = decideByKernel(scenario);
      expect(kernel).toEqual(model);
    }),
    { seed: SEED, numRuns: DECISIONS },
  );
});
