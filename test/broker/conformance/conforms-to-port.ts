/**
 * The promises of src/broker/port.ts, each a sentence. Whoever writes an adapter calls this from a test file
 * of its own, beside alpaca.test.ts and memory.test.ts.
 */
import { afterEach, beforeEach, describe } from 'vitest';
import { accountSentences } from './account.ts';
import { cancelSentences } from './cancels.ts';
import { changeSentences } from './changes.ts';
import { failureSentences } from './failures.ts';
import { marketSentences } from './market.ts';
import { orderSentences } from './orders.ts';
import type { BrokerStage } from './stage.ts';
import { streamSentences } from './streams.ts';

/** @param makeStage opens a broker with a fresh account; called before each test */
export function conformsToPort(name: string, makeStage: () => Promise<BrokerStage>): void {
  let stage: BrokerStage;
  beforeEach(async () => {
    stage = await makeStage();
  });
  afterEach(() => stage.close());

  describe(name, () => {
    const current = (): BrokerStage => stage;
    orderSentences(current);
    cancelSentences(current);
    changeSentences(current);
    streamSentences(current);
    accountSentences(current);
    marketSentences(current);
    failureSentences(current);
  });
}
