/**
 * Valid calls of the typed commands (src/ledger/commands) on the full book, with separate parameters that can
 * be corrupted.
 */
import { admit } from '../../../src/ledger/commands/admit.ts';
import { adopt, type FoundOrder } from '../../../src/ledger/commands/adopt.ts';
import { amend } from '../../../src/ledger/commands/amend.ts';
import { noteAsset } from '../../../src/ledger/commands/asset.ts';
import { bind, vouch } from '../../../src/ledger/commands/bind.ts';
import { cancel } from '../../../src/ledger/commands/cancel.ts';
import { tellCash } from '../../../src/ledger/commands/cash.ts';
import { claim } from '../../../src/ledger/commands/claim.ts';
import { setClock } from '../../../src/ledger/commands/clock.ts';
import { accountRefused, accountTold, close, reopen } from '../../../src/ledger/commands/closures.ts';
import { confirm } from '../../../src/ledger/commands/confirm.ts';
import { fill } from '../../../src/ledger/commands/fill.ts';
import { halt } from '../../../src/ledger/commands/halt.ts';
import { type HostNote, noteHost } from '../../../src/ledger/commands/hosts.ts';
import { listen } from '../../../src/ledger/commands/journal.ts';
import { open } from '../../../src/ledger/commands/open.ts';
import { leaveQueue } from '../../../src/ledger/commands/plan-leave.ts';
import { dropPlan, type PlanSeries, replacePlan } from '../../../src/ledger/commands/plan-series.ts';
import {
  claimPlans,
  closePlan,
  filePlan,
  notePlan,
  renewPlans,
  type Stage,
  withdrawPlan,
} from '../../../src/ledger/commands/plans.ts';
import { recall } from '../../../src/ledger/commands/recall.ts';
import { release } from '../../../src/ledger/commands/release.ts';
import { remember } from '../../../src/ledger/commands/remember.ts';
import { renew } from '../../../src/ledger/commands/renew.ts';
import { notReplaced, replace } from '../../../src/ledger/commands/replace.ts';
import { resume } from '../../../src/ledger/commands/resume.ts';
import { settle } from '../../../src/ledger/commands/settle.ts';
import { steal } from '../../../src/ledger/commands/steal.ts';
import { submit } from '../../../src/ledger/commands/submit.ts';
import { sweep } from '../../../src/ledger/commands/sweep.ts';
import { type SyncedPosition, sync } from '../../../src/ledger/commands/sync.ts';
import { tick } from '../../../src/ledger/commands/tick.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { anOrder, NOW_MS } from '../../support/ledger.ts';
import { aPlan } from './full-book.ts';

/** A command and the parameters of a right call of it. */
export type TypedCall = {
  command: string;
  parameters: object;
  run: (ledger: Ledger, parameters: object) => Promise<unknown>;
};

function call<P extends object>(
  command: string,
  parameters: P,
  run: (ledger: Ledger, parameters: P) => Promise<unknown>,
): TypedCall {
  return { command, parameters, run: (ledger, spoiled) => run(ledger, spoiled as P) };
}

const wish = { ...anOrder('new').wish, qty: '5', pnl: '1', pool: '', plan: '', type: 'limit' as const };
const found: FoundOrder = {
  ...{
    id: 'new',
    brokerId: 'b',
    symbol: 'AAA',
    side: 'buy',
    limit: '10',
    qty: '2',
    filledQty: '1',
    filledMicros: 1,
    pool: '',
    reducing: true,
    leg: true,
    type: 'stop',
  },
};
const position: SyncedPosition = {
  symbol: 'BBB',
  side: 'long',
  qty: '25',
  costMicros: 250_000_000,
  pool: '',
};
const series: PlanSeries = {
  strategy: 's',
  symbol: 'DDD',
  side: 'buy',
  terms: 'terms1',
  id: 'placed',
  expiresAtMs: 0,
};
const note: HostNote = {
  ...{ host: 'h1', role: 'watch', fingerprint: 'f' },
  watching: {
    session: { open: true, untilMs: NOW_MS },
    tiers: [{ tier: 'forced', tolerance: 'any', plans: 2 }],
    cryptos: [{ symbol: 'BTCUSD', pnl: '1.5' }],
  },
};
const terms = { id: 'working1', brokerId: 'b2', symbol: 'AAA', side: 'buy' as const, qty: '50' };
const replacing = { id: 'working1', was: 'broker-working1', nextId: 'next', limit: '11', qty: '5' };
const before = { qty: '0', micros: 0 };
const holding = { symbol: 'BBB', side: 'long' as const, qty: '25', free: '25' };
const progress = { id: 'claimed', stage: 'entering' as Stage, attempt: 2, exitAttempt: 0, reason: '' };
const ending = { state: 'cancelled' as const, filledQty: '30', costMicros: 300_000_000, reason: 'test' };

export const TYPED_CALLS: readonly TypedCall[] = [
  call('admit', { wish, leaseMs: 1_000 }, (ledger, p) => admit(ledger, p.wish, p.leaseMs)),
  call('steal', { wish, leaseMs: 1_000, mutex: '', fingerprint: '', traceparent: '' }, (ledger, p) =>
    steal(ledger, p.wish, p.leaseMs, p.mutex, p.fingerprint, p.traceparent),
  ),
  call('account-refused', { id: 'sent', words: 'no orders' }, (ledger, p) =>
    accountRefused(ledger, p.id, p.words),
  ),
  call('account-told', { shut: 'closed', warnings: ['no short sales'] }, (ledger, p) =>
    accountTold(ledger, p.shut, p.warnings),
  ),
  call('close', { cause: 'broker', words: 'no orders' } as const, (ledger, p) =>
    close(ledger, p.cause, p.words),
  ),
  call('reopen', { cause: 'broker' } as const, (ledger, p) => reopen(ledger, p.cause)),
  call('amend', { was: 'b', terms, limit: '11', before, takes: 'now' } as const, (ledger, p) =>
    amend(ledger, p),
  ),
  call('cash', { told: 1_000_000, at: NOW_MS, apartMs: 0 }, (ledger, p) =>
    tellCash(ledger, p.told, p.at, p.apartMs),
  ),
  call('claim', { plan: 'claimed', order: 'external' }, (ledger, p) => claim(ledger, p.plan, p.order)),
  call('asset', { symbol: 'AAA', text: 'tradable' }, (ledger, p) => noteAsset(ledger, p.symbol, p.text)),
  call('bind', { number: 'PA1' }, (ledger, p) => bind(ledger, p.number)),
  call('vouch', { reason: 'test' }, (ledger, p) => vouch(ledger, p.reason)),
  call('confirm', { holding, startedMs: NOW_MS }, (ledger, p) => confirm(ledger, p.holding, p.startedMs)),
  call('adopt', { found, startedMs: NOW_MS }, (ledger, p) => adopt(ledger, p.found, p.startedMs)),
  call('cancel', { id: 'working1', reason: 'test', by: 'alice@ops', traceparent: '' }, (ledger, p) =>
    cancel(ledger, p.id, p.reason, p.by, p.traceparent),
  ),
  call('clock', { mode: 'manual', nowMs: NOW_MS, healthMs: NOW_MS } as const, (ledger, p) =>
    setClock(ledger, p),
  ),
  call('clock', { mode: 'scaled', nowMs: NOW_MS, scale: '60' } as const, (ledger, p) => setClock(ledger, p)),
  call('fill', { id: 'partly', qty: '30', cost: 300_000_000 }, (ledger, p) =>
    fill(ledger, p.id, p.qty, p.cost),
  ),
  call('journal', { lastsMs: 1_000 }, (ledger, p) => listen(ledger, p.lastsMs)),
  call('halt', { reason: 'test', by: 'alice@ops', sinceMs: 0 }, (ledger, p) =>
    halt(ledger, p.reason, p.by, p.sinceMs),
  ),
  call('resume', { reason: 'test', by: 'alice@ops' }, (ledger, p) => resume(ledger, p.reason, p.by)),
  call('host-note', note, (ledger, p) => noteHost(ledger, p)),
  call('open', { id: 'sent', brokerId: 'b' }, (ledger, p) => open(ledger, p.id, p.brokerId)),
  call('plan-claim', { owner: 'host', leaseMs: 1_000, limit: 5 }, (ledger, p) =>
    claimPlans(ledger, p.owner, p.leaseMs, p.limit),
  ),
  call('plan-drop', { series, reason: 'test' }, (ledger, p) => dropPlan(ledger, p.series, p.reason)),
  call('plan-file', aPlan('new'), (ledger, p) => filePlan(ledger, p)),
  call('plan-note', { owner: 'host', progress }, (ledger, p) => notePlan(ledger, p.owner, p.progress)),
  call('plan-leave', { owner: 'host', ids: ['claimed'] }, (ledger, p) => leaveQueue(ledger, p.owner, p.ids)),
  call('plan-renew', { owner: 'host', leaseMs: 1_000, ids: ['claimed'] }, (ledger, p) =>
    renewPlans(ledger, p.owner, p.leaseMs, p.ids),
  ),
  call('plan-replace', { ...aPlan('new'), terms: 'terms2' }, (ledger, p) => replacePlan(ledger, p)),
  call('plan-close', { id: 'waiting', by: 'alice@ops' }, (ledger, p) => closePlan(ledger, p.id, p.by)),
  call('plan-withdraw', { id: 'waiting', reason: 'test', by: 'alice@ops' }, (ledger, p) =>
    withdrawPlan(ledger, p.id, p.reason, p.by),
  ),
  call('recall', { ids: ['p_1', 'p_x2'] }, (ledger, p) => recall(ledger, p.ids)),
  call('replace', { replacing, leaseMs: 1_000 }, (ledger, p) => replace(ledger, p.replacing, p.leaseMs)),
  call('not-replaced', { id: 'working1', nextId: 'next' }, (ledger, p) =>
    notReplaced(ledger, p.id, p.nextId),
  ),
  call('release', { id: 'reserved', reason: 'test' }, (ledger, p) => release(ledger, p.id, p.reason)),
  call(
    'remember',
    { id: 'r1', thiefSymbol: 'TTT', victimSymbol: 'AAA', atMs: NOW_MS - 1, heldMicros: 1 },
    (ledger, p) => remember(ledger, p),
  ),
  call('renew', { owner: 'host', leaseMs: 1_000, ids: ['reserved'] }, (ledger, p) =>
    renew(ledger, p.owner, p.leaseMs, p.ids),
  ),
  call('settle', { id: 'partly', ending }, (ledger, p) => settle(ledger, p.id, p.ending)),
  call('submit', { id: 'reserved', leaseMs: 1_000 }, (ledger, p) => submit(ledger, p.id, p.leaseMs)),
  call('sweep', { limit: 10 }, (ledger, p) => sweep(ledger, p.limit)),
  call('sync', { equity: 2_800_000_000, at: NOW_MS, positions: [position], created: '' }, (ledger, p) =>
    sync(ledger, p.equity, p.at, p.positions, p.created),
  ),
  call(
    'tick',
    {
      quotes: [
        { symbol: 'AAA', price: '12', ageMs: 0 },
        { symbol: 'BBB', price: '13', ageMs: 5 },
      ],
    },
    (ledger, p) => tick(ledger, p.quotes),
  ),
];
