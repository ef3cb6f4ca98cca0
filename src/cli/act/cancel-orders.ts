/** Cancelling orders at the broker for a person. */

import { counted } from '../../domain/amounts.ts';
import { isFinal } from '../../domain/order.ts';
import { cancel } from '../../ledger/commands/cancel.ts';
import { BY_HAND } from '../../ledger/commands/settle.ts';
import { type LedgerOrder, readLedgerOrder } from '../../ledger/commands/snapshot.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { readPlan } from '../../ledger/plan-record.ts';
import { isExitId, planOf } from '../../watcher/plan/order-ids.ts';
import type { Act, Standing, Stopped, Target } from './act.ts';
import { isRoleAlive } from './book.ts';
import { BookWatch } from './lost-record.ts';

/** A watcher ends or pauses the plan of a cancelled entry within this time. */
const PLAN_REACTS_MS = 3_000;

/** An exit of a plan or of a person. */
export function isExit({ kind, id }: LedgerOrder): boolean {
  return kind === 'exit' || (kind === 'external' && isExitId(id));
}

/** Placed by a person at the broker; not an order of a plan that the ledger had lost. */
export function isForeign({ kind, id, plan }: LedgerOrder): boolean {
  return kind === 'external' && plan === '' && planOf(id) === undefined;
}

export type Chosen = { orders: LedgerOrder[]; notes: string[] };

/** What `--symbol`, `--all-entries` and `halt --cancel-entries` cancel, and what they leave. */
export function entriesOf(live: readonly LedgerOrder[], withExits: boolean): Chosen {
  const foreign = live.filter(isForeign);
  const ours = live.filter((order) => !isForeign(order));
  const exits = ours.filter(isExit);
  const notes: string[] = [];
  if (exits.length > 0 && !withExits)
    notes.push(`${counted(exits.length, 'exit')} stay: --exits cancels them, too.`);
  if (foreign.length > 0)
    notes.push(
      `${counted(foreign.length, 'order')} that a person placed at the broker stay: name them by id.`,
    );
  return { orders: withExits ? ours : ours.filter((order) => !isExit(order)), notes };
}

/** Cancels these orders. `notes`: what the person should know besides. */
export function cancelOrders(
  ledger: Ledger,
  by: string,
  orders: readonly LedgerOrder[],
  notes: readonly string[] = [],
): Act {
  const endedAtMs = new Map<string, number>();
  const book = new BookWatch(ledger);
  return {
    verb: 'cancel',
    targets: orders.map(targetOf),
    notes: [...notes, ...consequences(orders)],
    step: ({ id }) => step(ledger, by, id, endedAtMs, book),
    delay: (open) => delay(ledger, open),
  };
}

function targetOf(order: LedgerOrder): Target {
  const { id, symbol, state, heldMicros } = order;
  const kind = isForeign(order) ? 'placed by hand' : isExit(order) ? 'exit' : 'entry';
  return {
    kind: 'order',
    id,
    symbol,
    what: `${kind}, ${state}`,
    sizeMicros: heldMicros,
    atBroker: isAtBroker(order),
  };
}

/** May the order be at the broker? */
export function isAtBroker({ state, sentAtMs, kind }: LedgerOrder): boolean {
  return (
    !isFinal(state) && (state === 'working' || state === 'cancelling' || sentAtMs > 0 || kind === 'external')
  );
}

function consequences(orders: readonly LedgerOrder[]): string[] {
  const notes: string[] = [];
  if (orders.some((order) => !isExit(order)))
    notes.push(
      'A plan whose entry is cancelled ends, or pauses and may enter again, as WORKSTEAL_CANCELLED_BY_HAND ' +
        'of its watcher says (withdraw by default).',
    );
  if (orders.some(isExit))
    notes.push(
      'A plan whose exit is cancelled places another one after WORKSTEAL_BY_HAND_PAUSE_MS; until then its ' +
        'position has none.',
    );
  if (orders.some((order) => !isAtBroker(order)))
    notes.push('An order that was not sent yet is cancelled once it is at the broker.');
  return notes;
}

async function step(
  ledger: Ledger,
  by: string,
  id: string,
  endedAtMs: Map<string, number>,
  book: BookWatch,
): Promise<Standing> {
  await book.begin();
  const order = await readLedgerOrder(ledger, id);
  if (order === undefined) return await lost(ledger, id, book);
  if (isFinal(order.state)) {
    const since = endedAtMs.get(id) ?? performance.now();
    endedAtMs.set(id, since);
    return await afterEnd(ledger, order, performance.now() - since);
  }
  if (order.state === 'cancelling') return { state: 'open', words: cancellingWords(order) };
  const outcome = await cancel(ledger, id, BY_HAND, by);
  if (outcome === 'cancelling' || outcome === 'exists') return { state: 'open', words: 'is being cancelled' };
  return { state: 'open', words: unsentWords(order) };
}

/** What the ledger lost is no answer; a book that was rebuilt from the broker since then is. */
async function lost(ledger: Ledger, id: string, book: BookWatch): Promise<Standing> {
  // In this order: an order that the rebuild found is on record again before the book is open.
  if ((await book.isRebuilt()) && (await readLedgerOrder(ledger, id)) === undefined)
    return {
      state: 'done',
      words: 'works at the broker no more: the ledger was lost, and rebuilt without it',
    };
  return {
    state: 'open',
    words: 'the ledger was lost: it may work at the broker until the keeper has looked',
  };
}

function cancellingWords({ robbedBy }: LedgerOrder): string {
  return robbedBy === ''
    ? 'is being cancelled'
    : `is being cancelled, to make room for ${robbedBy}; its plan may enter again`;
}

function unsentWords({ sentAtMs, plan, state }: LedgerOrder): string {
  if (sentAtMs > 0) return 'was sent, and the broker has not confirmed it: it is cancelled once it does';
  const end = plan === '' ? '' : `; \`worksteal withdraw ${plan}\` ends it`;
  return `${state}: not sent yet, so there is nothing to cancel at the broker${end}`;
}

/** How it ended, and what its plan does then. Waits a moment for the plan's watcher. */
async function afterEnd(ledger: Ledger, order: LedgerOrder, endedForMs: number): Promise<Standing> {
  const ended = endWords(order);
  if (order.plan !== '' && order.robbedBy !== '') {
    const plan = await readPlan(ledger, order.plan);
    const goesOn = plan !== undefined && !plan.ended ? robbedWords(order) : '';
    return { state: 'done', words: `${ended}, to make room for ${order.robbedBy}${goesOn}` };
  }
  if (order.plan === '' || order.reason !== BY_HAND) return { state: 'done', words: ended };
  const plan = await readPlan(ledger, order.plan);
  if (plan === undefined || plan.ended)
    return { state: 'done', words: `${ended}; its plan ${order.plan} is ${plan?.stage ?? 'not on record'}` };
  if (isExit(order))
    return { state: 'done', words: `${ended}; its plan ${plan.id} places another exit after a pause` };
  if (plan.stage === 'holding' || plan.stage === 'exiting')
    return { state: 'done', words: `${ended}; its plan ${plan.id} exits what was filled` };
  if (endedForMs < PLAN_REACTS_MS)
    return { state: 'open', words: `${ended}; its plan ${plan.id} hears of it` };
  const why = (await isRoleAlive(ledger, 'watch')) ? 'pauses' : 'waits for a watcher';
  const end = `\`worksteal withdraw ${plan.id}\` ends it`;
  return { state: 'done', words: `${ended}; its plan ${plan.id} ${why}, and may enter again: ${end}` };
}

/** A person who cancels an order means its plan as well; a steal leaves the plan in the race. */
function robbedWords({ plan }: LedgerOrder): string {
  return `; its plan ${plan} goes on, and may enter again: \`worksteal withdraw ${plan}\` ends it`;
}

function endWords({ state, qty, filledQty, reason, sentAtMs, kind }: LedgerOrder): string {
  if (state === 'filled') return 'was filled before it could be cancelled';
  const part = filledQty === '0' ? '' : `, ${filledQty} of ${qty} filled`;
  if (sentAtMs === 0 && kind !== 'external') return `ended before it was sent (${reason})`;
  return state === 'cancelled' ? `cancelled${part}` : `ended ${state} (${reason})${part}`;
}

async function delay(ledger: Ledger, open: readonly Stopped[]): Promise<string | undefined> {
  if (open.length === 0 || (await isRoleAlive(ledger, 'work'))) return undefined;
  return 'no worker is alive: the cancellation waits for one (worksteal work)';
}
