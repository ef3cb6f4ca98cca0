/** The public scenarios, those of policy expected and regressions, on the model and on the kernel. */
import { describe, expect, it } from 'vitest';
import { readDecisionScenarios } from '../support/scenario.ts';
import { decide } from './decide.ts';
import { decideByKernel } from './kernel.ts';

const FILES = ['decisions.json', 'beyond.json', 'expected.json', 'regressions.json'];
const SCENARIOS = FILES.flatMap((file) => readDecisionScenarios(file));

describe.each([
  ['the reference model', decide],
  ['the kernel', decideByKernel],
])('%s decides as the scenarios expect', (_, decideBy) => {
  it.each(SCENARIOS.map(({ scenario, expected }) => [scenario.id, scenario, expected] as const))(
    '%s',
    (_id, scenario, expected) => {
      const { admitted, victims, reason, kept } = decideBy(scenario);
      expect({ admitted, victims, reason, ...(kept && { kept }) }).toEqual(expected);
    },
  );
});
