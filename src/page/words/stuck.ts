/** What may be stuck: a figure each, and a sentence with its remedy where it is not as it should be. */
import type { Counts, LiveStatus } from '../../json/live.ts';
import { counted, dollars, duration, int } from './format.ts';

export type Cell = { name: string; value: string };
/** `remedy` is a command, or empty. */
export type Problem = { key: string; sentence: string; remedy: string };
export type Stuck = { cells: readonly Cell[]; problems: readonly Problem[] };

/** What is on its way is no problem until it takes longer than this, ms of real time. */
const OVERDUE_MS = 10_000;
const NAMES_SHOWN = 3;

/** `pendingMs`: for how long the oldest steal has waited for its victims, ms of real time; 0: none does. */
export type Seen = { status: LiveStatus; counts: Counts; pendingMs: number };

export function stuckOf(seen: Seen): Stuck {
  const { status, counts } = seen;
  const differing = status.hosts.filter(({ agrees }) => !agrees).length;
  const working = status.hosts.length - status.troubles.length;
  return {
    cells: [
      { name: 'outbox', value: int(status.outbox) },
      { name: 'pending steals', value: int(status.steals.pending) },
      { name: 'unclear', value: int(counts.unclear) },
      { name: 'no price', value: int(counts.noPrice) },
      { name: 'settings differ', value: int(differing) },
      { name: 'barred', value: int(status.barred) },
      { name: 'hosts', value: `${working}/${status.hosts.length}` },
    ],
    problems: [...flow(seen), ...fleet(status), ...broker(status)],
  };
}

/** Cancellations, steals and orders that should have ended by now. */
function flow({ status, counts, pendingMs }: Seen): Problem[] {
  const { outbox, outboxOldestMs, cancelQueuePaused, session } = status;
  const problems: Problem[] = [];
  if (cancelQueuePaused === 'yes')
    problems.push({
      key: 'paused',
      sentence: 'The queue of cancellations is paused: victims are not cancelled until it is resumed.',
      remedy: '',
    });
  if (outbox > 0 && (outboxOldestMs ?? 0) > OVERDUE_MS)
    problems.push({
      key: 'outbox',
      sentence:
        `${counted(outbox, 'cancellation')} on record, not carried out for ` +
        `${duration(outboxOldestMs ?? 0)}. Does a worker run, and does the broker answer it?`,
      remedy: 'worksteal work',
    });
  if (pendingMs > OVERDUE_MS)
    problems.push({
      key: 'pending',
      sentence: `A steal has waited for its victims for ${duration(pendingMs)}.`,
      remedy: 'worksteal steals pending',
    });
  if (counts.unclear > 0)
    problems.push({
      key: 'unclear',
      sentence:
        `The broker has not said what became of ${counted(counts.unclear, 'order')}. The keeper asks; ` +
        'until then the room stays taken.',
      remedy: '',
    });
  // While the market is closed, stocks have none.
  if (counts.noPrice > 0 && session !== 'closed')
    problems.push({
      key: 'no price',
      sentence:
        `${counted(counts.noPrice, 'symbol')} of live orders without a fresh price: these orders are left ` +
        'alone. Do the watchers get prices?',
      remedy: '',
    });
  return problems;
}

/** Processes that are missing, stand aside, or use other settings. */
function fleet({ keeper, hosts, troubles }: LiveStatus): Problem[] {
  const problems: Problem[] = [];
  const none = (role: string): boolean => hosts.every((host) => host.role !== role);
  if (keeper === 'none')
    problems.push({
      key: 'keeper',
      sentence: 'No keeper is active: soon nothing is admitted.',
      remedy: 'worksteal keep',
    });
  if (none('work'))
    problems.push({
      key: 'work',
      sentence: 'No worker runs: no cancellation is carried out.',
      remedy: 'worksteal work',
    });
  const differing = hosts.filter(({ agrees }) => !agrees).map(({ host }) => host);
  if (differing.length > 0)
    problems.push({
      key: 'settings',
      sentence:
        `${counted(differing.length, 'host')} with other settings than the account, not stealing: ` +
        `${few(differing)}.`,
      remedy: 'worksteal config',
    });
  for (const { host, role, why } of troubles.slice(0, NAMES_SHOWN))
    problems.push({ key: `host ${host}`, sentence: `${host} (${role}) stands aside: ${why}.`, remedy: '' });
  return problems;
}

/** What the broker tells that does not fit. */
function broker(status: LiveStatus): Problem[] {
  const { admits, failure, equityHeldBackMicros, doubts, oddities, warnings } = status;
  const problems: Problem[] = [];
  if (failure !== null && admits !== 'unsynced')
    problems.push({
      key: 'failure',
      sentence: `The last reconciliation failed: ${failure}.`,
      remedy: 'worksteal status',
    });
  if (equityHeldBackMicros > 0)
    problems.push({
      key: 'equity',
      sentence: `The broker reports an equity of ${dollars(equityHeldBackMicros)}, which waits for a person.`,
      remedy: 'worksteal accept equity',
    });
  if (doubts.length > 0)
    problems.push({
      key: 'doubts',
      sentence:
        'Prices that jumped are not believed until confirmed: ' +
        `${few(doubts.map(({ symbol }) => symbol))}.`,
      remedy: '',
    });
  if (oddities.length > 0)
    problems.push({
      key: 'oddities',
      sentence: `${counted(oddities.length, 'item')} at the broker do not count in full.`,
      remedy: 'worksteal status',
    });
  for (const warning of warnings) problems.push({ key: warning, sentence: `${warning}.`, remedy: '' });
  return problems;
}

function few(names: readonly string[]): string {
  const rest = names.length - NAMES_SHOWN;
  return names.slice(0, NAMES_SHOWN).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
