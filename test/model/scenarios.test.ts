/** The public scenarios, and those of policy expected, on the reference model. */
import { describe, expect, it } from 'vitest';
import { readDecisionScenarios } from '../support/scenario.ts';
import { decide } from './decide.ts';

const FILES = ['decisions.json', 'beyond.json', 'expected.json'];

describe('the reference model decides as the scenarios expect', () => {
  for (const { scenario, expected } of FILES.flatMap(readDecisionScenarios)) {
    it(scenario.id, () => {
      const { admitted, victims, reason, kept } = decide(scenario);
      expect({ admitted, victims, reason, ...(kept && { kept }) }).toEqual(expected);
    });
  }
});
