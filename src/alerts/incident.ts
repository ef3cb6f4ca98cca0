/**
 * A fault from its first sight until its end was told. Pure: nothing is sent or stored here.
 *
 *   bad -> (lasts) firing is due -> told -> (well, lasts) resolved is due -> told: gone
 *   bad -> (well before it lasted) gone, without a word
 *   firing is due, and can't be delivered -> (well) resolved is due: one message tells of both
 *   well, and not yet told -> (bad again) the same incident goes on
 */
import type { Condition, Seen } from './condition.ts';

/** Times: ms of the server's clock. */
export type Incident = Condition & {
  sinceMs: number;
  /** When it was well again; null while it is not. */
  endedMs: number | null;
  /** Whether it was told that it fires. */
  isTold: boolean;
};

/** By key. */
export type Incidents = ReadonlyMap<string, Incident>;

/** A message that is due. `id`: the same at each attempt to deliver it. */
export type Notice = { id: string; state: 'firing' | 'resolved'; incident: Incident };

/** @param lastMs what is over sooner is no incident */
export function follow(incidents: Incidents, seen: Seen, nowMs: number, lastMs: number): Incidents {
  const after = new Map(incidents);
  const bad = new Set(seen.bad.map(({ key }) => key));
  for (const condition of seen.bad) {
    const known = incidents.get(condition.key) ?? { sinceMs: nowMs, isTold: false };
    after.set(condition.key, { ...known, ...condition, endedMs: null });
  }
  for (const [key, incident] of incidents) {
    if (bad.has(key) || !seen.sure.has(incident.check) || incident.endedMs !== null) continue;
    if (!incident.isTold && nowMs - incident.sinceMs < lastMs) after.delete(key);
    else after.set(key, { ...incident, endedMs: nowMs });
  }
  return after;
}

/** The messages that are due, the oldest fault first. */
export function due(incidents: Incidents, nowMs: number, lastMs: number): Notice[] {
  return [...incidents.values()]
    .toSorted((a, b) => a.sinceMs - b.sinceMs)
    .flatMap((incident) => {
      const state = stateDue(incident, nowMs, lastMs);
      return state === undefined
        ? []
        : [{ id: `${incident.key}-${incident.sinceMs}-${state}`, state, incident }];
    });
}

function stateDue(
  { sinceMs, endedMs, isTold }: Incident,
  nowMs: number,
  lastMs: number,
): Notice['state'] | undefined {
  if (endedMs === null) return !isTold && nowMs - sinceMs >= lastMs ? 'firing' : undefined;
  return nowMs - endedMs >= lastMs ? 'resolved' : undefined;
}

/** The message was delivered. */
export function told(incidents: Incidents, { state, incident }: Notice): Incidents {
  const after = new Map(incidents);
  if (state === 'resolved') after.delete(incident.key);
  else after.set(incident.key, { ...incident, isTold: true });
  return after;
}
