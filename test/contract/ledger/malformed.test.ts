/**
 * Every command with invalid values for each argument: replies `invalid` with command, field and value; no
 * key changes.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { decode } from '../../../src/ledger/reply.ts';
import { scriptNames } from '../../../src/ledger/scripts.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, failure, NOW_MS, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();
let account: TestAccount;
beforeAll(async () => {
  account = await ledgers.account({ env: { WORK_STEALING_POOLS: 'crypto:1' } });
  await account.prices({ AAA: '11', TTT: '10' });
  await account.place(anOrder('a').worth(500), anOrder('b').of('BBB').worth(500));
  await account.steal(anOrder('t').of('TTT').worth(500).pnl('10'));
});

/** Their last argument may be left out, and repeated. */
const LISTING = ['renew', 'plan-leave', 'plan-renew', 'recall'];
const VARIABLE = [...LISTING, 'sync', 'tick'];

const LONG = 'x'.repeat(257);
const WRONG = {
  id: ['', 'a b', 'a:b', 'é', 'x'.repeat(65), '*', 'a\n'],
  idOrNone: ['a b', 'a:b', 'é', 'x'.repeat(65), '*', '{}', 'a\n'],
  symbol: ['', 'aapl', 'BTC/USD', 'A B', '.A', 'A'.repeat(33), 'A:B', '*'],
  side: ['', 'BUY', 'long'],
  kind: ['', 'external', 'Entry'],
  mode: ['', 'vip'],
  price: [
    '',
    '0',
    '-1',
    'abc',
    '1e3',
    '1.',
    '.5',
    '1.0000000001',
    '9007199',
    'NaN',
    'inf',
    '0x10',
    ' 1',
    '1\n',
    '١',
  ],
  qty: ['', '0', '0.000000000', '-1', '1e3', '1.0000000001', '1000000000001', 'Infinity'],
  filled: ['', '-1', '1e3', '1.0000000001'],
  pnl: ['', 'abc', '1000000.000000001', '-1000001', '1e3', '--1'],
  pool: ['total', 'Crypto', 'a b', 'x'.repeat(17), '9a', 'bonds'],
  poolName: ['total', 'Crypto', 'a b', 'x'.repeat(17), '9a'],
  text: [LONG, 'a\nb', '\0', 'a\u001b[2J', '\u007f'],
  asset: [`${LONG}${LONG}`.padEnd(501, 'x')],
  duration: ['', '-1', '1.5', '1e3', '1000000000000', 'abc'],
  cash: ['-1', '1.5', '9007199254740992', '1e3', 'abc'],
  amount: ['', '-1', '1.5', '9007199254740992', '1e3', '99999999999999999'],
  flag: ['', '2', 'true', '01'],
  state: ['', 'working', 'done'],
  positionSide: ['', 'buy'],
  holdingSide: ['', 'buy'],
  item: ['', 'fill'],
  probability: ['', '-0.1', '1.000000001', '2', 'abc', '1e0', '0.5.', '.5'],
  fraction: ['', '-0.1', '9007198', 'abc', '0.0000000001'],
  improvement: ['', '0.9', '9007198', '1e1'],
  threshold: ['', '0', '1001', '1.5', 'a'],
  victims: ['', '0', '9', '1.5'],
  stealCount: ['', '-1', '1001', '1.5', 'a'],
  budget: ['', '-1', '1000.1', '1e1'],
  policy: ['', 'worst'],
  unpriced: ['x'.repeat(20_001), 'aaa there is no bid', 'AAA w;', ';AAA w', 'AAA a\nb'],
  listing: [
    'x'.repeat(20_001),
    'BTCUSD',
    'BTCUSD ',
    'btcusd 1',
    'BTC/USD 1',
    'BTCUSD abc',
    'BTCUSD 1e3',
    'BTCUSD 1;',
    ';',
    'BTCUSD 1;;ETHUSD 1',
  ],
  jump: ['', '-1', '1001', 'abc', '1e3'],
  cause: ['', 'weather', 'broker;fault'],
  session: ['x', 'open', 'open ', 'open 1.5', 'shut 1', 'open -1', 'open 1 1'],
  tiers: [
    'x',
    'normal 1',
    'normal any',
    'normal x 1',
    'normal any -1',
    'normal any 1;',
    'a b c',
    `normal any ${'1'.repeat(17)}`,
  ],
  vips: ['aapl', 'AAA;B B', 'A'.repeat(20_001)],
  pools: [
    '',
    'crypto 1',
    'total',
    'total 0',
    'total -1',
    'total 2;crypto',
    'total 2;;crypto 1',
    'total 2;total 3',
    'total 2;a 1;a 1',
    'total 2;A 1',
    'total x',
  ],
  clockMode: ['', 'fast'],
  scale: ['', '0', '-1', '1000001', 'a', '1e3'],
  limit: ['', '0', '1001', '1.5', 'a'],
  claim: ['', '0', '501', '1.5'],
  stage: ['', 'waiting ', 'reserved'],
  server: [LONG],
  takes: ['', 'soon'],
  type: ['', 'LIMIT', 'oco'],
  entryType: ['', 'LIMIT', 'oco', 'market', 'stop', 'stop_limit', 'trailing_stop'],
  person: ['a b', 'x'.repeat(65), 'a\nb', 'é', 'a;b', '*'],
  empty: [''],
  traceparent: [
    'x',
    `00-${'a'.repeat(32)}-${'b'.repeat(16)}`,
    `01-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    `00-${'A'.repeat(32)}-${'b'.repeat(16)}-01`,
    `00-${'a'.repeat(31)}-${'b'.repeat(17)}-01`,
    `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01-`,
    `00-${'a'.repeat(32)}-${'b'.repeat(15)}\n-01`,
  ],
} as const;

type Kind = keyof typeof WRONG;
/** An argument: its name, a value that is right, and what is wrong instead. */
type Argument = readonly [name: string, right: string, wrong: Kind | readonly Kind[]];

const PROBABILITY: Argument = ['fill_probability', '0.5', 'probability'];
const WISH: Argument[] = [
  ['id', 'new', 'id'],
  ['symbol', 'AAA', 'symbol'],
  ['side', 'buy', 'side'],
  ['kind', 'entry', 'kind'],
  ['mode', 'normal', 'mode'],
  ['limit', '10', 'price'],
  ['qty', '1', 'qty'],
  ['pnl', '1', 'pnl'],
  ['pool', '', 'pool'],
  ['owner', 'host', 'id'],
  ['plan', '', 'idOrNone'],
  ['lease_ms', '1000', 'duration'],
  ['server_id', 'any', 'server'],
  ['type', 'limit', 'entryType'],
  PROBABILITY,
];
const ID: Argument = ['id', 'a', 'id'];
const REASON: Argument = ['reason', 'test', 'text'];
const BY: Argument = ['by', 'alice@ops-1', 'person'];
const TRACEPARENT: Argument = ['traceparent', '', 'traceparent'];
const OWNED: Argument[] = [
  ['owner', 'host', 'id'],
  ['lease_ms', '1000', 'duration'],
  ['id', 'a', 'id'],
];

const COMMANDS: Record<string, Argument[]> = {
  admit: [...WISH, ['untakeable', '', 'text'], ['pool_rule', '', 'text']],
  steal: [...WISH, ['mutex', '', 'text'], ['fingerprint', '', 'text'], TRACEPARENT],
  adopt: [
    ['id', 'new', 'id'],
    ['broker_id', 'b', 'text'],
    ['symbol', 'AAA', 'symbol'],
    ['side', 'buy', 'side'],
    ['limit', '10', 'price'],
    ['qty', '1', 'qty'],
    ['filled_qty', '0', 'filled'],
    ['filled_micros', '0', 'amount'],
    ['pool', '', 'pool'],
    ['reducing', '0', 'flag'],
    ['started_ms', `${NOW_MS}`, 'amount'],
    ['replacing', '0', 'flag'],
    ['before_qty', '0', 'filled'],
    ['before_micros', '0', 'amount'],
    ['leg', '0', 'flag'],
    ['type', 'limit', 'type'],
  ],
  amend: [
    ID,
    ['was', '', 'text'],
    ['broker_id', 'b', ['empty', 'text']],
    ['symbol', 'AAA', 'symbol'],
    ['side', 'buy', 'side'],
    ['limit', '10', 'price'],
    ['qty', '1', 'qty'],
    ['before_qty', '0', 'filled'],
    ['before_micros', '0', 'amount'],
    ['takes', 'now', 'takes'],
  ],
  asset: [
    ['symbol', 'AAA', 'symbol'],
    ['text', '{}', 'asset'],
    ['max_age_ms', '1', 'duration'],
  ],
  bind: [['number', 'PA1', 'id']],
  cancel: [ID, REASON, BY, TRACEPARENT],
  claim: [['plan', 'p', 'id'], ID],
  clock: [
    ['mode', 'manual', 'clockMode'],
    ['now_ms', `${NOW_MS}`, 'amount'],
    ['scale', '1', 'scale'],
    ['health_ms', `${NOW_MS}`, 'amount'],
  ],
  'account-refused': [ID, ['words', 'no orders', ['empty', 'text']]],
  'account-told': [
    ['shut', '', 'text'],
    ['warnings', '', 'text'],
  ],
  cash: [
    ['told_micros', '1', 'cash'],
    ['started_ms', `${NOW_MS}`, 'amount'],
    ['apart_ms', '1', 'duration'],
  ],
  close: [
    ['cause', 'broker', 'cause'],
    ['words', 'no orders', ['empty', 'text']],
  ],
  configure: [
    ['enabled', '1', 'flag'],
    ['dry_run', '0', 'flag'],
    ['gate', '0.003', 'fraction'],
    ['protection', '0.004', 'fraction'],
    ['cooldown_ms', '1', 'duration'],
    ['improvement', '1.1', 'improvement'],
    ['fight_threshold', '3', 'threshold'],
    ['fight_window_ms', '1', 'duration'],
    ['fight_cooldown_ms', '1', 'duration'],
    ['max_victims', '3', 'victims'],
    ['quote_max_age_ms', '1', 'duration'],
    ['history_ttl_ms', '1', 'duration'],
    ['policy', 'pnl', 'policy'],
    ['sync_max_age_ms', '1', 'duration'],
    ['fingerprint', 'f', 'text'],
    ['vip', '', 'vips'],
    ['pools', 'total 1', 'pools'],
    ['unused_pause_ms', '1', 'duration'],
    ['short_margin', '0.03', 'fraction'],
    ['what_if', '0', 'flag'],
    ['quote_max_jump', '0.2', 'fraction'],
    ['pool_rule', 'p', 'text'],
    ['half_life_ms', '0', 'duration'],
    ['min_residency_ms', '0', 'duration'],
    ['max_robbed', '0', 'stealCount'],
    ['robbed_window_ms', '1', 'duration'],
    ['budget', '0', 'budget'],
    ['budget_window_ms', '1', 'duration'],
    ['partial', '0', 'flag'],
    ['partial_min', '0.25', 'fraction'],
    ['regret_window_ms', '1', 'duration'],
  ],
  confirm: [
    ['symbol', 'AAA', 'symbol'],
    ['side', 'long', 'holdingSide'],
    ['qty', '1', 'filled'],
    ['free', '1', 'filled'],
    ['started_ms', '1', 'amount'],
    ['server_id', '', 'server'],
  ],
  fill: [ID, ['filled_qty', '1', 'filled'], ['cost_micros', '1', 'amount']],
  journal: [['lasts_ms', '1000', 'duration']],
  halt: [REASON, BY, ['since_ms', '0', 'amount']],
  'host-note': [
    ['host', 'h', 'id'],
    ['role', 'watch', 'id'],
    ['fingerprint', 'f', 'text'],
    ['session', '', ['session', 'text']],
    ['tiers', '', ['tiers', 'text']],
    ['cryptos', '', 'listing'],
    ['trouble', '', 'text'],
    ['unpriced', '', 'unpriced'],
  ],
  'keeper-note': [
    ['failure', '', 'text'],
    ['wait_ms', '0', 'duration'],
    ['counted_micros', '0', 'amount'],
    ['id', 'o', 'text'],
    ['what', 'order', 'item'],
    ['symbol', '', 'text'],
    ['counts', '0', 'flag'],
    ['why', 'no price', 'text'],
  ],
  open: [ID, ['broker_id', 'b', ['empty', 'text']]],
  'plan-claim': [
    ['owner', 'host', 'id'],
    ['lease_ms', '1000', 'duration'],
    ['limit', '5', 'claim'],
  ],
  'plan-drop': [
    ['strategy', 's', 'id'],
    ['symbol', 'AAA', 'symbol'],
    ['side', 'buy', 'side'],
    ['id', 'p1', 'id'],
    REASON,
  ],
  'plan-file': [
    ['id', 'p1', 'id'],
    ['symbol', 'AAA', 'symbol'],
    ['side', 'buy', 'side'],
    ['mode', 'normal', 'mode'],
    ['limit', '10', 'price'],
    ['qty', '1', 'qty'],
    ['pnl', '1', 'pnl'],
    ['pool', '', 'pool'],
    ['take_profit', '11', 'price'],
    ['starts_at_ms', '0', 'amount'],
    ['expires_at_ms', '0', 'amount'],
    ['hold_ms', '0', 'duration'],
    ['strategy', '', 'text'],
    PROBABILITY,
  ],
  'plan-note': [
    ['owner', 'host', 'id'],
    ['id', 'p1', 'id'],
    ['stage', 'done', 'stage'],
    ['attempt', '1', 'amount'],
    ['exit_attempt', '0', 'amount'],
    ['reason', '', 'text'],
    ['held_since_ms', '0', 'amount'],
    ['paused_for', '', 'text'],
    ['pause_ms', '0', 'duration'],
    ['refused', '0', 'amount'],
  ],
  'plan-leave': [
    ['owner', 'host', 'id'],
    ['id', 'p1', 'id'],
  ],
  'plan-renew': OWNED,
  'plan-replace': [
    ['id', 'p1', 'id'],
    ['symbol', 'AAA', 'symbol'],
    ['side', 'buy', 'side'],
    ['mode', 'normal', 'mode'],
    ['limit', '10', 'price'],
    ['qty', '1', 'qty'],
    ['pnl', '1', 'pnl'],
    ['pool', '', 'pool'],
    ['take_profit', '11', 'price'],
    ['starts_at_ms', '0', 'amount'],
    ['expires_at_ms', '0', 'amount'],
    ['hold_ms', '0', 'duration'],
    ['strategy', 's', 'id'],
    PROBABILITY,
    ['terms', 't', 'id'],
  ],
  'plan-close': [['id', 'p1', 'id'], BY],
  'plan-withdraw': [['id', 'p1', 'id'], REASON, BY],
  'not-replaced': [ID, ['next_id', 'n', 'id']],
  release: [ID, REASON],
  remember: [
    ['id', 'r1', 'id'],
    ['thief_symbol', 'TTT', 'symbol'],
    ['victim_symbol', 'AAA', 'symbol'],
    ['at_ms', '1', 'amount'],
    ['held_micros', '0', 'amount'],
  ],
  renew: OWNED,
  reopen: [['cause', 'broker', 'cause']],
  replace: [
    ID,
    ['was', 'b', ['empty', 'text']],
    ['next_id', 'n', 'id'],
    ['limit', '10', 'price'],
    ['qty', '1', 'qty'],
    ['lease_ms', '1000', 'duration'],
    ['server_id', '', 'server'],
  ],
  mend: [['cursor', '0', 'amount']],
  resume: [REASON, BY],
  settle: [
    ID,
    ['state', 'cancelled', 'state'],
    ['filled_qty', '0', 'filled'],
    ['cost_micros', '0', 'amount'],
    REASON,
  ],
  snapshot: [
    ['cursor', '0', 'amount'],
    ['count', '10', 'limit'],
  ],
  submit: [ID, ['lease_ms', '1', 'duration'], ['server_id', '', 'server']],
  sweep: [['limit', '10', 'limit']],
  recall: [
    ['first', '1', 'flag'],
    ['id', 'p_1', 'id'],
  ],
  sync: [
    ['server_id', 's', ['empty', 'server']],
    ['equity_micros', '1', 'amount'],
    ['started_ms', '1', 'amount'],
    ['created', '', 'text'],
    ['apart_ms', '0', 'duration'],
    ['raise_ms', '0', 'duration'],
    ['jump', '0', 'jump'],
    ['at_once', '0', 'flag'],
    ['symbol', 'AAA', 'symbol'],
    ['side', 'long', 'positionSide'],
    ['qty', '1', 'qty'],
    ['cost_micros', '1', 'amount'],
    ['pool', '', 'pool'],
  ],
  tick: [
    ['symbol', 'AAA', 'symbol'],
    ['price', '1', 'price'],
    ['age_ms', '0', 'duration'],
  ],
  vouch: [REASON],
};

/** What is wrong elsewhere and right here. */
const FINE: Record<string, readonly string[]> = {
  'tick price': ['0'],
  'plan-file take_profit': [''],
  'plan-replace take_profit': [''],
};

function wrongOf(command: string, [name, , wrong]: Argument): string[] {
  const values = (typeof wrong === 'string' ? [wrong] : wrong).flatMap((kind) => [...WRONG[kind]]);
  return values.filter((value) => !FINE[`${command} ${name}`]?.includes(value));
}

describe('wrong arguments', () => {
  it('are tried on every command that takes any', () => {
    expect(Object.keys(COMMANDS).sort()).toEqual(
      scriptNames().filter((name) => name !== 'audit' && name !== 'accept'),
    );
  });

  for (const [command, list] of Object.entries(COMMANDS)) {
    it(`of ${command} are refused by name, and change nothing`, async () => {
      const right = list.map(([, value]) => value);
      const send = async (args: string[]): Promise<unknown> =>
        decode(command, [], await account.ledger.run(command, args));
      const before = await account.keyspace();
      for (const [at, argument] of list.entries()) {
        for (const value of wrongOf(command, argument)) {
          const error = await failure(send(right.with(at, value)));
          const told = {
            command: error.details['command'],
            field: error.details['field'],
            value: error.details['value'],
          };
          expect({ code: error.code, ...told }, `${argument[0]}=${value.slice(0, 30)}`).toEqual({
            code: 'invalid',
            command,
            field: argument[0],
            value: value.slice(0, 64),
          });
          expect(error.details['expected']).toBeTruthy();
        }
      }
      expect(await account.keyspace()).toEqual(before);
    });

    it(`of ${command} are refused when one is missing`, async () => {
      const variable = LISTING.includes(command) ? 1 : 0;
      const args = list.map(([, value]) => value).slice(0, -1 - variable);
      const before = await account.keyspace();
      const error = await failure(account.ledger.run(command, args).then((raw) => decode(command, [], raw)));
      expect(error).toMatchObject({ code: 'invalid', details: { command } });
      expect(await account.keyspace()).toEqual(before);
    });
  }

  it.each(scriptNames().filter((name) => !VARIABLE.includes(name)))(
    'of %s are refused when one is too many',
    async (command) => {
      const args = [...(COMMANDS[command] ?? []).map(([, value]) => value), ''];
      const before = await account.keyspace();
      const error = await failure(account.ledger.run(command, args).then((raw) => decode(command, [], raw)));
      expect(error).toMatchObject({ code: 'invalid', details: { command, field: 'ARGV' } });
      expect(await account.keyspace()).toEqual(before);
    },
  );

  it.each([
    ['', 'empty'],
    ['AAA 1 0', 'without its end'],
    ['AAA 1 0;BBB', 'with half a quote'],
    ['AAA 1 0;BBB -1 0;', 'with a price below 0'],
    ['AAA 1. 0;', 'with a point at the end'],
    ['AAA 1.0000000001 0;', 'with ten decimals'],
    ['aaa 1 0;', 'in small letters'],
    ['AAA 1 1000000000000;', 'with an age of 13 digits'],
    [`${'A'.repeat(33)} 1 0;`, 'with a symbol of 33 letters'],
    ['AAA 9007199 0;', 'with a price that is too high'],
    ['AAA 1 0;'.repeat(1_001), 'with 1,001 quotes'],
  ])('of tick in one text are refused: %s %s', async (packed) => {
    const before = await account.keyspace();
    const error = await failure(account.ledger.run('tick', [packed]).then((raw) => decode('tick', [], raw)));
    expect(error).toMatchObject({ code: 'invalid', details: { command: 'tick', field: 'ARGV' } });
    expect(await account.keyspace()).toEqual(before);
  });

  it.each([
    ['a list', ['a', 'b']],
    ['nothing', undefined],
    ['null', null],
    ['an object', {}],
    ['a switch', true],
    ['a bigint', 1n],
    ['half a character', 'a\ud800'],
  ])('are refused where they are neither text nor numbers: %s', async (_, value) => {
    const before = await account.keyspace();
    for (const args of [[value], ['a', value]] as string[][]) {
      const error = await failure(account.ledger.run('release', args));
      expect(error).toMatchObject({
        code: 'invalid',
        details: { command: 'release', field: `ARGV[${args.length}]` },
      });
    }
    expect(await account.keyspace()).toEqual(before);
  });

  it('of several positions, orders or prices too many are refused', async () => {
    const many = Array.from({ length: 501 }, (_, i) => `o${i}`);
    for (const command of ['renew', 'plan-renew', 'plan-leave']) {
      expect(
        (
          await failure(
            account.ledger.run(command, ['host', 1, ...many]).then((raw) => decode(command, [], raw)),
          )
        ).code,
      ).toBe('invalid');
    }
    const positions = Array.from({ length: 2_001 }, (_, i) => [`S${i}`, 'long', '1', '1', '']).flat();
    expect(
      (
        await failure(
          account.ledger.run('sync', ['s', 1, 1, '', ...positions]).then((raw) => decode('sync', [], raw)),
        )
      ).code,
    ).toBe('invalid');
  });
});
