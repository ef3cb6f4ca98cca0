/** The API in a process of its own, as `worksteal serve` runs it, with a broker that answers at once. */
import { pino } from 'pino';
import { openDoor } from '../src/http/account-door.ts';
import { startApi } from '../src/http/server.ts';
import { recordOf } from '../src/http/token-file.ts';
import { Tokens } from '../src/http/tokens.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import { readSettings } from '../src/rules/settings.ts';
import { LEASE_MS, RULES } from './book.ts';
import { serve } from './child.ts';
import { instantBroker } from './instant-broker.ts';

const [redisUrl = '', account = '', token = ''] = process.argv.slice(2);
const log = pino({ level: 'silent' });
const ledger = await openLedger(redisUrl, account);
const { settings: rules } = readSettings(RULES);
const parts = { ledger, redisUrl, rules, leaseMs: LEASE_MS, requestTimeoutMs: 5_000, log };
const door = openDoor({ ...parts, broker: instantBroker });
const tokens = new Tokens();
tokens.set([recordOf(token, { name: 'bench', scope: 'trade', accounts: [] }, 0)]);
const server = await startApi({
  doors: [door],
  tokens,
  log,
  host: '127.0.0.1',
  port: 0,
  checks: () => [],
  requestsPerSecond: 100_000,
});
serve(server.url);
