/** Orders of a gateway's bots, by the ids that the bots gave, for people and programs beside the gateway. */
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { cancelCommand } from '../../src/cli/cancel.ts';
import { whyCommand } from '../../src/cli/why.ts';
import { ledgerIdOf } from '../../src/ledger/bot-ids.ts';
import type { Env } from '../../src/rules/settings.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder, type TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();
const OWN_ID = 'my first/é 1';
const NAMED = `one--${OWN_ID}`;
let account: TestAccount;
let api: TestApi;
let id: string;

beforeAll(async () => {
  account = await ledgers.account();
  api = await startTestApi(ledgers.url, [account]);
  id = ledgerIdOf('one', OWN_ID);
  expect(id).toMatch(/^one--h_/);
  await account.place(anOrder(id).worth(100));
});
afterAll(() => api.close());

/** What a command prints. */
async function printed(make: (env: Env) => Command, ...words: string[]): Promise<string> {
  onTestFinished(() => {
    process.exitCode = undefined;
  });
  let out = '';
  const writeOut = (part: string): void => {
    out += part;
  };
  const command = make({ REDIS_URL: ledgers.url, WORKSTEAL_ACCOUNT: account.name });
  command.configureOutput({ writeOut, writeErr: () => {} }).exitOverride();
  await command.parseAsync(words, { from: 'user' });
  return out;
}

describe('An id that a bot gave is understood', () => {
  it('by `worksteal why`', async () => {
    expect(await printed(whyCommand, NAMED)).toContain(id);
    expect(await printed(whyCommand, id)).toContain(id);
  });

  it("by the API's why, order and timeline", async () => {
    for (const path of ['why', 'orders', 'timeline']) {
      const { status, text } = await api.ask('GET', `${path}/${encodeURIComponent(NAMED)}`);
      expect({ path, status }).toEqual({ path, status: 200 });
      expect(text).toContain(id);
    }
    const { status } = await api.ask('GET', `why/${encodeURIComponent('no such thing')}`);
    expect(status).toBe(422);
  });

  it("by `worksteal cancel` and the API's", async () => {
    const path = `orders/${encodeURIComponent(NAMED)}/cancel`;
    expect(await api.ask('POST', path)).toMatchObject({ body: { outcome: 'cancelling', id } });
    const words = [NAMED, '--by', 'me', '--yes', '--timeout', '0', '--json'];
    expect(JSON.parse(await printed(cancelCommand, ...words))).toMatchObject({ items: [{ id }] });
  });
});

it("an id under a bot's name is the bot's: no token may take it for an order or a plan", async () => {
  const order = { symbol: 'AAA', side: 'buy', limit: '10', qty: '1' };
  for (const path of ['orders/one--x', 'plans/one--x']) {
    expect(await api.ask('PUT', path, { as: 'trade', body: order })).toMatchObject({
      status: 409,
      body: { code: 'contradiction', detail: 'one--x: ids that begin with one-- are those of the bot one' },
    });
  }
  expect((await api.ask('PUT', 'orders/-one--x', { as: 'trade', body: order })).status).toBe(200);
});
