/**
 * A journal holds what decisions saw (docs/journal.md): made again by the same rules, none differs; by others
 * those differ that the rules decide. Another seed: WORKSTEAL_SEED=n; more attempts: WORKSTEAL_ATTEMPTS=n.
 */
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJournal } from '../../src/journal/lines.ts';
import { readJournalMarket } from '../../src/journal/market.ts';
import { record, type Tally } from '../../src/journal/recorder.ts';
import { type Difference, type Replayed, readChanges, replay } from '../../src/journal/replay.ts';
import { JournalWriter } from '../../src/journal/writer.ts';
import { claimPlans, filePlan } from '../../src/ledger/commands/plans.ts';
import { wishArguments } from '../../src/ledger/commands/wish.ts';
import { key } from '../../src/ledger/keys.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { commandName, defineScripts } from '../../src/ledger/scripts.ts';
import { openScratchAccounts, type ScratchAccounts } from '../../src/ledger/what-if/scratch.ts';
import type { Env } from '../../src/rules/settings.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder, LEASE_MS, type TestAccount } from '../support/ledger.ts';

const SEED = Number(process.env['WORKSTEAL_SEED'] ?? 20_261_130);
const ATTEMPTS = Number(process.env['WORKSTEAL_ATTEMPTS'] ?? 60);
const SYMBOLS = ['AAA', 'BBB', 'CCC', 'DDD', 'EEE', 'BTCUSD'];
const BOUNDS = { maxBytes: 1024 * 1024, keep: 3 };

const ledgers = useLedgers();
let scratch: ScratchAccounts;
beforeAll(async () => {
  scratch = await openScratchAccounts(ledgers.url);
});
afterAll(async () => {
  await scratch.clear();
  await scratch.close();
});

const folder = (): string => mkdtempSync(join(tmpdir(), 'worksteal-journal-'));

/** Records while `act` runs; resolves to what was recorded, once `decisions` are. */
async function recorded(
  account: TestAccount,
  file: string,
  act: () => Promise<void>,
  bounds = BOUNDS,
): Promise<Tally> {
  const stopping = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const ledger = await openLedger(ledgers.url, account.name);
  const where = { url: ledgers.url, file, bounds, onStart: resolve };
  const recording = record(ledger, where, stopping.signal).finally(() => ledger.close());
  await Promise.race([promise, recording]);
  try {
    await act();
    await expect.poll(() => decisionsIn(file), { timeout: 20_000 }).toBeGreaterThan(0);
    const written = Number(await account.field('account', 'journal_seq'));
    await expect.poll(() => lastSeq(file), { timeout: 20_000 }).toBe(written);
  } finally {
    stopping.abort();
  }
  return await recording;
}

const textOf = (file: string): string => readFileSync(file, 'utf8');
const decisionsIn = (file: string): number => textOf(file).split('"type":"decision"').length - 1;
const lastSeq = (file: string): number =>
  Number(
    textOf(file)
      .match(/"type":"decision","seq":(\d+)/g)
      ?.at(-1)
      ?.match(/\d+$/)?.[0] ?? 0,
  );

async function again(file: string, changes: Env = {}): Promise<Replayed & { differences: Difference[] }> {
  const differences: Difference[] = [];
  const told = await replay(
    [file],
    changes,
    scratch,
    (one) => differences.push(one),
    new AbortController().signal,
  );
  return { ...told, differences };
}

/** Random attempts of a busy account, with fills, ends, prices and time between them. */
async function busily(account: TestAccount, seed: number): Promise<void> {
  let state = seed;
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  const one = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const working: string[] = [];
  for (let n = 0; n < ATTEMPTS; n += 1) {
    const symbol = one(SYMBOLS);
    const plan = `p${n}`;
    const terms = {
      symbol,
      side: 'buy',
      mode: 'normal',
      limit: '10',
      qty: '10',
      pnl: '1',
      pool: '',
    } as const;
    const rest = { takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'test' };
    await filePlan(account.ledger, { id: plan, ...terms, ...rest });
    await claimPlans(account.ledger, 'host', LEASE_MS, 10);
    let order = anOrder(`${plan}_1`)
      .of(symbol)
      .worth(100 + random(4) * 100)
      .pnl(one(['-1', '0', '1', '5', '9', '20']));
    order = order.likely(one(['1', '1', '0.5', '0.1'])).plan(plan);
    if (symbol === 'BTCUSD') order = order.in('crypto');
    await account.prices(
      Object.fromEntries(
        SYMBOLS.map((at) => [at, at === symbol ? one(['10', '10.02', '11']) : one(['11', '10.5', '10.03'])]),
      ),
    );
    const { outcome } = await account.admit(order);
    const last = outcome === 'blocked' ? await account.steal(order) : { outcome };
    if (last.outcome === 'fits') {
      await account.send(`${plan}_1`);
      working.push(`${plan}_1`);
    }
    if ('victims' in last && last.outcome === 'stolen') {
      for (const { id } of last.victims) await account.end(id, 'cancelled', one(['0', '0', '5']));
      if ((await account.order(`${plan}_1`)).state === 'reserved') {
        await account.send(`${plan}_1`);
        working.push(`${plan}_1`);
      }
    }
    if (random(6) === 0 && working.length > 0) {
      const id = one(working);
      if ((await account.order(id)).state === 'working') await account.end(id, 'cancelled');
    }
    await account.advanceLedger(one([1_000, 20_000, 100_000, 400_000])); // leases and quotes do not age
  }
}

describe('a journal of a busy account', () => {
  const BEYOND = {
    ...{
      WORK_STEALING_PNL_HALF_LIFE: '1800',
      WORK_STEALING_MIN_RESIDENCY: '30',
      WORK_STEALING_MAX_ROBBED: '3',
    },
    ...{ WORK_STEALING_BUDGET: '3', WORK_STEALING_PARTIAL: '1', WORK_STEALING_POLICY: 'expected' },
  };
  const POOLS = { WORK_STEALING_POOLS: 'crypto:0.5' };

  it.each([
    ['as it comes', POOLS],
    ['by distance', { ...POOLS, WORK_STEALING_POLICY: 'distance' }],
    ['with the rules that are off by default', { ...POOLS, ...BEYOND }],
    ['in dry runs', { ...POOLS, WORK_STEALING_DRY_RUN: '1' }],
  ])('differs in nothing when it is decided again: %s', { timeout: 120_000 }, async (_name, env) => {
    process.stderr.write(`journal: WORKSTEAL_SEED=${SEED}\n`);
    const account = await ledgers.account({ env });
    const file = join(folder(), 'journal.jsonl');
    const tally = await recorded(account, file, () => busily(account, SEED));
    expect(tally).toMatchObject({ missed: 0, cut: 0 });
    const told = await again(file);
    expect(told.differences).toEqual([]);
    expect(told.decisions).toBe(tally.decisions);
    expect([...told.left.values()].reduce((sum, count) => sum + count, 0)).toBeLessThan(told.decisions / 3);
    const wanted = 'WORK_STEALING_DRY_RUN' in env ? 'dry_run' : 'stolen';
    expect(textOf(file).includes(`"outcome":"${wanted}"`)).toBe(true);
    // The same journal is data for evaluate: each decision's plan is judged, or counted by why it is not.
    const { facts } = await readJournalMarket([file]);
    const left = Object.values(facts.left).reduce((sum, count) => sum + count, 0);
    expect(facts).toMatchObject({ decisions: tally.decisions, missing: 0, judged: ATTEMPTS - left });
  });
});

describe('a decision of a journal', () => {
  async function aJournal(bounds = BOUNDS): Promise<{ account: TestAccount; file: string }> {
    const account = await ledgers.account();
    const file = join(folder(), 'journal.jsonl');
    await account.prices({ AAA: '11', BBB: '11', TTT: '10' });
    await account.place(
      anOrder('a').of('AAA').worth(500).pnl('40').likely('0.1'),
      anOrder('b').of('BBB').worth(500).pnl('10').likely('0.8'),
    );
    await recorded(
      account,
      file,
      async () => {
        expect(await account.steal(anOrder('t').of('TTT').worth(300).pnl('50'))).toMatchObject({
          outcome: 'stolen',
          victims: [{ id: 'b' }],
        });
      },
      bounds,
    );
    return { account, file };
  }

  it('differs where another rule decides it, and says how', async () => {
    const { file } = await aJournal();
    const { differences } = await again(file, { WORK_STEALING_POLICY: 'expected' });
    expect(differences).toMatchObject([
      {
        seq: 1,
        order: 't',
        was: { outcome: 'stolen', victims: ['b'] },
        would: { outcome: 'stolen', victims: ['a'] },
      },
    ]);
    const closer = await again(file, { WORK_STEALING_PROTECTION: '0.1' });
    expect(closer.differences[0]?.would).toMatchObject({ outcome: 'no_candidates', victims: [] });
    const roomier = await again(file, { WORK_STEALING_LEVERAGE: '2' });
    expect(roomier.differences[0]?.would).toMatchObject({ outcome: 'fits' });
    const night = Date.parse('2025-01-15T05:00:00Z');
    writeFileSync(file, textOf(file).replace(/("type":"decision".*?"atMs":)\d+/, `$1${night}`));
    expect((await again(file, { WORK_STEALING_LEVERAGE: '2/1' })).differ).toBe(0);
    expect((await again(file, { WORK_STEALING_LEVERAGE: '1/2' })).differ).toBe(1);
  });

  it('differs in nothing under the values that its rules have already', async () => {
    const { file } = await aJournal();
    const lines = textOf(file)
      .split('\n')
      .map((line) =>
        // A fight whose steals are not on record.
        line.includes('"type":"decision"')
          ? line.replace('"changed":{', '"changed":{"fighting":{"BBB":9e12},')
          : line,
      );
    writeFileSync(file, lines.join('\n').replaceAll('9e12', String(9e12)));
    const before = await again(file);
    const cooldown = /"WORK_STEALING_FIGHT_COOLDOWN":"([^"]+)"/.exec(textOf(file))?.[1] ?? '';
    expect((await again(file, { WORK_STEALING_FIGHT_COOLDOWN: cooldown })).differences).toEqual(
      before.differences,
    );
  });

  it('is not read with that of another account, twice, or before an older one', async () => {
    const { file } = await aJournal();
    const [header = '', ...rest] = textOf(file).split('\n');
    const other = join(folder(), 'other.jsonl');
    writeFileSync(other, [header.replace(/"account":"[^"]+"/, '"account":"another"'), ...rest].join('\n'));
    const older = join(folder(), 'older.jsonl');
    writeFileSync(older, [header.replace(/"writtenAtMs":\d+/, '"writtenAtMs":1'), ...rest].join('\n'));
    const reading = (...files: string[]) => readJournalMarket(files);
    await expect(reading(file, other)).rejects.toThrow(
      /other.jsonl: is of account another, .* of .*; give those/,
    );
    await expect(reading(file, file)).rejects.toThrow(/is given twice; give it once/);
    await expect(reading(file, older)).rejects.toThrow(
      /older.jsonl: was begun before .*; give the oldest first/,
    );
    writeFileSync(other, `\n${rest.join('\n')}`);
    await expect(reading(other)).rejects.toThrow(/line 1: is not JSON/);
  });

  it('is for its owner alone, also in an empty file that was there', async () => {
    const file = join(folder(), 'empty.jsonl');
    writeFileSync(file, '', { mode: 0o644 });
    new JournalWriter(file, 'a', BOUNDS).close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is not written when nobody records', async () => {
    const { account } = await aJournal();
    const before = await account.field('account', 'journal_seq');
    await account.steal(anOrder('v').of('TTT').worth(300).pnl('1'));
    expect(await account.field('account', 'journal_seq')).toBe(before);
    expect(await account.field('account', 'recorded_until_ms')).toBe('0');
  });

  it('is refused by file, line and field where the journal is none', async () => {
    const { file } = await aJournal();
    const lines = textOf(file).split('\n');
    const at = lines.findIndex((line) => line.includes('"type":"decision"'));
    const spoilt = (change: (line: string) => string): string => {
      const name = join(folder(), 'spoilt.jsonl');
      writeFileSync(name, lines.map((line, index) => (index === at ? change(line) : line)).join('\n'));
      return name;
    };
    const none = () => {};
    await expect(
      readJournal(
        spoilt((line) => line.replace('"seq":1', '"seq":"x"')),
        none,
      ),
    ).rejects.toThrow(new RegExp(`spoilt.jsonl: line ${at + 1}: seq: `));
    await expect(
      readJournal(
        spoilt(() => '{'),
        none,
      ),
    ).rejects.toThrow(/line \d+: is not JSON/);
    await expect(readJournal(join(folder(), 'none'), none)).rejects.toMatchObject({ code: 'invalid' });
    const torn = join(folder(), 'torn.jsonl');
    writeFileSync(torn, textOf(file).slice(0, -20));
    expect(await readJournal(torn, none)).toMatchObject({ torn: true });
  });

  it('has a gap where the rules of a decision are no longer in force when it is read', async () => {
    const account = await ledgers.account();
    const { ledger } = account;
    const file = join(folder(), 'journal.jsonl');
    await account.prices({ AAA: '11', TTT: '10' });
    await account.place(anOrder('a').of('AAA').worth(1000).pnl('40'));
    const server = await ledger.serverId();
    const tally = await recorded(account, file, async () => {
      const { wish } = anOrder('lost').of('TTT').worth(300).pnl('1');
      defineScripts(ledger.redis, ['steal']);
      // In one transaction: nobody reads between the two.
      const multi = ledger.redis.multi();
      const scripted = multi as unknown as Record<string, (...args: (string | number)[]) => unknown>;
      const call = [key(account.name, 'account'), ...wishArguments(wish, LEASE_MS, server), '', '', ''];
      scripted[commandName('steal')]?.(...call);
      multi.hset(key(account.name, 'settings'), 'fingerprint', 'another');
      await multi.exec();
      await account.steal(anOrder('kept').of('TTT').worth(300).pnl('1'));
    });
    expect(tally).toMatchObject({ decisions: 1, missed: 1 });
    expect(await readJournal(file, () => {})).toMatchObject({ gaps: 1 });
    expect(textOf(file)).not.toContain('"lost"');
  });

  it('is in files of a size, of which the oldest go; each can be read alone', async () => {
    const account = await ledgers.account();
    const [where, name] = [folder(), 'journal.jsonl'];
    await account.prices({ AAA: '11', BBB: '11', TTT: '10' });
    await account.place(anOrder('a').of('AAA').worth(1000).pnl('40'));
    const file = join(where, name);
    await recorded(
      account,
      file,
      async () => {
        for (let n = 0; n < 8; n += 1) await account.steal(anOrder(`t${n}`).of('TTT').worth(300).pnl('1'));
      },
      { maxBytes: 2_000, keep: 3 },
    );
    expect(readdirSync(where).sort()).toEqual([name, `${name}.1`, `${name}.2`]);
    for (const one of readdirSync(where)) expect((await again(join(where, one))).differences).toEqual([]);
  });
});

it('a change of the rules names a setting that decisions read', () => {
  expect(readChanges(['WORK_STEALING_COOLDOWN=60'])).toEqual({ WORK_STEALING_COOLDOWN: '60' });
  expect(() => readChanges(['cooldown'])).toThrow(/write NAME=value/);
  expect(() => readChanges(['WORK_STEALING_COOLDOWN=abc'])).toThrow(/--set WORK_STEALING_COOLDOWN=abc: is/);
  expect(() => readChanges(['WORK_STEALING_COOLDOWNS=60'])).toThrow(/did you mean WORK_STEALING_COOLDOWN\?/);
  expect(() => readChanges(['WORK_STEALING_POOLS=a:1'])).toThrow(/can not be set for recorded decisions/);
});
