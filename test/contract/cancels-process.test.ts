/**
 * `worksteal work` as a process: finds cancellations whose host died, survives being killed, and stops when
 * asked (I6, I9).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { AlpacaBroker } from '../../src/broker/alpaca/alpaca.ts';
import { unlimited } from '../../src/broker/limiter.ts';
import type { Broker } from '../../src/broker/port.ts';
import { CancelWorker } from '../../src/cancels/worker.ts';
import { type RunningExchange, startExchange } from '../../src/exchange/server.ts';
import { open } from '../../src/ledger/commands/open.ts';
import { submit } from '../../src/ledger/commands/submit.ts';
import { ManualMarket } from '../../src/prices/manual.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder, LEASE_MS, type TestAccount } from '../support/ledger.ts';
import { PROGRAM } from '../support/program.ts';

const ledgers = useLedgers();
let exchange: RunningExchange;
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) await ended(child, 'SIGKILL');
  await exchange.close();
});

/**
 * The account is full with `worse`, live at the exchange; `better` has stolen its room, and its process died
 * before it enqueued.
 */
async function orphanedSteal(): Promise<TestAccount> {
  const market = new ManualMarket(['AAPL', 'MSFT']);
  const options = {
    port: 0,
    equity: '1000',
    leverage: '1',
    rateLimit: 0,
    partialRate: 0,
    cancelDelay: 5,
    tick: 5,
  };
  exchange = await startExchange(options, { market });
  market.set('AAPL', '11');
  exchange.advance();
  const account = await ledgers.account();
  await account.prices({ AAPL: '11', MSFT: '10' });
  const worse = anOrder('worse').of('AAPL').worth(900).pnl('1');
  const urls = { tradingUrl: exchange.url, dataUrl: exchange.url };
  const log = { debug: () => {}, info: () => {}, warn: () => {} };
  const broker = new AlpacaBroker({
    ...urls,
    keyId: 'k',
    secretKey: 's',
    limiter: unlimited,
    requestTimeoutMs: 2_000,
    log,
  });
  await account.admit(worse);
  await submit(account.ledger, 'worse', LEASE_MS);
  const answer = await broker.submit(worse.wish);
  if (answer.kind !== 'confirmed') throw new Error(JSON.stringify(answer));
  await open(account.ledger, 'worse', answer.order.brokerId);
  expect(await account.steal(anOrder('better').of('MSFT').worth(500).pnl('9'))).toMatchObject({
    outcome: 'stolen',
  });
  return account;
}

function startWork(account: TestAccount, env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, 'work'], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: {
      ...CHILD_ENV,
      REDIS_URL: ledgers.url,
      WORKSTEAL_ACCOUNT: account.name,
      APCA_API_BASE_URL: exchange.url,
      APCA_API_DATA_URL: exchange.url,
      APCA_API_KEY_ID: 'k',
      APCA_API_SECRET_KEY: 's',
      ...env,
    },
  });
  children.push(child);
  return child;
}

async function ended(child: ChildProcess, signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    if (signal !== undefined) child.kill(signal);
    await exited;
  }
  return child.signalCode ?? child.exitCode;
}

const stateOf = (account: TestAccount, id: string) => account.order(id).then((order) => order.state);

describe('the work role', () => {
  it('cancels for a committer that died, reports it, and ends on SIGTERM', async () => {
    const account = await orphanedSteal();
    const child = startWork(account);
    const reports: Record<string, unknown>[] = [];
    child.on('message', (message) => void reports.push(message as Record<string, unknown>));
    await expect.poll(() => stateOf(account, 'better'), { interval: 10, timeout: 60_000 }).toBe('reserved');
    await expect
      .poll(() => reports.at(-1), { timeout: 60_000 })
      .toMatchObject({ role: 'work', type: 'cancels', settled: 1 });
    expect(await ended(child, 'SIGTERM')).toBe(0);
    await account.expectSound();
  });

  it('that dies after the broker took the cancellation is followed by another', async () => {
    const account = await orphanedSteal();
    expect(await ended(startWork(account, { WORKSTEAL_DIE_AFTER: 'after_cancel' }))).toBe('SIGKILL');
    expect(await stateOf(account, 'worse')).toBe('cancelling');
    startWork(account);
    await expect.poll(() => stateOf(account, 'better'), { interval: 10, timeout: 60_000 }).toBe('reserved');
    await account.expectSound();
  });

  it('ends when asked although it never reached its Redis', async () => {
    const account = await orphanedSteal();
    const log = { debug: () => {}, info: () => {}, warn: () => {} };
    const stop = new AbortController();
    const { ledger } = account;
    const worker = new CancelWorker({
      url: 'redis://127.0.0.1:1',
      ledger,
      broker: {} as Broker,
      log,
      step: () => {},
    });
    const ready = worker.ready(stop.signal);
    stop.abort();
    await ready;
    await worker.close();
  });
});
