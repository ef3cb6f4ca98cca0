/**
 * Valid argument lists of every command on the full book (full-book.ts), so that corrupted ones pass the
 * first checks.
 */
import { configureArguments } from '../../support/configure-arguments.ts';
import { NOW_MS } from '../../support/ledger.ts';

export type Call = readonly string[];

const wish = (serverId: string, ...changes: readonly [at: number, value: string][]): string[] => {
  const terms = ['new', 'AAA', 'buy', 'entry', 'normal', '10', '5', '1', '', 'host', '', '60000'];
  const right = [...terms, serverId, 'limit', '0.75'];
  for (const [at, value] of changes) right[at] = value;
  return right;
};
const TRACEPARENT = `00-${'a1'.repeat(16)}-${'b2'.repeat(8)}-01`;
const PLAN = ['new', 'AAA', 'buy', 'normal', '10', '1', '1', '', '11', '0', '0', '0', 's', '0.75'];

/** By command; `serverId` is the real one, without which nothing is admitted. */
export async function rightCalls(serverId: string): Promise<Readonly<Record<string, readonly Call[]>>> {
  const wishes = [
    wish(serverId),
    wish(serverId, [1, 'TTT'], [6, '80'], [7, '90']),
    wish(serverId, [1, 'BTCUSD'], [8, 'crypto'], [10, 'waiting']),
    wish(serverId, [1, 'BBB'], [2, 'sell'], [3, 'exit'], [4, 'probe'], [6, '25'], [13, 'stop']),
    wish(serverId, [0, 'working1'], [6, '50'], [7, '5']),
  ];
  const ids = [
    'working1',
    'partly',
    'cancelling',
    'reserved',
    'sent',
    'external',
    'ended',
    'pending',
    'victim',
  ];
  const ofEach = (...more: readonly string[]): Call[] => ids.map((id) => [id, ...more]);
  return {
    admit: wishes.map((one) => [...one, '', '']),
    asset: [
      ['AAA', '{}', '0'],
      ['BTCUSD', '', '1000'],
    ],
    steal: wishes.map((one) => [...one, '', '', TRACEPARENT]),
    'account-refused': [['test', 'new orders are rejected'], ...ofEach('no orders')],
    'account-told': [
      ['status CLOSED', ''],
      ['', 'no short sales'],
    ],
    accept: [[]],
    adopt: [
      ['new', 'b1', 'AAA', 'buy', '10', '1', '0', '0', '', '0', `${NOW_MS}`, '0', '0', '0', '0', 'limit'],
      [
        'ended',
        'b2',
        'BTCUSD',
        'sell',
        '10.5',
        '7.25',
        '1.5',
        '1000000',
        'crypto',
        '1',
        `${NOW_MS + 1}`,
        '1',
        '0.5',
        '300000',
        '1',
        'stop_limit',
      ],
    ],
    amend: ids.flatMap((id) => [
      [id, 'broker-1', 'b3', 'AAA', 'buy', '10.5', '60', '1', '10000000', 'now'],
      [id, '', 'b4', 'BBB', 'sell', '9', '50', '0', '0', 'later'],
    ]),
    audit: [[]],
    bind: [['PA1'], ['PA2']],
    cancel: ofEach('test', 'alice@ops', TRACEPARENT),
    cash: [
      ['500000000', `${NOW_MS}`, '1000'],
      ['', `${NOW_MS}`, '0'],
    ],
    claim: ids.map((id) => ['claimed', id]),
    close: [
      ['broker', 'no orders'],
      ['fault', 'order x is missing'],
    ],
    clock: [
      ['manual', `${NOW_MS}`, '1', `${NOW_MS}`],
      ['scaled', `${NOW_MS}`, '60', '0'],
      ['real', '0', '1', '0'],
    ],
    configure: [
      await configureArguments({ WORK_STEALING_LEVERAGE: '1', WORK_STEALING_POOLS: 'crypto:1' }),
      await configureArguments({
        WORK_STEALING_VIP_SYMBOLS: 'AAA,VVV',
        WORK_STEALING_LEVERAGE: '2.5',
        WORK_STEALING_POOLS: 'crypto:1,stock:4',
        WORK_STEALING_SHORT_MARGIN: '0',
      }),
    ],
    confirm: [
      ['AAA', 'long', '10', '7.5', `${NOW_MS}`, 'server'],
      ['BTCUSD', 'none', '0', '0', `${NOW_MS + 1}`, 'server'],
    ],
    fill: ofEach('26.5', '265000000'),
    halt: [['test', 'alice@ops', '0']],
    journal: [['0'], ['1000']],
    'host-note': [
      [
        'h1',
        'watch',
        'f',
        `open ${NOW_MS}`,
        'forced any 0;wide 0.016 2;normal 0.0066 1;gate 0.003 0',
        'BTCUSD 12.5;ETHUSD -3',
        '',
        'AAA there is no bid',
      ],
      ['h2', 'keep', 'f', '', '', '', 'its keys are refused', ''],
    ],
    open: ofEach('broker-1'),
    'plan-claim': [['host', '60000', '5']],
    'plan-drop': [
      ['s', 'DDD', 'buy', 'placed', 'vanished'],
      ['s', 'AAA', 'sell', 'placed', 'vanished'],
    ],
    'plan-file': [PLAN, ['waiting', ...PLAN.slice(1)]],
    'plan-note': [
      ['host', 'claimed', 'entering', '2', '0', '', '0', '', '0', '0'],
      ['host', 'claimed', 'waiting', '2', '0', '', '0', 'order', '1000', '1'],
      ['host', 'holding', 'done', '1', '1', 'closed', '0', '', '0', '0'],
    ],
    'plan-leave': [['host'], ['host', 'claimed', 'holding']],
    'plan-renew': [
      ['host', '60000', 'claimed', 'holding'],
      ['host', '0', 'claimed'],
    ],
    'plan-replace': [
      [...PLAN, 'terms2'],
      ['placed', 'DDD', ...PLAN.slice(2), 'terms2'],
    ],
    'plan-close': ['waiting', 'claimed', 'holding', 'done'].map((id) => [id, 'alice@ops']),
    'plan-withdraw': ['waiting', 'claimed', 'done'].map((id) => [id, 'test', '']),
    'not-replaced': ofEach('next'),
    release: ofEach('test'),
    remember: [['r1', 'TTT', 'AAA', `${NOW_MS - 1}`, '1000000']],
    recall: [['1', 'p_1', 'p_x2']],
    renew: [['host', '60000', 'reserved', 'pending']],
    reopen: [['broker'], ['fleet']],
    replace: ids.map((id) => [id, `broker-${id}`, 'next', '10.5', '5', '60000', serverId]),
    'keeper-note': [
      ['no answer', '0', '0'],
      ['', '20000', '0'],
      ['', '0', '300000000', 'b1', 'order', 'AAA', '0', 'it has no symbol'],
    ],
    mend: [['0']],
    resume: [['test', 'alice@ops']],
    settle: [
      ...ofEach('cancelled', '0', '0', 'test'),
      ['partly', 'cancelled', '30', '300000000', 'test'],
      ['victim', 'filled', '50', '500000000', 'test'],
    ],
    snapshot: [['0', '10']],
    submit: ofEach('60000', serverId),
    sweep: [['10']],
    sync: [
      [serverId, '2800000000', `${NOW_MS}`, '', '0', '0', '0', '0', 'BBB', 'long', '25', '250000000', ''],
      [
        serverId,
        '2800000000',
        `${NOW_MS}`,
        '',
        '5000',
        '15000',
        '0.5',
        '1',
        'BTCUSD',
        'short',
        '1',
        '1000000',
        'crypto',
        'AAA',
        'long',
        '2.5',
        '5000000',
        '',
      ],
    ],
    tick: [['AAA', '11.5', '0', 'BBB', '9', '10', 'VVV', '0', '0']],
    vouch: [['test']],
  };
}
