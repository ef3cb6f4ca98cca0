/** Runs the suite of src/broker/conformance, the one that the package exports, as tests of a file. */
import { describe, it } from 'vitest';
import {
  type BrokerStage,
  type ConformanceOptions,
  conformanceCases,
} from '../../src/broker/conformance/index.ts';

/** @param makeStage opens a broker with a fresh account; called by each test */
export function conformsToPort(
  name: string,
  makeStage: () => Promise<BrokerStage>,
  options?: ConformanceOptions,
): void {
  describe(name, () => {
    for (const { name: promise, run } of conformanceCases(makeStage, options)) it(promise, run);
  });
}
