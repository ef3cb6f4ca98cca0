/** Scenarios that `worksteal decide` decides in a second, on an embedded Redis of its own. */
import { decide as decideOne } from '../../src/ledger/what-if/decide.ts';
import { readScenario } from '../../src/ledger/what-if/scenario.ts';
import { openScratchAccounts } from '../../src/ledger/what-if/scratch.ts';
import { perSecond, repeat } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge } from '../report.ts';

const SCENARIOS = 256;
const WIDTH = 64;

const SCENARIO = {
  now: '2026-01-05T15:00:00Z',
  account: { equity: '1000', leverage: '1' },
  orders: [
    { id: 'a', symbol: 'AAPL', side: 'buy', limit: '100', qty: '5', pnl: '1', price: '110' },
    { id: 'b', symbol: 'MSFT', side: 'buy', limit: '100', qty: '5', pnl: '2', price: '110' },
  ],
  attempt: { symbol: 'NVDA', side: 'buy', limit: '100', qty: '4', pnl: '9', price: '100' },
};

export const decide: Measure = {
  name: 'decide',
  isQuick: true,
  async run({ url, rounds }) {
    const scratch = await openScratchAccounts(url, true);
    const scenario = readScenario(SCENARIO);
    let next = 0;
    const rate = await repeat(Math.min(5, rounds), async () => {
      const perRound = await perSecond(Array.from({ length: SCENARIOS }), WIDTH, async () => {
        next += 1;
        const { reason } = await decideOne(scratch.account(next), scenario);
        if (reason !== 'stolen') throw new Error(`a scenario was decided: ${reason}`);
      });
      await scratch.clear();
      return perRound;
    });
    await scratch.close();
    const goal = { name: 'scenarios decided', unit: '/s', target: 3_000, bound: 'least' } as const;
    return [judge(goal, rate, 'two orders and a thief each')];
  },
};
