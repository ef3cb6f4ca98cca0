/**
 * A watcher host in a process of its own, as `worksteal watch` runs it. Its prices come from memory, once a
 * second.
 */
import { pino } from 'pino';
import { openLedger } from '../src/ledger/ledger.ts';
import { readSettings } from '../src/rules/settings.ts';
import { runWatcher } from '../src/watcher/watcher.ts';
import { RULES, SYMBOLS } from './book.ts';
import { directCoordinator } from './bots.ts';
import { serve } from './child.ts';
import { instantBroker } from './instant-broker.ts';
import { market } from './market.ts';

const [redisUrl = '', account = '', maxPlans = ''] = process.argv.slice(2);
const log = pino({ level: 'silent' });
const ledger = await openLedger(redisUrl, account);
const broker = { ...instantBroker, quotes: market(SYMBOLS).quotes };
const { settings: rules } = readSettings(RULES);
const { coordinator } = directCoordinator(redisUrl, { ledger }, broker);
void runWatcher(
  {
    ...{ ledger, broker, coordinator, rules, log, host: 'bench', maxPlans: Number(maxPlans) },
    ...{ planLeaseMs: 60_000, quotesMs: 1_000, report: () => {} },
  },
  new AbortController().signal,
);
serve(redisUrl);
