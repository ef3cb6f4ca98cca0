import { describe, expect, it } from 'vitest';
import { WorkstealError } from '../../../src/domain/errors.ts';
import { followsSession, leverageAt } from '../../../src/rules/session-leverage.ts';
import { SETTING_TABLE } from '../../../src/rules/setting-table.ts';
import { describeSettings, type Env, fingerprint, readSettings } from '../../../src/rules/settings.ts';

function refusal(env: Env): WorkstealError {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof WorkstealError) return error;
    throw error;
  }
  throw new Error('the settings were taken');
}

describe('the defaults', () => {
  it('are those of the rules', () => {
    const { settings, warnings } = readSettings({});
    expect(settings).toMatchObject({
      enabled: true,
      dryRun: false,
      pools: [{ name: 'total', leverage: '2' }],
      gate: '0.003',
      protection: '0.004',
      cooldownMs: 300_000,
      minImprovement: '1.1',
      fightThreshold: 3,
      fightWindowMs: 1_800_000,
      fightCooldownMs: 1_800_000,
      maxVictims: 3,
      unusedPauseMs: 180_000,
      shortMargin: '0.03',
      cash: true,
      quoteMaxAgeMs: 15_000,
      quoteMaxJump: '0.2',
      historyTtlMs: 3_600_000,
      policy: 'pnl',
      vipSymbols: [],
      cryptoNormalTolerance: '0.0066',
      cryptoOutOfHoursTolerance: '0.016',
      cryptoForceCount: 1,
    });
    expect(settings.cryptoSymbols).toEqual(expect.arrayContaining(['BTCUSD', 'ETHUSD', 'UNIUSD']));
    expect(warnings).toEqual([]);
  });

  it('stand where a variable is blank', () => {
    expect(readSettings({ WORK_STEALING_COOLDOWN: ' ', CRYPTO_SYMBOLS: '' }).settings).toEqual(
      readSettings({}).settings,
    );
  });

  it('cannot be changed afterwards', () => {
    const { settings } = readSettings({ WORK_STEALING_POOLS: 'crypto:1' });
    expect(
      [settings, settings.pools, settings.pools[0], settings.pools[1], settings.vipSymbols].every(
        Object.isFrozen,
      ),
    ).toBe(true);
  });
});

describe('what is written', () => {
  it.each([
    ['WORK_STEALING_ENABLED', 'off', { enabled: false }],
    ['WORK_STEALING_DRY_RUN', 'TRUE', { dryRun: true }],
    ['WORK_STEALING_TOLERANCE', '0.002000001', { gate: '0.002000001' }],
    ['WORK_STEALING_MIN_PNL_IMPROVEMENT', '1.50', { minImprovement: '1.5' }],
    ['WORK_STEALING_COOLDOWN', '0.25', { cooldownMs: 250 }],
    ['WORK_STEALING_POLICY', 'Distance', { policy: 'distance' }],
    ['WORK_STEALING_VIP_SYMBOLS', 'btc/usd, AAPL,BTCUSD,', { vipSymbols: ['AAPL', 'BTCUSD'] }],
    ['WORK_STEALING_MAX_VICTIMS', '8', { maxVictims: 8 }],
    ['WORK_STEALING_UNUSED_PAUSE', '0', { unusedPauseMs: 0 }],
    ['WORK_STEALING_CASH', '0', { cash: false }],
    ['CRYPTO_OUT_OF_HOURS_FORCE_COUNT', '0', { cryptoForceCount: 0 }],
    ['NYSE_CLOSURES', '2026-12-31, 2026-03-10,2026-12-31', { nyseClosures: ['2026-03-10', '2026-12-31'] }],
  ])('%s=%s is taken', (variable, text, expected) => {
    expect(readSettings({ [variable]: text }).settings).toMatchObject(expected);
  });

  it('puts the total pool first and the others after it, in their order', () => {
    const { settings } = readSettings({
      WORK_STEALING_LEVERAGE: '4.0',
      WORK_STEALING_POOLS: 'stock:4, crypto : 1.5',
    });
    expect(settings.pools).toEqual([
      { name: 'total', leverage: '4' },
      { name: 'stock', leverage: '4' },
      { name: 'crypto', leverage: '1.5' },
    ]);
  });
});

describe('a leverage with a slash', () => {
  it('is one for market hours and one out of them, for total and for any pool', () => {
    const { settings, warnings } = readSettings({
      WORK_STEALING_LEVERAGE: '4/2.0',
      WORK_STEALING_POOLS: 'crypto:1, stock:4 / 2,x:3/3',
    });
    expect(settings.pools).toEqual([
      { name: 'total', leverage: '4', leverageClosed: '2' },
      { name: 'crypto', leverage: '1' },
      { name: 'stock', leverage: '4', leverageClosed: '2' },
      { name: 'x', leverage: '3' },
    ]);
    expect(warnings.map((text) => text.slice(0, 90))).toEqual([
      expect.stringMatching(/pool x has leverage 3, total has 2 out of market hours/),
    ]);
    expect(settings.pools.map((pool) => [leverageAt(pool, true), leverageAt(pool, false)])).toEqual([
      ['4', '2'],
      ['1', '1'],
      ['4', '2'],
      ['3', '3'],
    ]);
    expect([
      followsSession(settings),
      followsSession(readSettings({ WORK_STEALING_LEVERAGE: '2/2' }).settings),
    ]).toEqual([true, false]);
  });
});

describe('a fault', () => {
  it.each([
    ['WORK_STEALING_ENABLED', 'maybe', /neither on nor off; write 1 or 0/],
    ['WORK_STEALING_LEVERAGE', '0', /no room for any order; write a number above 0/],
    ['WORK_STEALING_LEVERAGE', '-2', /not between 0 and 100/],
    ['WORK_STEALING_TOLERANCE', '0.3%', /not a decimal.*0\.003 for 0\.3 %/],
    ['WORK_STEALING_TOLERANCE', '0.0000000001', /at most 9 decimals/],
    ['WORK_STEALING_PROTECTION', '1.5', /not between 0 and 1;/],
    ['WORK_STEALING_PROTECTION', 'NaN', /not a decimal/],
    ['WORK_STEALING_COOLDOWN', '5m', /write seconds .* without a unit/],
    ['WORK_STEALING_COOLDOWN', '0.0001', /finer than a millisecond/],
    ['WORK_STEALING_QUOTE_MAX_AGE', '0', /not between 0\.001 and/],
    ['WORK_STEALING_MIN_PNL_IMPROVEMENT', '0.9', /not between 1 and 1000/],
    ['WORK_STEALING_MAX_VICTIMS', '0', /whole number between 1 and 8/],
    ['WORK_STEALING_MAX_VICTIMS', '9', /whole number between 1 and 8/],
    ['WORK_STEALING_FIGHT_THRESHOLD', '2.5', /whole number/],
    ['WORK_STEALING_POLICY', 'random', /write one of: pnl, distance/],
    ['WORK_STEALING_VIP_SYMBOLS', 'BTC:USD', /"BTC:USD", which is not a symbol/],
    ['WORK_STEALING_POOLS', 'crypto', /not name:leverage/],
    ['WORK_STEALING_POOLS', 'total:2', /set WORK_STEALING_LEVERAGE instead/],
    ['WORK_STEALING_POOLS', 'Crypto:1', /a name is a-z/],
    ['WORK_STEALING_POOLS', 'crypto:0', /pool crypto the leverage "0".*above 0/],
    ['WORK_STEALING_POOLS', 'stock:4/0', /pool stock the leverage "4\/0".*above 0/],
    ['WORK_STEALING_LEVERAGE', '4/2/1', /has 3 parts; .*or 4\/2 for 4 in market hours/],
    ['WORK_STEALING_LEVERAGE', '4/', /not a decimal/],
    ['WORK_STEALING_POOLS', 'a:1,b:1,a:2', /pool a twice/],
    ['WORK_STEALING_POOLS', 'a:1,b:1,c:1,d:1,e:1,f:1,g:1,h:1,i:1', /at most 8/],
    ['CRYPTO_SYMBOLS', 'A'.repeat(30_000), /at most 20000/],
    ['NYSE_CLOSURES', '2026-12-31,2026-02-30', /"2026-02-30", which is not a day; write days as yyyy-mm-dd/],
  ])('in %s=%.40s is told with what to do', (variable, text, reason) => {
    const error = refusal({ [variable]: text });
    expect(error.code).toBe('settings');
    expect(error.message.split('\n')[1]).toMatch(reason);
    expect(error.message.split('\n')[1]).toContain(variable);
    expect(Object.keys(error.details)).toEqual([variable]);
  });

  it('is one of many: all are told at once, a line each', () => {
    const error = refusal({
      WORK_STEALING_TOLERANCE: 'x',
      WORK_STEALING_MAX_VICTIMS: '99',
      CRYPTO_NORMAL_TOLERANCE: '2',
      WORK_STEALING_HISTORY_TTL: '3599',
    });
    expect(error.message.split('\n')).toHaveLength(5);
    expect(error.message).toMatch(/^4 faults/);
  });
});

describe('relations', () => {
  it('history must cover the fight window and the fight cooldown, and just does at equality', () => {
    expect(refusal({ WORK_STEALING_HISTORY_TTL: '3599.999' }).message).toMatch(
      /fights would be forgotten; make it at least 3600/,
    );
    expect(readSettings({ WORK_STEALING_HISTORY_TTL: '3600' }).warnings).toEqual([]);
  });

  it('history must cover the cooldown', () => {
    expect(
      refusal({
        WORK_STEALING_COOLDOWN: '3601',
        WORK_STEALING_FIGHT_WINDOW: '1',
        WORK_STEALING_FIGHT_COOLDOWN: '1',
      }).message,
    ).toMatch(/stealing back would go unseen; make it at least 3601/);
  });

  it('is not judged where one side could not be read', () => {
    expect(
      refusal({ WORK_STEALING_HISTORY_TTL: '100', WORK_STEALING_FIGHT_WINDOW: 'x' }).message,
    ).not.toContain('forgotten');
  });

  it.each<[string, Env, RegExp]>([
    [
      'a steal gate equal to the protection',
      { WORK_STEALING_TOLERANCE: '0.004' },
      /fresh thief could be robbed at once/,
    ],
    [
      'a steal gate above the protection',
      { WORK_STEALING_TOLERANCE: '0.0066' },
      /fresh thief could be robbed at once/,
    ],
    [
      'a protection beyond every entry tolerance',
      { WORK_STEALING_PROTECTION: '0.02' },
      /every order enters protected/,
    ],
    [
      'a narrower tolerance out of hours',
      { CRYPTO_OUT_OF_HOURS_TOLERANCE: '0.005' },
      /enter later out of hours/,
    ],
    ['a dry run of nothing', { WORK_STEALING_ENABLED: '0', WORK_STEALING_DRY_RUN: '1' }, /has no effect/],
    ['no cooldown', { WORK_STEALING_COOLDOWN: '0' }, /robbed again at once/],
    ['a threshold of one', { WORK_STEALING_FIGHT_THRESHOLD: '1' }, /nothing is ever stolen/],
    ['a fight that can not be seen', { WORK_STEALING_COOLDOWN: '901' }, /make it at least 1802/],
    ['a short fight cooldown', { WORK_STEALING_FIGHT_COOLDOWN: '299' }, /less time than one steal/],
    ['a leverage that nobody lends', { WORK_STEALING_LEVERAGE: '5' }, /more than brokers lend/],
    [
      'a pool wider than total',
      { WORK_STEALING_POOLS: 'crypto:1,stock:4' },
      /pool stock has leverage 4, total has 2/,
    ],
    [
      'a pool wider than total overnight',
      { WORK_STEALING_LEVERAGE: '4/1', WORK_STEALING_POOLS: 'stock:4/2' },
      /has leverage 2, total has 1 out/,
    ],
    [
      'more leverage overnight',
      { WORK_STEALING_LEVERAGE: '2/4' },
      /2 in market hours and more, 4, out of them.* swap the two/,
    ],
    ['a slip of the pen', { WORK_STEALING_TOLERENCE: '0.1' }, /WORK_STEALING_TOLERENCE is not a setting/],
  ])('%s is a warning', (_, env, sentence) => {
    const { warnings } = readSettings(env);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(sentence);
  });
});

describe('the fingerprint', () => {
  const print = (env: Env): string => fingerprint(readSettings(env).settings);

  it('is the same for the same rules, however they were spelled', () => {
    expect(print({})).toMatch(/^[0-9a-f]{16}$/);
    expect(print({ WORK_STEALING_LEVERAGE: '2.0', WORK_STEALING_COOLDOWN: '300.000' })).toBe(print({}));
    expect(print({ WORK_STEALING_LEVERAGE: '2/2' })).toBe(print({}));
    expect(print({ WORK_STEALING_POOLS: 'a:1,b:2', WORK_STEALING_VIP_SYMBOLS: 'B,A' })).toBe(
      print({ WORK_STEALING_POOLS: 'b:2,a:1', WORK_STEALING_VIP_SYMBOLS: 'a,b' }),
    );
  });

  it('differs when any rule differs', () => {
    expect(print({ WORK_STEALING_TOLERANCE: '0.003000001' })).not.toBe(print({}));
    expect(print({ WORK_STEALING_LEVERAGE: '2/1' })).not.toBe(print({}));
    expect(print({ CRYPTO_SYMBOLS: 'BTCUSD' })).not.toBe(print({}));
  });
});

it('each setting is described with its value and where it came from', () => {
  const rows = describeSettings({ WORK_STEALING_COOLDOWN: ' 60 ' });
  expect(rows.map(({ variable }) => variable)).toEqual(
    Object.values(SETTING_TABLE).map(({ variable }) => variable),
  );
  expect(rows.find((row) => row.variable === 'WORK_STEALING_COOLDOWN')).toMatchObject({
    value: '60',
    source: 'environment',
    fallback: '300',
    unit: 's',
  });
  expect(rows.find((row) => row.variable === 'WORK_STEALING_TOLERANCE')).toMatchObject({
    value: '0.003',
    source: 'default',
  });
});
