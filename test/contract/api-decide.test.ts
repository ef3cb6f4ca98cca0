/** `POST decide`: what the ledger would decide about an order, which then does just that. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { filePlan } from '../../src/ledger/commands/plans.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder, type TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();
let account: TestAccount;
let api: TestApi;

const WISH = { symbol: 'CCC', side: 'buy', limit: '10', qty: '50' };

beforeAll(async () => {
  account = await ledgers.account();
  api = await startTestApi(ledgers.url, [account]);
});
afterAll(() => api.close());
beforeEach(() => account.prices({ AAA: '12', CCC: '10' }));

/** The book's keys; the cancel queue writes its own at its start. */
const keys = async (): Promise<object> =>
  Object.fromEntries(
    Object.entries(await account.keyspace()).filter(([name]) => !name.startsWith('cancel:')),
  );

const decide = (wish: object) => api.ask('POST', 'decide', { as: 'read', body: wish });

describe('the order that', () => {
  it('fits is told its room, and nothing is changed', async () => {
    const before = await keys();
    expect(await decide(WISH)).toMatchObject({
      status: 200,
      body: {
        admitted: true,
        reason: 'fits',
        sentence: 'there is room for it',
        victims: [],
        numbers: { needMicros: 500_000_000 },
      },
    });
    expect(await keys()).toEqual(before);
  });

  it('would steal is told its victims, and then takes them', async () => {
    await account.place(anOrder('worst').worth(600).pnl('1'), anOrder('better').worth(400).pnl('2'));
    const told = await decide({ ...WISH, pnl: '9' });
    expect(told.body).toMatchObject({
      admitted: true,
      reason: 'stolen',
      victims: [{ order: 'worst', symbol: 'AAA', pnl: '1', heldMicros: 600_000_000 }],
    });
    const done = await account.steal(anOrder('thief').of('CCC').worth(500).pnl('9'));
    expect(done).toMatchObject({ outcome: 'stolen', victims: [{ id: 'worst' }] });
  });

  it('would steal a part is told what its victim keeps', async () => {
    const env = { WORK_STEALING_PARTIAL: '1' };
    const some = await ledgers.account({ env });
    const door = await startTestApi(ledgers.url, [some], { env });
    onTestFinished(() => door.close());
    await filePlan(some.ledger, {
      ...{ id: 'p', symbol: 'AAA', side: 'buy', mode: 'normal', limit: '10', qty: '100', pnl: '1', pool: '' },
      ...{ takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'test' },
    });
    await some.place(anOrder('p_1').worth(1000).pnl('1').plan('p'));
    await some.prices({ AAA: '12', CCC: '10' });
    const { status, body } = await door.ask('POST', 'decide', { as: 'read', body: { ...WISH, pnl: '9' } });
    expect({ status, kept: body['kept'] }).toEqual({
      status: 200,
      kept: { order: 'p_1', qty: '50', heldMicros: 500_000_000 },
    });
  });

  it('is refused is told why, with the numbers; no refusal is recorded', async () => {
    const before = await keys();
    const { status, body } = await decide({ ...WISH, pnl: '0' });
    expect({ status, body }).toMatchObject({ status: 200, body: { admitted: false, victims: [] } });
    expect(body['sentence']).toMatch(/^[a-z].+[a-z]$/);
    expect(await keys()).toEqual(before);
  });
});

it('a malformed order is invalid, and needs a token', async () => {
  expect(await decide({ ...WISH, qty: 'many' })).toMatchObject({ status: 422, body: { code: 'invalid' } });
  expect(await api.ask('POST', 'decide', { as: '', body: WISH })).toMatchObject({ status: 401 });
});

it('lists are those of the inspections, as soon as something was written', async () => {
  for (let i = 0; i < 5; i += 1) {
    await account.end(i === 0 ? 'better' : `o${i - 1}`, 'cancelled');
    await account.place(anOrder(`o${i}`).of('BBB').worth(1));
    const { body } = await api.ask('GET', 'orders?state=working', { as: 'read' });
    expect((body['orders'] as { id: string }[]).map(({ id }) => id)).toEqual([`o${i}`]);
  }
});
