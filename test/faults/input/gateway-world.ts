/** A gateway for malformed input: nothing changes its ledger but the requests themselves. */
import { pino } from 'pino';
import { Prices } from '../../../src/gateway/prices.ts';
import { type LoneGateway, openTestGateway, type TestBot } from '../../support/gateway.ts';
import { type Stage, startStage, until } from '../../support/keeper.ts';
import { openAccount } from '../../support/ledger.ts';

const EQUITY = '1000000000';

export type World = {
  stage: Stage;
  gateway: LoneGateway;
  bots: Record<'one' | 'other' | 'gone', TestBot>;
  /** The broker's ids of two orders of the first bot and of one of the second. */
  ids: readonly string[];
  close(): Promise<void>;
};

/** An account whose clocks stand still, and two bots with orders; the keys of a third are revoked. */
export async function openWorld(redisUrl: string): Promise<World> {
  const stage = await startStage(redisUrl, { equity: EQUITY });
  const { ledger, broker } = stage;
  // The first order of a symbol that the broker does not know is sent; its refusal would bar its id.
  const env = { WORK_STEALING_UNUSED_PAUSE: '0' };
  const account = await openAccount(ledger, { equity: EQUITY, env });
  await account.prices({ AAPL: '110', MSFT: '110', BTCUSD: '110' });
  const prices = new Prices({ ledger, broker, log: pino({ level: 'silent' }), intervalMs: 1_000 });
  const settings = { lists: 'own', updates: 'own' } as const;
  const gateway = await openTestGateway(redisUrl, {
    ...{ ledger, broker, prices, settings, requestsPerSecond: 100_000 },
  });
  const [one, other, gone] = ['one', 'other', 'gone'].map((name) => gateway.bot(name)) as TestBot[];
  const bots = { one, other, gone } as World['bots'];
  const { body: mine } = await bots.one.order({ client_order_id: 'mine' });
  const { body: odd } = await bots.one.order({ client_order_id: '\u00fcber 1' });
  // Of a symbol that the first bot does not sell: an entry gives way to an exit of another bot.
  const { body: theirs } = await bots.other.order({ client_order_id: 'theirs', symbol: 'MSFT' });
  gateway.revoke('gone');
  const held = `ws:{${stage.account}}:posting:*`;
  await until('no id is held any more', async () => (await ledger.redis.keys(held)).length === 0);
  const ids = [mine, odd, theirs].map(({ id }) => String(id));
  return {
    ...{ stage, gateway, bots, ids },
    async close() {
      await gateway.close();
      await stage.close();
    },
  };
}

/** What is wrong with a refusal: it has not Alpaca's form. */
export function faultOf(_status: number, body: string): string | undefined {
  try {
    const { code, message } = JSON.parse(body) as Record<string, unknown>;
    const isForm = Number.isInteger(code) && typeof message === 'string' && message !== '';
    return isForm && message.length <= 300 ? undefined : 'no {code, message}';
  } catch {
    return 'no JSON';
  }
}
