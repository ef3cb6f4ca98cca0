/**
 * The judges of a campaign detect the faults they look for: test/faults/campaign/rules-check, lives,
 * schedule, recovery, verdict.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/ledger/commands/plans.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { Told } from './campaign/bots/told.ts';
import { KINDS } from './campaign/kinds.ts';
import { readLives } from './campaign/lives.ts';
import { crossedByOurs, doublesOfOurs, excessesOfOurs, namesOf, promisedInVain } from './campaign/of-ours.ts';
import { recovery } from './campaign/recovery.ts';
import { readRoleLogs } from './campaign/role-logs.ts';
import { RulesCheck, type Steal } from './campaign/rules-check.ts';
import { schedule } from './campaign/schedule.ts';
import { failures, type Summary } from './campaign/verdict.ts';

const COOLDOWN_S = 10;
const { settings } = readSettings({
  WORK_STEALING_LEVERAGE: '2',
  WORK_STEALING_COOLDOWN: String(COOLDOWN_S),
  WORK_STEALING_FIGHT_WINDOW: '100',
  WORK_STEALING_VIP_SYMBOLS: 'VIP',
});

const plan = (id: string, symbol: string, changes: Partial<Plan> = {}): Plan => ({
  ...{ id, symbol, side: 'buy', mode: 'normal', limit: '100', qty: '1', pnl: '10', pool: '', takeProfit: '' },
  ...{ startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: '' },
  ...changes,
});
const PLANS = [
  plan('thief', 'TTT', { pnl: '100' }),
  plan('robbed', 'AAA'),
  plan('other', 'BBB'),
  plan('back', 'AAA', { pnl: '500' }),
  plan('probe', 'PPP', { mode: 'probe' }),
  plan('vip', 'VIP'),
  plan('own', 'TTT'),
  plan('dear', 'DDD', { pnl: '95' }),
];

const check = (): RulesCheck =>
  new RulesCheck(settings, (order) => PLANS.find(({ id }) => order.startsWith(`${id}_`)));

function steal(thief: string, victims: readonly string[], changes: Partial<Steal> = {}): Steal {
  const of = (id: string) => PLANS.find((one) => one.id === id) as Plan;
  return {
    id: `${thief}_1`,
    atMs: 1_000_000,
    thief: of(thief).symbol,
    victims: victims.map((id) => ({
      ...{ id: `${id}_1`, symbol: of(id).symbol, pnl: of(id).pnl, heldMicros: 100_000_000 },
    })),
    capMicros: 1_000_000_000,
    prices: new Map([...victims.map((id) => [of(id).symbol, '110'] as const), [of(thief).symbol, '100.1']]),
    ...changes,
  };
}

function judged(...steals: readonly Steal[]): string[] {
  const rules = check();
  for (const one of steals) rules.steal(one);
  return rules.violations;
}

describe('the independent check of the rules', () => {
  it('find nothing in a steal that keeps them', () => {
    expect(judged(steal('thief', ['robbed', 'other']))).toEqual([]);
  });

  it.each([
    ['a probe', steal('thief', ['probe']), 'is a probe'],
    ['a VIP', steal('thief', ['vip']), 'is never robbed'],
    ['an order of its own symbol', steal('thief', ['own']), 'of its own symbol'],
    [
      'one about to fill',
      steal('thief', ['robbed'], {
        prices: new Map([
          ['AAA', '100.1'],
          ['TTT', '100.1'],
        ]),
      }),
      'is protected',
    ],
    ['one that is nearly as good', steal('thief', ['dear']), 'do not beat'],
    ['two that are better together', steal('thief', ['robbed', 'dear']), 'do not beat'],
    ['an order twice', steal('thief', ['robbed', 'robbed']), 'a victim twice'],
    [
      'from afar',
      steal('thief', ['robbed'], {
        prices: new Map([
          ['AAA', '110'],
          ['TTT', '105'],
        ]),
      }),
      'further than the steal gate',
    ],
    ['by no price', steal('thief', ['robbed'], { prices: new Map([['AAA', '110']]) }), 'not on record'],
    ['without a plan', steal('thief', ['robbed'], { id: 'x_1' }), 'no plan asked for it'],
  ])('find a steal that takes %s', (_, one, what) => {
    expect(judged(one).join()).toContain(what);
  });

  describe('of the rules that are off by default', () => {
    const judgedUnder = (env: Record<string, string>, one: Steal, reservedMs: number): string => {
      const further = readSettings({ WORK_STEALING_COOLDOWN: '0', ...env }).settings;
      const rules = new RulesCheck(further, (order) => PLANS.find(({ id }) => order.startsWith(`${id}_`)));
      for (const id of ['robbed_1', 'other_1', 'dear_1']) rules.reserved(id, reservedMs);
      rules.remember([{ id: 'x', atMs: one.atMs - 60_000, thief: 'ZZZ', victim: 'AAA' }]);
      rules.steal(one);
      return rules.violations.join();
    };

    it.each([
      ['young', { WORK_STEALING_MIN_RESIDENCY: '10' }, steal('thief', ['robbed']), 'only 9999 ms old'],
      [
        'often robbed',
        { WORK_STEALING_MAX_ROBBED: '1' },
        steal('thief', ['robbed']),
        'robbed 1 times before',
      ],
      ['too dear', { WORK_STEALING_BUDGET: '0.19' }, steal('thief', ['robbed', 'other']), 'took 200000000'],
      ['not faded', { WORK_STEALING_PNL_HALF_LIFE: '600' }, steal('thief', ['dear']), 'do not beat'],
    ])('find a steal that is %s', (_, env, one, what) => {
      expect(judgedUnder(env, one, one.atMs - 9_999)).toContain(what);
    });

    it.each([
      ['old enough', { WORK_STEALING_MIN_RESIDENCY: '10' }, steal('thief', ['robbed'])],
      ['seldom robbed', { WORK_STEALING_MAX_ROBBED: '2' }, steal('thief', ['robbed'])],
      ['within the budget', { WORK_STEALING_BUDGET: '0.2' }, steal('thief', ['robbed', 'other'])],
      ['faded', { WORK_STEALING_PNL_HALF_LIFE: '10' }, steal('thief', ['dear'])],
    ])('find nothing in one that is %s', (_, env, one) => {
      expect(judgedUnder(env, one, one.atMs - 10_000)).toBe('');
    });
  });

  it('go by the limit that a person changed', () => {
    const rules = check();
    rules.changed('robbed_1', '109.9');
    rules.steal(steal('thief', ['robbed']));
    expect(rules.violations.join()).toContain('robbed_1 at 110 is protected by its limit 109.9');
  });

  it('find a symbol robbed twice within the cooldown, and not after it', () => {
    const again = (afterMs: number) =>
      steal('thief', ['robbed'], { id: 'thief_2', atMs: 1_000_000 + afterMs });
    expect(judged(steal('thief', ['robbed']), again(COOLDOWN_S * 1_000 - 1)).join()).toContain(
      'was robbed 9999 ms before',
    );
    expect(judged(steal('thief', ['robbed']), again(COOLDOWN_S * 1_000))).toEqual([]);
  });

  it('find nothing in a symbol that was robbed by a clock that was put back since', () => {
    const again = steal('thief', ['robbed'], { id: 'thief_2', atMs: 1_000_000 - 5_000 });
    expect(judged(steal('thief', ['robbed']), again)).toEqual([]);
    const later = steal('thief', ['robbed'], { id: 'thief_3', atMs: 1_000_141 });
    const meanwhile = steal('thief', ['other'], { id: 'thief_2', atMs: 1_000_000 - 5_000 });
    expect(judged(steal('thief', ['robbed']), meanwhile, later)).toEqual([]);
    expect(judged(steal('thief', ['robbed']), later).join()).toContain('was robbed 141 ms before');
  });

  it('find a robbed symbol that steals back', () => {
    const back = steal('back', ['own'], { id: 'back_1', atMs: 1_000_100 });
    expect(judged(steal('thief', ['robbed']), back).join()).toContain('steals back');
  });

  it('find a third steal of a fight, and one by who rests after it', () => {
    const third = [0, 20_000, 40_000].map((ms) =>
      steal('thief', ['robbed'], { id: `thief_${ms}`, atMs: 1_000_000 + ms }),
    );
    expect(judged(...third).join()).toContain('it is steal 3 between the two');
    const rules = check();
    rules.fight(['AAA', 'TTT'], 1_000_001);
    rules.steal(steal('thief', ['robbed']));
    expect(rules.violations.join()).toContain('rests after a fight');
  });

  it('forget what a lost ledger forgot', () => {
    const rules = check();
    rules.steal(steal('thief', ['robbed']));
    rules.forgetAll();
    rules.steal(steal('thief', ['robbed'], { id: 'thief_2', atMs: 1_000_001 }));
    expect(rules.violations).toEqual([]);
  });
});

describe('reading the logs', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'worksteal-judge-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (...lines: readonly object[]): string => {
    const name = join(folder, `${lines.length}.log`);
    writeFileSync(name, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return name;
  };
  const at = '2026-01-02T03:04:05.678Z';
  const accepted = (order: string, kind = 'entry') => ({ at, event: 'accepted', order, kind });

  it('the exchange’s log: an id accepted twice, two live entries of a plan, an order over the cap', () => {
    const over = { at, event: 'violation', orderId: 'p_2', exposureMicros: 12, capMicros: 10 };
    const lives = readLives(
      file(
        accepted('p_1'),
        accepted('p_2'),
        over,
        accepted('q_1'),
        { at, event: 'ended', order: 'q_1' },
        accepted('q_1'),
      ),
    );
    expect(lives.doubles).toEqual([
      { plan: 'p', order: 'p_2', beside: 'p_1' },
      { plan: '', order: 'q_1', beside: '' },
    ]);
    expect(lives.excesses).toEqual([{ atMs: Date.parse(at), order: 'p_2', overMicros: 2 }]);
  });

  it('and nothing in an entry, its exit and the next attempt', () => {
    const lives = readLives(
      file(accepted('p_1'), { at, event: 'ended', order: 'p_1' }, accepted('p_x1', 'exit'), accepted('p_2')),
    );
    expect(lives.doubles).toEqual([]);
    expect([...lives.live]).toEqual(['p_x1', 'p_2']);
  });

  it('no fault in an order replaced by hand, but in one that is placed beside it', () => {
    const changed = { ...accepted('p_1-changed'), replaces: 'the broker’s id of p_1' };
    const replaced = { at, event: 'ended', order: 'p_1' };
    expect(readLives(file(accepted('p_1'), changed, replaced)).doubles).toEqual([]);
    expect(readLives(file(accepted('p_1'), changed, replaced, accepted('p_2'))).doubles).toEqual([
      { plan: 'p', order: 'p_2', beside: 'p_1-changed' },
    ]);
  });

  it('and no entry of the fleet in what another fleet, or a person under such an id, placed', () => {
    const lives = readLives(
      file({ ...accepted('rival0-7-1_1'), holdUsd: '12.5' }, accepted('strange-7_1'), accepted('p_1')),
    );
    expect(lives.enteredMs).toEqual([Date.parse(at)]);
    expect(lives.rivals).toEqual([{ atMs: Date.parse(at), micros: 12_500_000 }]);
  });

  it('and an entry that the broker took as the close of another plan’s position', () => {
    const lives = readLives(file({ ...accepted('p_1', 'exit'), symbol: 'SAA' }, accepted('p_x1', 'exit')));
    expect(lives.crossed).toEqual([{ atMs: Date.parse(at), order: 'p_1', symbol: 'SAA' }]);
  });

  it('a role’s log: faults of the program, however they were caught', () => {
    const bug = { level: 40, msg: 'a step failed', err: { code: 'bug', message: 'impossible' } };
    const said = readRoleLogs([file({ level: 30, msg: 'fine' }, bug, { level: 50, msg: 'an error' })]);
    expect(said.bugs).toEqual(['a step failed: impossible', 'an error: ']);
  });

  it('a role’s log: who asked for a cancellation, where it says for what', () => {
    const asked = (order: string, why?: string) => ({
      level: 30,
      order,
      why,
      msg: 'SAA: asking the broker to cancel it',
    });
    const { cancelled } = readRoleLogs([
      file(asked('p_1', 'stolen'), asked('q_1'), asked('r_1', 'withdrawn'), asked('s_1', '')),
    ]);
    expect([...cancelled]).toEqual(['p_1', 'r_1']);
  });
});

describe('a schedule', () => {
  it('is the same for the same seed', () => {
    const told = (seed: number) =>
      schedule(seed, 60).map(({ atMs, lastsMs, kind }) => `${atMs} ${lastsMs} ${kind.name}`);
    expect(told(7)).toEqual(told(7));
    expect(told(7)).not.toEqual(told(8));
  });

  it('brings every kind within 110 seconds', () => {
    const struck = new Set(schedule(7, 110).map(({ kind }) => kind.name));
    expect(KINDS.filter(({ name }) => !struck.has(name)).map(({ name }) => name)).toEqual([]);
  });
});

describe('recovery', () => {
  const loss = KINDS.find(({ loses }) => loses) as (typeof KINDS)[number];
  const of = (entered: readonly number[], rebuilt: readonly number[]) =>
    recovery([{ kind: loss, fromMs: 1_000, untilMs: 2_000 }], entered, rebuilt).max;

  it('of a lost ledger is counted to the first entry after it was rebuilt, whatever was on its way', () => {
    expect(of([2_100, 4_000, 9_000], [8_000])).toBe(7_000);
  });

  it('of an account without a fault is not attributed to a later rebuild', () => {
    expect(of([2_100, 6_000, 40_500], [40_000])).toBe(100);
    expect(of([2_100], [])).toBe(100);
  });
});

describe('orders of bots', () => {
  const wish = (id: string): Plan => ({ id }) as Plan;

  it('have two at once, but beside one that a rebuilt ledger has no owner for', () => {
    const told = new Told();
    for (const id of ['bot_1', 'bot_2']) told.wish('bot', wish(id));
    told.forgotten('bot_1');
    const doubles = [
      { plan: 'bot', order: 'bot_2', beside: 'bot_1' },
      { plan: 'bot', order: 'bot_3', beside: 'bot_2' },
      { plan: '', order: 'bot_1', beside: '' },
    ];
    expect(doublesOfOurs({ doubles }, told.orders, true)).toEqual(doubles.slice(1));
    expect(doublesOfOurs({ doubles }, told.orders, false)).toEqual(doubles);
  });

  it('are cancelled under the name of the first, however often they and people replaced them', () => {
    const told = new Told();
    told.wish('bot', wish('bot-1'));
    told.wish('bot', wish('bot-2'), 'bot-1');
    expect(namesOf('bot-2-changed', told)).toEqual(['bot-2-changed', 'bot-2', 'bot-1']);
    expect(namesOf('bot-1', told)).toEqual(['bot-1', 'bot-1', 'bot-1']);
    expect(namesOf('p_1-changed', told)).toEqual(['p_1-changed', 'p_1', 'p_1']);
  });
});

describe('what others do on the account', () => {
  const hand = { id: 'hand', symbol: 'SAA', micros: 5, fromMs: 100, untilMs: 200 };
  const period = { fromMs: 100, untilMs: 200 };
  const over = (atMs: number, overMicros: number) => ({ atMs, order: 'p_1', overMicros });

  it('explains an excess by what they held while it was unknown', () => {
    const rivals = [{ atMs: 120, micros: 7 }];
    const left = (excess: ReturnType<typeof over>) =>
      excessesOfOurs({ excesses: [excess], rivals }, [hand], [period]).length;
    expect([left(over(150, 12)), left(over(150, 13)), left(over(110, 6)), left(over(201, 1))]).toEqual([
      0, 1, 1, 1,
    ]);
  });

  it('explains an entry against what they hold of its symbol', () => {
    const left = (atMs: number, symbol: string, periods = [period]) =>
      crossedByOurs({ crossed: [{ atMs, order: 'p_1', symbol }] }, [hand], periods).length;
    expect([left(150, 'SAB'), left(150, 'SAA', []), left(150, 'SAB', []), left(201, 'SAA')]).toEqual([
      0, 0, 1, 1,
    ]);
  });
});

describe('an order that the index promised and that could not be taken', () => {
  const [lostKey, other] = [
    KINDS.find(({ name }) => name === 'lost_key'),
    KINDS.find(({ name }) => name !== 'lost_key'),
  ];
  const left = (atMs: number, kind = lostKey, rebuiltMs: readonly number[] = []) =>
    promisedInVain([{ atMs }], kind ? [{ kind, fromMs: 100, untilMs: 200 }] : [], rebuiltMs).length;

  it('is a finding, but where a key was deleted since the last rebuild', () => {
    expect([left(150), left(350), left(350, lostKey, [90])]).toEqual([0, 0, 0]);
    expect([left(90), left(150, other), left(350, lostKey, [300])]).toEqual([1, 1, 1]);
    expect([left(30_100), left(30_101)]).toEqual([0, 1]);
  });
});

describe('the verdict', () => {
  const [kind] = KINDS;
  const struck = kind ? [{ kind, fromMs: 100, untilMs: 200 }] : [];
  const counts = {
    capViolations: 0,
    doubleOrders: 0,
    orphanVictims: 0,
    leaksMicros: 0,
    ruleViolations: 0,
    unexplainedCancels: 0,
  };
  const more = {
    crossed: 0,
    unnoticed: 0,
    idle: 0,
    auditFaults: 0,
    lostPlans: 0,
    unfinished: 0,
    crashes: 0,
    bugs: 0,
    stuck: 0,
    toldWrong: 0,
    strayOrders: 0,
    streamFaults: 0,
    idleDoors: 0,
  };
  const measured = {
    seed: 1,
    seconds: 1,
    faults: {},
    steals: 9,
    granted: 9,
    accepted: 9,
    fills: 9,
    wished: 9,
    placed: 9,
    retries: 9,
    highestUse: 1,
  };
  const clean: Summary = {
    ...measured,
    ...counts,
    ...more,
    recoveredInMs: recovery(struck, [150, 230, 400], []),
  };

  it('is good when all that counts is 0', () => {
    expect(clean.recoveredInMs).toEqual({ p50: 30, max: 30 });
    expect(failures(clean)).toEqual([]);
  });

  it.each([...Object.keys(counts), ...Object.keys(more)])('is bad by any %s', (name) => {
    expect(failures({ ...clean, [name]: 1 })).toEqual([`${name}: 1`]);
  });

  it('is bad when nothing was placed after a fault', () => {
    expect(failures({ ...clean, recoveredInMs: recovery(struck, [150], []) })).toHaveLength(1);
  });
});
