/** The gateway in a process of its own, as its role runs it, with a broker that answers at once. */
import { pino } from 'pino';
import { HeldAtBroker } from '../src/coordinator/held-at-broker.ts';
import { Bots } from '../src/gateway/bots.ts';
import { Prices } from '../src/gateway/prices.ts';
import { startGateway } from '../src/gateway/server.ts';
import { openDoor } from '../src/http/account-door.ts';
import type { BotRecord } from '../src/http/bot-keys.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import { readSettings } from '../src/rules/settings.ts';
import { LEASE_MS, RULES } from './book.ts';
import { serve } from './child.ts';
import { echoBroker } from './echo-broker.ts';

const REQUEST_TIMEOUT_MS = 5_000;

const [redisUrl = '', account = '', botRecords = ''] = process.argv.slice(2);
const log = pino({ level: 'silent' });
const ledger = await openLedger(redisUrl, account);
const { settings: rules } = readSettings(RULES);
const broker = echoBroker();
const parts = { ledger, redisUrl, rules, leaseMs: LEASE_MS, requestTimeoutMs: REQUEST_TIMEOUT_MS, log };
const door = openDoor({ ...parts, broker });
const bots = new Bots(account);
bots.set(JSON.parse(botRecords) as BotRecord[]);
const prices = new Prices({ ledger, broker, log, intervalMs: 1_000 });
void prices.run(new AbortController().signal);
const server = await startGateway({
  gateway: {
    ...{ door, broker, requestTimeoutMs: REQUEST_TIMEOUT_MS, held: new HeldAtBroker(ledger, broker) },
    settings: { waitMs: 10_000, collar: '0.005', lists: 'all', updates: 'own' },
    price: (symbol) => prices.of(symbol),
  },
  ...{ bots, log, host: '127.0.0.1', port: 0 },
});
serve(server.url);
