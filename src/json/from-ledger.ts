/**
 * The ledger's own fields, as an event or a decision has them, for JSON: names in camel case, money and times
 * as integers, lists and victims taken apart.
 */
import { z } from 'zod';
import type { Fields } from '../ledger/reply.ts';
import { VICTIM } from './victim.ts';

/** Counts; any other number without a unit is a decimal. */
const COUNTS = new Set(['looked', 'victims_needed', 'barred_times', 'generation', 'times']);

const value = z.union([
  z.string(),
  z.int(),
  z.array(z.string()),
  z.record(z.string(), z.int().describe('a number')),
  VICTIM,
  z.array(VICTIM),
]);
type Value = z.output<typeof value>;

/** The ledger's own fields by name: text, integers, lists of text, counts by name, victims. */
export type Facts = Record<string, Value>;

/** Facts by name. */
export const LEDGER_FIELDS = z.record(z.string(), value.describe('a fact'));

/** `until_ms` -> `untilMs`: 1736953200000, and so on; '' is left out. */
export function fromLedger(fields: Fields): Facts {
  const named = Object.entries(fields).filter(([, text]) => text !== undefined && text !== '');
  return Object.fromEntries(named.flatMap(([name, text]) => entriesOf(name, text as string)));
}

/** `unbeaten_worth` "155.5 488940" -> unbeatenWorth, and unbeatenAgeMs; any other is one fact. */
function entriesOf(name: string, text: string): [string, Value][] {
  const [, worth, ageMs] = (name.endsWith('_worth') && /^(\S+) (\d{1,16})$/.exec(text)) || [];
  if (worth === undefined || ageMs === undefined) return [[nameOf(name), readValue(name, text)]];
  return [
    [nameOf(name), worth],
    [nameOf(name.replace(/worth$/, 'age_ms')), Number(ageMs)],
  ];
}

/** "id symbol pnl held_micros;..." -> its victims. */
export function victimsOf(text: string): z.output<typeof VICTIM>[] {
  return [...text.matchAll(/(\S+) (\S+) (\S+) (\d+);?/g)].map(
    ([, order = '', symbol = '', pnl = '', held]) => ({
      order,
      symbol,
      pnl,
      heldMicros: Number(held),
    }),
  );
}

/** Of the pool `total`, in micro-USD. */
export type Totals = { capMicros: number; positionsMicros: number; ordersMicros: number };

/** "cap positions orders" -> the three; undefined where the text is another. */
export function totalsOf(text: string | undefined): Totals | undefined {
  const found = /^(-?\d{1,16}) (-?\d{1,16}) (-?\d{1,16})$/.exec(text ?? '');
  if (found === null) return undefined;
  const [capMicros = 0, positionsMicros = 0, ordersMicros = 0] = found.slice(1).map(Number);
  return { capMicros, positionsMicros, ordersMicros };
}

function nameOf(name: string): string {
  if (name === 'pair') return 'symbols';
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function readValue(name: string, text: string): Value {
  if (name === 'victims') return victimsOf(text);
  if (name === 'worst' || name === 'unbeaten') return victimsOf(text)[0] ?? text;
  if (name === 'pair') return text.split('|');
  if (name === 'would_fight') return text.split(';');
  if (name === 'totals') return totalsOf(text) ?? text;
  if (name === 'passed_over')
    return Object.fromEntries(
      text.split(';').map((part) => [nameOf(part.split(' ')[0] ?? ''), Number(part.split(' ')[1])]),
    );
  const isNumber = COUNTS.has(name) || /_(ms|micros)$/.test(name);
  return isNumber && /^-?\d{1,16}$/.test(text) ? Number(text) : text;
}
