/** The account's book, as the stream `live` keeps it up to date. */
import { batch, computed, signal } from '@preact/signals';
import type { Capacity, Past, Refused } from '../../json/history.ts';
import type {
  Counts,
  Frame,
  LiveStatus,
  OrderRow,
  Patch,
  PlanRow,
  Protected,
  Rules,
  StealRow,
  Waiting,
} from '../../json/live.ts';
import { RowList } from './row-list.ts';

const HISTORY_MS = 1_800_000;

/** Has a frame arrived yet? */
export const isLoaded = signal(false);
export const status = signal<LiveStatus | null>(null);
export const rules = signal<Rules | null>(null);
export const counts = signal<Counts>({ takeable: 0, noPrice: 0, unclear: 0 });
export const waiting = signal<readonly Waiting[]>([]);
export const history = signal<readonly Capacity[]>([]);
/** Refusals in steps of 10 s, the oldest first. */
export const refused = signal<readonly Refused[]>([]);
/** Steals and cancellations of the last 30 minutes. */
export const past = signal<Past | null>(null);
export const protectedSymbols = signal<ReadonlyMap<string, Protected>>(new Map());
export const orders = new RowList<OrderRow>(({ id }) => id);
export const plans = new RowList<PlanRow>(({ id }) => id);
export const steals = new RowList<StealRow>(({ thief, atMs }) => `${thief} ${atMs}`);

/** The pool of everything. */
export const total = computed(() => status.value?.pools.find(({ pool }) => pool === 'total'));

const bySymbol = (list: readonly Protected[]): Map<string, Protected> =>
  new Map(list.map((one) => [one.symbol, one]));

export function applyFrame(frame: Frame): void {
  batch(() => {
    status.value = frame.status;
    rules.value = frame.rules;
    counts.value = frame.counts;
    waiting.value = frame.waiting;
    history.value = frame.history;
    refused.value = frame.refused;
    past.value = frame.past;
    protectedSymbols.value = bySymbol(frame.protected);
    orders.replace(frame.orders);
    plans.replace(frame.plans);
    steals.replace(frame.steals);
    isLoaded.value = true;
  });
}

export function applyPatch(patch: Patch): void {
  batch(() => {
    if (patch.status === null) status.value = null;
    else if (patch.status !== undefined) status.value = { ...status.value, ...patch.status } as LiveStatus;
    if (patch.rules !== undefined) rules.value = patch.rules;
    if (patch.counts !== undefined) counts.value = patch.counts;
    if (patch.waiting !== undefined) waiting.value = patch.waiting;
    if (patch.protected !== undefined) protectedSymbols.value = bySymbol(patch.protected);
    if (patch.history !== undefined) history.value = recent([...history.value, ...patch.history]);
    if (patch.refused !== undefined) refused.value = recent(joined(refused.value, patch.refused));
    if (patch.past !== undefined) past.value = patch.past;
    if (patch.orders !== undefined) orders.patch(patch.orders);
    if (patch.plans !== undefined) plans.patch(patch.plans);
    if (patch.steals !== undefined) steals.patch(patch.steals);
  });
}

/** Nothing is known of another account. */
export function forget(): void {
  isLoaded.value = false;
}

/** Newer steps take the place of those of the same time. */
function joined(steps: readonly Refused[], newer: readonly Refused[]): readonly Refused[] {
  const from = newer[0]?.atMs ?? Number.POSITIVE_INFINITY;
  return [...steps.filter(({ atMs }) => atMs < from), ...newer];
}

function recent<Sample extends { atMs: number }>(samples: readonly Sample[]): readonly Sample[] {
  const last = samples.at(-1)?.atMs ?? 0;
  return samples.filter(({ atMs }) => atMs > last - HISTORY_MS);
}
