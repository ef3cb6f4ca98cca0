/** The table in src/ledger/keys.ts lists exactly the keys of an account that uses every feature. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { beginPosting, keepClientId } from '../../../src/ledger/client-ids.ts';
import { amend } from '../../../src/ledger/commands/amend.ts';
import { noteAsset } from '../../../src/ledger/commands/asset.ts';
import { close } from '../../../src/ledger/commands/closures.ts';
import { confirm } from '../../../src/ledger/commands/confirm.ts';
import { halt } from '../../../src/ledger/commands/halt.ts';
import { noteHost } from '../../../src/ledger/commands/hosts.ts';
import { listen } from '../../../src/ledger/commands/journal.ts';
import { noteFailure, noteLossWait, noteOddities } from '../../../src/ledger/commands/keeper-note.ts';
import { replacePlan } from '../../../src/ledger/commands/plan-series.ts';
import { claimPlans, filePlan, notePlan } from '../../../src/ledger/commands/plans.ts';
import { recall } from '../../../src/ledger/commands/recall.ts';
import { remember } from '../../../src/ledger/commands/remember.ts';
import { resume } from '../../../src/ledger/commands/resume.ts';
import { submit } from '../../../src/ledger/commands/submit.ts';
import { fileForecast } from '../../../src/ledger/filed-forecasts.ts';
import { key, keyPrefix } from '../../../src/ledger/keys.ts';
import { packageRoot } from '../../../src/package-root.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, LEASE_MS, NOW_MS, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();

/** Every row's keys with their types: `order:<id>` -> `hash`. */
function table(): Map<string, string> {
  const text = readFileSync(join(packageRoot(), 'src', 'ledger', 'keys.ts'), 'utf8');
  const types = new Map<string, string>();
  // A long row continues on the next lines.
  for (const [, row = ''] of text.matchAll(/^ \* (\| `(?:.|\n \* (?!\| `))*\|)$/gm)) {
    const [, names = '', kinds = ''] = row.split(/(?<!\\)\|/);
    const keys = [...names.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
    const listed = kinds.split(',').map((kind) => kind.trim());
    for (const [at, name] of keys.entries())
      types.set(name.replaceAll('\\', ''), listed[listed.length === 1 ? 0 : at] ?? '');
  }
  return types;
}

/** Two plans lack room, one of them near enough to steal; then it is the turn of one. */
async function waitForRoom(account: TestAccount): Promise<void> {
  const { ledger } = account;
  const terms = { side: 'buy', mode: 'normal', limit: '10', qty: '10', pnl: '1', pool: '' } as const;
  const times = { takeProfit: '', strategy: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0 };
  for (const id of ['w1', 'w2']) await filePlan(ledger, { id, symbol: 'WWW', ...terms, ...times });
  await claimPlans(ledger, 'host', 60_000, 9);
  await account.prices({ WWW: '10' });
  await account.sync('1');
  const wish = anOrder('w1_1').of('WWW').pnl('1');
  expect(await account.steal(wish.plan('w1'))).toMatchObject({ numbers: { place: '1' } });
  const large = anOrder('w2_1').of('WWW').worth(5_000_000);
  expect(await account.steal(large.plan('w2'))).toMatchObject({ numbers: { place: '2' } });
  await account.sync('100000');
  await account.advanceHealth(1);
  await account.sync('100000');
}

async function anAccountWithEverything(): Promise<TestAccount> {
  const env = {
    WORK_STEALING_POOLS: 'crypto:1',
    WORK_STEALING_VIP_SYMBOLS: 'VIP',
    WORK_STEALING_QUOTE_MAX_JUMP: '0.2',
    WORK_STEALING_MIN_RESIDENCY: '60',
    WORK_STEALING_MAX_ROBBED: '2',
  };
  const account = await ledgers.account({ env });
  const { ledger } = account;
  await account.prices({ AAA: '11', BBB: '11', CCC: '11', TTT: '10', UUU: '1' });
  await account.admit(anOrder('refused_1'));
  await submit(ledger, 'refused_1', LEASE_MS);
  await account.end('refused_1', 'rejected');
  await account.place(
    anOrder('a').worth(300).plan('robbed'),
    anOrder('b').of('BBB').worth(300).in('crypto').pnl('1'),
    anOrder('c').of('CCC').worth(300).pnl('2'),
  );
  await account.place(anOrder('h').of('HHH').worth(1));
  await account.advanceLedger(60_000);
  await account.place(anOrder('young').of('KKK').worth(1));
  await amend(ledger, {
    ...{ was: 'broker-h', limit: '9', before: { qty: '0', micros: 0 }, takes: 'now' },
    terms: { id: 'h', brokerId: 'broker-i', symbol: 'HHH', side: 'buy', qty: '0.1' },
  });
  await account.place(anOrder('d').of('DDD').worth(50));
  await account.end('d', 'filled', '5');
  await account.place(anOrder('e').of('DDD').selling().exiting().qty('5'));
  await account.end('e', 'filled', '5');
  for (const at of [1, 2, 3])
    await remember(ledger, { id: `r${at}`, thiefSymbol: 'YYY', victimSymbol: 'ZZZ', atMs: NOW_MS - at });
  await account.configure({ ...env, WORK_STEALING_DRY_RUN: '1' });
  await account.steal(anOrder('dry').of('TTT').worth(200).pnl('10'));
  await account.configure(env);
  await listen(account.ledger, 1_000);
  await account.steal(anOrder('t').of('TTT').worth(200).pnl('10'));
  await account.advanceHealth(15_001);
  await account.prices({ TTT: '10' });
  await account.steal(anOrder('u').of('TTT').worth(900).pnl('10'));
  await account.prices({ BBB: '11' });
  await account.prices({ TTT: '0', AAA: '110' });
  await waitForRoom(account);
  const byHand = [{ symbol: 'EEE', side: 'long', qty: '1', costMicros: 1, pool: '' }] as const;
  for (let seen = 0; seen < 2; seen += 1) {
    await account.advanceHealth(1);
    await account.sync('1000', byHand);
  }
  // Two exits; one was sent before the broker told of the position, so what it closes may be told already.
  await account.place(
    anOrder('f').of('EEE').selling().exiting().qty('0.5'),
    anOrder('g').of('EEE').selling().exiting().qty('0.25'),
  );
  for (let seen = 0; seen < 2; seen += 1) {
    await account.advanceHealth(1);
    await account.sync('1000', [{ ...byHand[0], qty: '2' }]);
  }
  await account.end('f', 'filled', '0.5');
  expect(
    await confirm(ledger, { symbol: 'EEE', side: 'long', qty: '2', free: '2' }, account.healthMs()),
  ).toBe('confirmed');
  await account.end('c', 'filled', '30');
  await account.advanceHealth(1);
  await account.sync('1000', []);
  for (const id of ['p1', 'p2']) {
    await filePlan(ledger, {
      id,
      ...{
        symbol: 'AAA',
        side: 'buy',
        mode: 'normal',
        limit: '1',
        qty: '1',
        pnl: '1',
        pool: '',
        takeProfit: '',
        strategy: '',
      },
      ...{ startsAtMs: 0, expiresAtMs: 0, holdMs: 0 },
    });
  }
  const series = { strategy: 'model', symbol: 'AAA', side: 'buy' } as const;
  await fileForecast(ledger, series, { pnl: '1', expiresAtMs: 0 });
  await replacePlan(ledger, {
    id: 'p3',
    ...{
      symbol: 'BBB',
      side: 'buy',
      mode: 'normal',
      limit: '1',
      qty: '1',
      pnl: '1',
      pool: '',
      takeProfit: '',
      strategy: 'morning',
    },
    ...{ startsAtMs: 0, expiresAtMs: 0, holdMs: 0, terms: 'abcd' },
  });
  await claimPlans(ledger, 'host', 1_000, 1);
  await notePlan(ledger, 'host', { id: 'p1', stage: 'done', attempt: 1, exitAttempt: 0 });
  await recall(ledger, ['p2_1']);
  await close(ledger, 'broker', 'trading is blocked');
  await noteAsset(ledger, 'AAA', '{}');
  await keepClientId(ledger, 'bot--h_0', 'a bot’s own');
  await beginPosting(ledger, 'bot--h_0', 60_000);
  await halt(ledger, 'test', 'alice@ops');
  await resume(ledger, 'test', 'alice@ops');
  await noteFailure(ledger, 'the broker did not answer');
  await noteLossWait(ledger, 20_000);
  await noteOddities(ledger, [{ what: 'order', id: 'hand', symbol: 'GME', counts: false, why: 'no price' }]);
  await noteHost(ledger, { host: 'h', role: 'keep', fingerprint: 'f' });
  await ledger.redis.set(key(account.name, 'mutex'), 'value');
  await ledger.redis.zadd(key(account.name, 'mutex_waiting'), NOW_MS, 'name');
  await ledger.redis.set(key(account.name, 'alerter'), 'value');
  await ledger.redis.zadd(key(account.name, 'judged'), NOW_MS, 'earlier');
  await ledger.redis.hset(key(account.name, 'regrets'), 'account', '5 0');
  await ledger.redis.hset(key(account.name, 'alerts'), 'outbox', '{}');
  return account;
}

describe('the table of keys', () => {
  it('names exactly the existing keys, with their types', async () => {
    const account = await anAccountWithEverything();
    await account.expectSound();
    const patterns = [...table()].map(([name, type]) => {
      const pattern = new RegExp(`^${name.replaceAll('|', '\\|').replace(/<[^>]+>/g, '[^:|]+')}$`);
      return { name, type, pattern };
    });
    const seen = new Set<string>();
    for (const name of Object.keys(await account.keyspace())) {
      const type = await account.ledger.redis.type(`${keyPrefix(account.name)}${name}`);
      const row = patterns.find(({ pattern }) => pattern.test(name));
      expect({ name, type, row: row?.type }).toEqual({ name, type, row: type });
      if (row) seen.add(row.name);
    }
    expect([...seen].sort()).toEqual(patterns.map(({ name }) => name).sort());
  });
});
