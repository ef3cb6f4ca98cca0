/** The table at the top of decide-next.ts: it has every action of every stage, and no other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { STAGES, type Stage } from '../../src/ledger/commands/plans.ts';
import { packageRoot } from '../../src/package-root.ts';
import type { Action } from '../../src/watcher/plan/action.ts';
import { decideNext } from '../../src/watcher/plan/decide-next.ts';
import type { OrderLookup, OrderView, View } from '../../src/watcher/plan/view.ts';

const NOW_MS = 1_000_000;

type Row = { stage: string; action: string; next: string };

/** The rows of the table, without its heading. */
const rows: readonly Row[] = readFileSync(join(packageRoot(), 'src/watcher/plan/decide-next.ts'), 'utf8')
  .split('\n')
  .filter((line) => /^ \* \| (?!stage)/.test(line))
  .map((line) => {
    const [, stage = '', , action = '', next = ''] = line.split('|').map((cell) => cell.trim());
    return { stage, action, next };
  });

/** `finish done`, `wait paused`: the action, and what it is done for. */
function nameOf(action: Action): string {
  if (action.do === 'finish') return `finish ${action.stage}`;
  if ('why' in action) return `${action.do} ${action.why}`;
  return 'reason' in action ? `${action.do} ${action.reason}` : action.do;
}

/** Every combination of one value for each key. */
function* combinations<T extends object>(
  choices: { [K in keyof T]: readonly T[K][] },
  names = Object.keys(choices) as (keyof T)[],
): Generator<T> {
  const [name, ...others] = names;
  if (name === undefined) return yield {} as T;
  for (const one of combinations(choices, others))
    for (const value of choices[name]) yield { ...one, [name]: value };
}

const OPEN: OrderView = {
  state: 'working',
  limit: '101',
  filledQty: '0',
  filledSinceMs: 0,
  sent: true,
  robbedBy: '',
  keptAs: '',
  reason: '',
  endedMs: 0,
};

/** Orders as the ledger knows them: one that works, or is being cancelled, was sent. */
const ORDERS: readonly OrderLookup[] = [
  undefined,
  null,
  ...['0', '3'].flatMap((filledQty): OrderView[] => [
    { ...OPEN, filledQty },
    { ...OPEN, filledQty, limit: '99' },
    { ...OPEN, filledQty, state: 'cancelling' },
    { ...OPEN, filledQty, state: 'reserved' },
    { ...OPEN, filledQty, state: 'reserved', sent: false },
  ]),
  ...combinations<OrderView>({
    state: ['filled', 'cancelled', 'rejected'],
    limit: ['101'],
    filledQty: ['0', '3', '10'],
    filledSinceMs: [0],
    sent: [true],
    robbedBy: ['', 'thief_1'],
    keptAs: ['', 'p_2'],
    reason: ['', 'by_hand'],
    endedMs: [0, NOW_MS],
  }),
];

type Choices = { [K in keyof Situation]: readonly Situation[K][] };

type Situation = {
  entry: OrderLookup;
  exit: OrderLookup;
  heldQty: string | undefined;
  closedQty: string;
  heldSinceMs: number;
  price: string | undefined;
  forced: boolean;
  paused: boolean;
  queued: boolean;
  stopping: boolean;
  ruleByHand: 'withdraw' | 'pause';
  partialEntry: 'cancel' | 'rest';
  liveAttempt: number | undefined;
  startsAtMs: number;
  expiresAtMs: number;
  withdrawAsked: boolean;
  closeAskedMs: number;
  takeProfit: string;
  holdMs: number;
};

/** What is the same in every stage that does not look at it. */
const SAME: Choices = {
  entry: [undefined],
  exit: [undefined],
  heldQty: [undefined],
  closedQty: ['0'],
  heldSinceMs: [0, NOW_MS - 1_000, NOW_MS],
  price: [undefined, '100', '150'],
  forced: [false],
  paused: [false, true],
  queued: [false],
  stopping: [false, true],
  ruleByHand: ['pause'],
  partialEntry: ['cancel'],
  liveAttempt: [undefined],
  startsAtMs: [0],
  expiresAtMs: [0],
  withdrawAsked: [false],
  closeAskedMs: [0, NOW_MS],
  takeProfit: ['', '120'],
  holdMs: [0, 1_000],
};
const ENDS = { expiresAtMs: [0, NOW_MS], withdrawAsked: [false, true] };

const SITUATIONS: Readonly<Record<Stage, Choices>> = {
  waiting: {
    ...SAME,
    ...ENDS,
    entry: [
      undefined,
      null,
      ...ORDERS.filter((order) => order?.state === 'reserved' || order?.state === 'working'),
    ],
    heldSinceMs: [0],
    forced: [false, true],
    queued: [false, true],
    liveAttempt: [undefined, 1],
    startsAtMs: [0, NOW_MS + 1],
  },
  entering: {
    ...SAME,
    ...ENDS,
    entry: ORDERS,
    ruleByHand: ['withdraw', 'pause'],
    partialEntry: ['cancel', 'rest'],
  },
  holding: { ...SAME, heldQty: [undefined, '0', '10'], closedQty: ['0', '10'] },
  exiting: { ...SAME, exit: ORDERS, heldQty: [undefined, '10'], closedQty: ['0', '7'] },
  done: SAME,
  withdrawn: SAME,
  expired: SAME,
};

function viewIn(stage: Stage, situation: Situation): View {
  const {
    startsAtMs,
    expiresAtMs,
    withdrawAsked,
    closeAskedMs,
    takeProfit,
    holdMs,
    forced,
    ruleByHand,
    ...known
  } = situation;
  return {
    ...known,
    plan: {
      id: 'p',
      symbol: 'AAPL',
      side: 'buy',
      mode: 'normal',
      limit: '100',
      qty: '10',
      pnl: '5',
      pool: '',
      takeProfit,
      startsAtMs,
      expiresAtMs,
      holdMs,
      strategy: 'test',
      stage,
      attempt: 1,
      exitAttempt: 1,
      filedAtMs: 0,
      heldSinceMs: 0,
      withdrawAsked,
      closeAskedMs,
      refused: 0,
      pausedFor: '',
      pauseLeftMs: 0,
      waitMs: 0,
    },
    rule: { tolerance: '0.0066', forceImmediate: forced },
    nowMs: NOW_MS,
    byHand: { entry: ruleByHand, pauseMs: 60_000 },
  };
}

it.each(STAGES)('has the actions of a plan that is %s, and no others', (stage) => {
  const actions = new Set<string>();
  for (const situation of combinations<Situation>(SITUATIONS[stage]))
    actions.add(nameOf(decideNext(viewIn(stage, situation))));
  const written = new Set(rows.filter((row) => row.stage === stage).map(({ action }) => action));
  expect([...written].sort()).toEqual([...actions].sort());
});

it('names stages, and nothing else, as what comes next', () => {
  expect(new Set(rows.map(({ stage }) => stage))).toEqual(new Set(STAGES));
  const stages: readonly string[] = STAGES;
  expect(rows.filter(({ next }) => !stages.includes(next.replace(/\+1$/, '')))).toEqual([]);
});
