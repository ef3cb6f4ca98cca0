/**
 * The incidents of an account in Redis, so that a process that takes over knows what was told:
 * `ws:{account}:alerts`, a hash by the incidents' keys.
 */
import { z } from 'zod';
import { answerOf } from '../ledger/answer.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Incident, Incidents } from './incident.ts';

const MAX_CHARS = 2_000;
const ms = z.int().nonnegative();
const text = z.string().max(MAX_CHARS);
const STORED = z.object({
  ...{ key: text, check: text, cause: text, words: text, next: text },
  ...{ sinceMs: ms, endedMs: ms.nullable(), isTold: z.boolean() },
});

/** What can't be read is left out: it is found again. @throws WorkstealError `unavailable` */
export async function readIncidents(ledger: Ledger): Promise<Incidents> {
  const { redis } = ledger;
  const fields = await answerOf('alerts', redis.hgetall(key(ledger.account, 'alerts')));
  const incidents = new Map<string, Incident>();
  for (const [name, json] of Object.entries(fields)) {
    const incident = parsed(json);
    if (incident !== undefined && incident.key === name) incidents.set(name, incident);
  }
  return incidents;
}

/** Writes what differs. @throws WorkstealError `unavailable` */
export async function writeIncidents(ledger: Ledger, before: Incidents, after: Incidents): Promise<void> {
  const { redis } = ledger;
  const alerts = key(ledger.account, 'alerts');
  const changed = [...after].filter(([name, incident]) => before.get(name) !== incident);
  const gone = [...before.keys()].filter((name) => !after.has(name));
  const texts = changed.flatMap(([name, incident]) => [name, JSON.stringify(shortened(incident))]);
  if (texts.length > 0) await answerOf('alerts', redis.hset(alerts, ...texts));
  if (gone.length > 0) await answerOf('alerts', redis.hdel(alerts, ...gone));
}

function shortened(incident: Incident): Incident {
  return { ...incident, words: incident.words.slice(0, MAX_CHARS), next: incident.next.slice(0, MAX_CHARS) };
}

function parsed(json: string): Incident | undefined {
  try {
    return STORED.parse(JSON.parse(json));
  } catch {
    return undefined;
  }
}
