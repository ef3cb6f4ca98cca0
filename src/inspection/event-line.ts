/** An event of the ledger (lua/include/events.lua) as one line for people. */

import { usd } from '../domain/amounts.ts';
import { microsToDollars } from '../domain/money.ts';
import type { LedgerEvent } from '../ledger/events.ts';
import type { Fields } from '../ledger/reply.ts';

type Sentence = (f: Fields) => string;

const at = (f: Fields, name: string): string => f[name] || '-';
const by = (f: Fields): string => (f['by'] ? ` by ${f['by']}` : '');
const who = (f: Fields): string => `${f['symbol'] ? `${f['symbol']} ` : ''}${at(f, 'order')}`;

const money = (f: Fields, name: string): string => usd(Number(f[name] ?? 0));

/** `id symbol pnl held_micros;...` -> `MSFT m1 (PnL 5), ...` */
function victims(f: Fields): string {
  const each = (f['victims'] ?? '').split(';').map((text) => {
    const [id = '', symbol = '', pnl = ''] = text.split(' ');
    return `${symbol} ${id} (PnL ${pnl})`;
  });
  return each.join(', ');
}

function ended(f: Fields): string {
  const filled = f['filled_qty'] && f['filled_qty'] !== '0' ? `, ${f['filled_qty']} filled` : '';
  const thief = f['robbed_by'] ? `; its room was taken by ${f['robbed_by']}` : '';
  return `${who(f)} ended ${at(f, 'state')} (${at(f, 'reason')})${filled}${thief}`;
}

/** `long 10 900000000` -> `long 10 for $900.00`; `none` */
function position(f: Fields, name: string, cost = usd): string {
  const [side = '-', qty, costMicros] = (f[name] ?? '').split(' ');
  return costMicros === undefined ? side || '-' : `${side} ${qty} for ${cost(Number(costMicros))}`;
}

/** To the cent; where that shows no difference, as exactly as it was counted. */
function corrected(f: Fields): string {
  const isSame = position(f, 'was') === position(f, 'is');
  const cost = isSame ? (micros: number) => `$${microsToDollars(micros)}` : usd;
  const [was, is] = [position(f, 'was', cost), position(f, 'is', cost)];
  return `position of ${at(f, 'symbol')} corrected: was ${was}, is ${is}`;
}

/** `p1;p2` -> `p1, p2` */
const names = (f: Fields): string => at(f, 'plans').replaceAll(';', ', ');

const SENTENCES: Readonly<Record<string, Sentence>> = {
  reserved: (f) => `${who(f)} fits: its room is reserved`,
  stolen: (f) => `${who(f)} takes the room of ${victims(f)}`,
  dry_run: (f) => `${who(f)} would take the room of ${victims(f)}`,
  granted: (f) => `${who(f)} has the room that it took`,
  steal_failed: (f) => `${who(f)} did not get its room: ${at(f, 'reason')}`,
  steal_unused: (f) => `${who(f)} left without using the room that was freed for it: ${at(f, 'reason')}`,
  steal_refused: (f) =>
    `${who(f)} was refused by the broker, after room was freed for it: ${at(f, 'reason')}`,
  judged: (f) => `${who(f)} took the room of ${victims(f)}: gain ${at(f, 'gain')}, regret ${at(f, 'regret')}`,
  barred: (f) =>
    `${at(f, 'plan')} may not steal until ${time(f['until_ms'])} (${at(f, 'cause')}: ${at(f, 'reason')})`,
  working: (f) => `${who(f)} works at the broker`,
  fill: (f) => `${who(f)} filled ${at(f, 'filled_qty')} so far`,
  cancelling: (f) => `${who(f)} is being cancelled${by(f) || ' by its watcher'}: ${at(f, 'reason')}`,
  ended,
  amended: (f) =>
    `${who(f)} was changed at the broker: ${at(f, 'qty')} at ` +
    `${at(f, 'limit')}${f['waits'] === '1' ? '; not in force yet, so the larger one counts' : ''}`,
  claimed: (f) => `${who(f)} is its plan's order again`,
  adopted: (f) => `${who(f)} was found at the broker and counts from now on`,
  fight: (f) =>
    `${at(f, 'pair').replace('|', ' and ')} fight: both are protected until ${time(f['until_ms'])}`,
  plan_filed: (f) => `plan ${at(f, 'plan')} of ${at(f, 'symbol')} filed`,
  plan_done: (f) => `plan ${at(f, 'plan')} done: ${at(f, 'reason')}`,
  plan_withdrawn: (f) => `plan ${at(f, 'plan')} withdrawn: ${at(f, 'reason')}`,
  plan_expired: (f) => `plan ${at(f, 'plan')} expired: ${at(f, 'reason')}`,
  plan_withdraw_asked: (f) => `plan ${at(f, 'plan')}: its planner asked to withdraw it: ${at(f, 'reason')}`,
  plan_close_asked: (f) =>
    `plan ${at(f, 'plan')} is to be closed${by(f)}: it enters no more, and what it holds is closed`,
  corrected,
  rebuilt: (f) => `the ledger was rebuilt from the broker, generation ${at(f, 'generation')}`,
  closed: (f) => `the account is closed for entries (${at(f, 'cause')}): ${at(f, 'reason')}`,
  reopened: (f) => `the account is no longer closed by ${at(f, 'cause')}`,
  bound: (f) => `the ledger is bound to the broker's account ${at(f, 'number')}`,
  vouched: (f) => `a person confirmed the account of the keys; the ledger was bound to ${at(f, 'number')}`,
  equity_held_back: (f) =>
    `the broker reported an equity of ${money(f, 'told_micros')}, which is held back; ` +
    `${money(f, 'in_force_micros')} stays in force`,
  equity_accepted: (f) => `a person accepted an equity of ${money(f, 'equity_micros')}`,
  mended: () => 'the ledger was damaged: it was emptied, and is rebuilt from the broker',
  turn: (f) => `room for ${names(f)}: it is their turn`,
  chance: (f) => `one more order may be taken, or less room is missing: ${names(f)} may try to steal`,
  passed_over: (f) => `${names(f)} did not come in time: the next are named`,
  plan_lost: (f) => `plan ${at(f, 'plan')} lost its record`,
  odd: (f) =>
    `${at(f, 'item')} at the broker ` +
    `${f['counts'] === '1' ? 'may count too little' : 'counts nothing'}: ${at(f, 'reason')}`,
  doubted_price: (f) =>
    `a price of ${at(f, 'price')} of ${at(f, 'symbol')} is doubted until it is confirmed: the last ` +
    `one was ${at(f, 'last')}`,
  halted: (f) => `the account is halted${by(f)}: ${at(f, 'reason')}`,
  halt_noted: (f) => `a further reason for the halt${by(f)}: ${at(f, 'reason')}`,
  resumed: (f) => `the account was resumed${by(f)}: ${at(f, 'reason')}`,
  index_fault: (f) => `${who(f)} is listed as one that may be taken, and may not be: the book is closed`,
  configured: (f) => `settings in force: ${at(f, 'fingerprint')}`,
};

/** Every type of event that the ledger has. */
export const EVENT_TYPES = Object.keys(SENTENCES) as [string, ...string[]];

/** An event without a sentence: its fields, unchanged. */
function fallback(f: Fields): string {
  const told = Object.entries(f).filter(([name]) => name !== 'type' && name !== 'at_ms');
  return told.map(([name, value]) => `${name}=${value}`).join(' ');
}

function time(ms: string | undefined): string {
  const value = Number(ms);
  return Number.isSafeInteger(value) && value > 0 && value < 8e15 ? new Date(value).toISOString() : '-';
}

/**
 * Ledger time, type, sentence. Anything but printable ASCII is shown as `?`: a reason may be untrusted text.
 */
export function eventCells({ type, fields }: LedgerEvent): [time: string, type: string, sentence: string] {
  const sentence = (SENTENCES[type] ?? fallback)(fields);
  return [time(fields['at_ms']), type, sentence.replaceAll(/[^\x20-\x7e]/g, '?')];
}
