/**
 * What one decision saw of the account (lua/include/seen.lua), and how a journal keeps it: each decision
 * has what changed since the one before it in the same file.
 */
import { z } from 'zod';
import { isDecimal } from '../domain/decimal.ts';
import type { Fields } from '../ledger/reply.ts';
import { type KeptPart, readKept, readVictims } from '../ledger/victims.ts';

const decimal = z.string().refine(isDecimal, 'is not a decimal with at most 9 decimals');
const micros = z.int();
const ms = z.int().min(0);
const symbol = z.string().regex(/^[A-Z0-9][A-Z0-9.]{0,31}$/, 'is not a symbol as the ledger spells it');
const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'is not an id');
const side = z.enum(['buy', 'sell']);

/** An entry that works at the broker: whoever may ever be a victim. `plan`: '' where it could not go on. */
export const ORDER = z.strictObject({
  ...{ symbol, side, pool: z.string(), limit: decimal, qty: decimal, pnl: decimal, fillProbability: decimal },
  ...{ heldMicros: micros, heldPoolMicros: micros, heldCashMicros: micros },
  ...{ filledQty: decimal, createdAtMs: ms, plan: z.string(), holdNanos: z.string() },
});
const QUOTE = z.strictObject({ price: decimal, nanos: micros, atMs: ms });
const POOL = z.strictObject({
  ...{ name: z.string(), capMicros: micros, positionsMicros: micros, ordersMicros: micros },
  /** Null: of cash. */
  leverage: decimal.nullable(),
});
const WISH = z.strictObject({
  ...{ id, symbol, side, kind: z.literal('entry'), mode: z.enum(['normal', 'probe']), limit: decimal },
  ...{ qty: decimal, pnl: decimal, fillProbability: decimal, pool: z.string(), plan: z.string() },
});

/** Tables of a decision, by their key. */
const TABLES = {
  orders: ORDER,
  quotes: QUOTE,
  /** `THIEF>VICTIM#id` -> when. */
  steals: ms,
  /** `before micros id` -> when: what a steal took. */
  taken: ms,
  /** Symbols that are left alone -> until when. */
  cooldowns: ms,
  fighting: ms,
  oftenRobbed: ms,
} as const;
export type TableName = keyof typeof TABLES;
export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

type Row<T extends TableName> = z.output<(typeof TABLES)[T]>;
/** All that a decision saw. */
export type Tables = { [T in TableName]: Map<string, Row<T>> };
/** What changed; null: it is gone. */
const CHANGES = z
  .strictObject(
    Object.fromEntries(TABLE_NAMES.map((name) => [name, z.record(z.string(), TABLES[name].nullable())])) as {
      [T in TableName]: z.ZodRecord<z.ZodString, z.ZodNullable<(typeof TABLES)[T]>>;
    },
  )
  .partial();
export type Changes = z.output<typeof CHANGES>;

export const DECISION = z.strictObject({
  type: z.literal('decision'),
  seq: z.int().min(1),
  atMs: ms,
  healthMs: ms,
  fingerprint: z.string(),
  wish: WISH,
  equityMicros: micros,
  pools: z.array(POOL).min(1),
  /** True: the book was too large to be written; such a decision can't be made again. */
  cut: z.boolean(),
  changed: CHANGES,
  outcome: z.string(),
  /** Ids, worst first; of `stolen` and `dry_run`. */
  victims: z.array(
    z.strictObject({ order: z.string(), symbol: z.string(), pnl: z.string(), heldMicros: micros }),
  ),
  kept: z.strictObject({ order: z.string(), qty: z.string(), heldMicros: micros }).nullable(),
  /** As the ledger replied, by its own names. */
  numbers: z.record(z.string(), z.string()),
});
export type DecisionLine = z.output<typeof DECISION>;

export function emptyTables(): Tables {
  return Object.fromEntries(TABLE_NAMES.map((name) => [name, new Map()])) as unknown as Tables;
}

/** What is different in `next`. */
export function changesBetween(before: Tables, next: Tables): Changes {
  const changes: Record<string, Record<string, unknown>> = {};
  for (const name of TABLE_NAMES) {
    const [old, now] = [before[name] as Map<string, unknown>, next[name] as Map<string, unknown>];
    const found: Record<string, unknown> = {};
    for (const [at, row] of now) if (JSON.stringify(old.get(at)) !== JSON.stringify(row)) found[at] = row;
    for (const at of old.keys()) if (!now.has(at)) found[at] = null;
    if (Object.keys(found).length > 0) changes[name] = found;
  }
  return changes as Changes;
}

/** Carries the changes out. */
export function apply(tables: Tables, changes: Changes): void {
  for (const name of TABLE_NAMES) {
    const table = tables[name] as Map<string, unknown>;
    for (const [at, row] of Object.entries(changes[name] ?? {}))
      if (row === null) table.delete(at);
      else table.set(at, row);
  }
}

/** An entry of the stream as what was decided and what was seen; `changed` is left to the writer. */
export function readEntry(f: Fields): { line: Omit<DecisionLine, 'changed'>; tables: Tables } {
  const [wishId, symbol, side, kind, mode, limit, qty, pnl, pool, , plan, , , , fillProbability] = (
    f['wish'] ?? ''
  ).split('\n');
  const numbers: Fields = pairsOf((f['numbers'] ?? '').split('\n'));
  const kept = readKept(numbers).kept;
  const line = {
    ...{
      type: 'decision',
      seq: Number(f['seq']),
      atMs: Number(f['at_ms']),
      healthMs: Number(f['health_ms']),
    },
    fingerprint: f['fingerprint'] ?? '',
    wish: { id: wishId, symbol, side, kind, mode, limit, qty, pnl, fillProbability, pool, plan },
    equityMicros: Number(f['equity_micros']),
    pools: linesOf(f, 'pools').map(([name, cap, positions, orders, leverage]) => ({
      ...{ name, capMicros: Number(cap), positionsMicros: Number(positions), ordersMicros: Number(orders) },
      leverage: leverage === '-' ? null : leverage,
    })),
    cut: f['cut'] === '1',
    outcome: f['outcome'] ?? '',
    victims: readVictims(numbers).map(({ id: order, ...rest }) => ({ order, ...rest })),
    kept: kept === undefined ? null : namedKept(kept),
    numbers,
  };
  const tables = emptyTables();
  for (const [order = '', ...words] of linesOf(f, 'orders')) tables.orders.set(order, orderOf(words));
  for (const [of = '', price = '', nanos, atMs] of linesOf(f, 'quotes'))
    tables.quotes.set(of, { price, nanos: Number(nanos), atMs: Number(atMs) });
  for (const [table, field] of SETS)
    for (const text of textsOf(f, field)) {
      const at = text.lastIndexOf(' ');
      tables[table].set(text.slice(0, at), Number(text.slice(at + 1)));
    }
  const parsed = DECISION.omit({ changed: true }).parse(line);
  return { line: parsed, tables };
}

const SETS = [
  ['steals', 'steals'],
  ['taken', 'taken'],
  ['cooldowns', 'cooldowns'],
  ['fighting', 'fighting'],
  ['oftenRobbed', 'often_robbed'],
] as const;

function orderOf(words: readonly string[]): Row<'orders'> {
  const [symbol, side, pool, limit, qty, pnl, probability, ...rest] = words.map((word) =>
    word === '-' ? '' : word,
  );
  const [held, ownHeld, cashHeld, filled, created, plan, holdNanos] = rest;
  return ORDER.parse({
    ...{ symbol, side, pool, limit, qty, pnl, fillProbability: probability || '1' },
    ...{ heldMicros: Number(held), heldPoolMicros: Number(ownHeld), heldCashMicros: Number(cashHeld) },
    ...{ filledQty: filled || '0', createdAtMs: Number(created), plan, holdNanos },
  });
}

function namedKept({ id: order, ...rest }: KeptPart) {
  return { order, ...rest };
}

const textsOf = (f: Fields, name: string): string[] => (f[name] ? (f[name] as string).split('\n') : []);
const linesOf = (f: Fields, name: string): string[][] => textsOf(f, name).map((text) => text.split(' '));

function pairsOf(flat: readonly string[]): Fields {
  const fields: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) fields[flat[i] as string] = flat[i + 1] as string;
  return fields;
}
