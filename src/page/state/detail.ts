/** What the drawer tells of the order, plan or steal that is selected; asked again while it is open. */
import { effect, signal, untracked } from '@preact/signals';
import type { z } from 'zod';
import type { TAIL } from '../../json/tail.ts';
import type { WHY } from '../../json/why.ts';
import { ask, Problem, pathOf } from './ask.ts';
import { isStale } from './beat.ts';
import { session } from './session.ts';
import { account, type Selected, selected } from './view.ts';

export type Why = Omit<z.output<typeof WHY>, 'schema'>;
export type TimelineEvent = Omit<z.output<typeof TAIL>, 'schema'>;

export type Detail = {
  of: Selected;
  why: Why | null;
  /** The answer as it came. */
  raw: Record<string, unknown> | null;
  timeline: readonly TimelineEvent[];
  /** Why nothing is known; empty: it is. */
  fault: string;
};

const AGAIN_MS = 2_000;

export const detail = signal<Detail | null>(null);

/** The order or plan that is asked about: of a steal, its thief. */
export function askedId({ kind, id }: Selected): string {
  return kind === 'steal' ? (id.split(' ')[0] ?? '') : id;
}

async function read(name: string, of: Selected): Promise<Detail> {
  const id = encodeURIComponent(askedId(of));
  const resource = of.kind === 'plan' ? 'plans' : 'orders';
  const [why, raw, timeline] = await Promise.allSettled([
    ask<Why>('GET', pathOf(name, `why/${id}`)),
    ask<Record<string, unknown>>('GET', pathOf(name, `${resource}/${id}`)),
    ask<{ events: TimelineEvent[] }>('GET', pathOf(name, `timeline/${id}`)),
  ]);
  const fault = why.status === 'rejected' && raw.status === 'rejected' ? why.reason : undefined;
  return {
    of,
    why: why.status === 'fulfilled' ? why.value : null,
    raw: raw.status === 'fulfilled' ? raw.value : null,
    timeline: timeline.status === 'fulfilled' ? timeline.value.events : [],
    fault: fault === undefined ? '' : fault instanceof Problem ? fault.message : 'it could not be read',
  };
}

/** Asks while something is selected. */
export function followSelection(): void {
  effect(() => {
    const [of, name] = [selected.value, account.value];
    if (of === null || name === undefined || !session.value) {
      detail.value = null;
      return;
    }
    const before = untracked(() => detail.value);
    if (before !== null && (before.of.id !== of.id || before.of.kind !== of.kind)) detail.value = null;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const next = async (): Promise<void> => {
      if (!isStale.peek() || detail.peek() === null) {
        const found = await read(name, of);
        if (isOver) return;
        detail.value = found;
      }
      timer = setTimeout(() => void next(), AGAIN_MS);
    };
    void next();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  });
}
