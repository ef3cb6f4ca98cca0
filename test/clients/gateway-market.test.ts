/**
 * Bots on three clients share an account in a busy market, and none knows of the others: they rob each other,
 * the cap holds, and nothing is left over. With WORKSTEAL_MARKET_SECONDS it runs so long, and prints what it
 * saw; WORKSTEAL_SEED repeats the draws.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type BusyMarket, openBusyMarket } from '../support/busy-market.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { useRedis } from '../support/fixtures.ts';
import { until } from '../support/keeper.ts';
import { liquidate, type Report, trade } from './market/bot.ts';
import { type Access, alpacaBot, ccxtBot } from './market/clients.ts';

/** 0: until enough was seen. */
const SECONDS = Number(process.env['WORKSTEAL_MARKET_SECONDS'] ?? 0);
const STEALS = 10;
const KINDS = ['far', 'near', 'market', 'money', 'cancel', 'replace', 'close', 'cancel all'];
const PATIENCE_MS = 60_000;

const redis = useRedis();
let market: BusyMarket;
beforeAll(async () => {
  market = await openBusyMarket(redis.url);
});
afterAll(() => market.close());

function access(name: string, pnl: string): Access {
  const { gateway } = market;
  const { keyId, secret } = gateway.bot(name, { pnl }).keys;
  return { url: gateway.url, keyId, secret };
}

/** The Python bot; `end` lets it finish, and resolves to what it did. */
function startPython(seed: number): { end: () => Promise<Report> } {
  const { url, keyId, secret } = access('python', '1');
  const child = spawn('python3', [join(import.meta.dirname, 'market', 'market_bot.py'), url, String(seed)], {
    env: { PATH: CHILD_ENV['PATH'], KEY: keyId, SECRET: secret },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const said = text(child.stdout);
  const closed = once(child, 'close');
  onTestFinished(() => void child.kill());
  return {
    async end() {
      child.stdin.end();
      await closed;
      return JSON.parse(await said) as Report;
    },
  };
}

it('bots on three clients rob each other, and the cap holds', {
  timeout: 2 * PATIENCE_MS + SECONDS * 1_000,
}, async () => {
  const [own, forecasts] = [market.random('alpaca-js'), market.random('forecasts')];
  const clients = [
    alpacaBot('alpaca-js', access('alpaca-js', '8')),
    ccxtBot('ccxt', access('ccxt', '1'), () => 1 + 19 * forecasts()),
  ] as const;
  const randoms = [own, market.random('ccxt')] as const;
  const stopping = new AbortController();
  const reports = clients.map(({ name }): Report => ({ name, done: {}, refusals: {} }));
  const trading = clients.map((client, at) => {
    const around = { price: market.price, random: randoms[at] ?? own };
    return trade(client, around, reports[at] as Report, stopping.signal);
  });
  const isMixed = (): boolean => KINDS.every((kind) => reports.some(({ done }) => (done[kind] ?? 0) > 0));
  for (const one of trading) one.catch(() => stopping.abort());
  const python = startPython(Math.floor(own() * 2 ** 31));
  if (SECONDS > 0) await sleep(SECONDS * 1_000, undefined, { signal: stopping.signal }).catch(() => {});
  else
    await until(
      'they have robbed each other often enough',
      async () => stopping.signal.aborted || (isMixed() && (await market.steals()).between >= STEALS),
      PATIENCE_MS,
    );
  stopping.abort();
  await Promise.all(trading);
  const [pythons] = await Promise.all([python.end(), ...clients.map(liquidate)]);
  await market.ended();
  const [steals, verdict] = [await market.steals(), await market.verdict()];
  const seen = { steals, verdict, reports: [...reports, pythons] };
  if (SECONDS > 0) process.stderr.write(`${JSON.stringify(seen, undefined, 2)}\n`);
  expect(verdict, JSON.stringify(seen)).toMatchObject({ violations: [], faults: [], doubleOrders: 0 });
  expect(steals.between).toBeGreaterThanOrEqual(STEALS);
  for (const { name, refusals } of seen.reports)
    expect(Object.keys(refusals).join('\n'), name).toMatch(
      /^insufficient (buying power|balance for USD .*): it does not fit/m,
    );
});
