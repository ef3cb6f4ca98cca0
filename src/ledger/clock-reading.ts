/**
 * Reads the ledger's clock from the account's fields: one cheap read, no script. The computation is the same
 * as in lua/include/clock.lua.
 */

import { z } from 'zod';
import { answerOf } from './answer.ts';
import { key } from './keys.ts';
import type { Ledger } from './ledger.ts';

const FIELDS = ['clock_mode', 'clock_base_ms', 'clock_health_ms', 'clock_scale'] as const;

const stored = z.object({
  mode: z.enum(['real', 'scaled', 'manual']).nullable(),
  baseMs: z.coerce.number(),
  healthMs: z.coerce.number(),
  scale: z.coerce.number(),
});

/**
 * `nowMs`: ledger time. `healthMs`: health time. `scale`: ms of ledger time per real ms; 0 while the clock
 * stands still. `setting` changes exactly when somebody sets the clock.
 */
export type ClockReading = { nowMs: number; healthMs: number; scale: number; setting: string };

/** @throws WorkstealError `unavailable` when Redis gave no answer. */
export async function readClock(ledger: Ledger): Promise<ClockReading> {
  const asked = Promise.all([
    ledger.redis.time(),
    ledger.redis.hmget(key(ledger.account, 'account'), ...FIELDS),
  ]);
  const [time, fields] = await answerOf('clock', asked);
  const realMs = Number(time[0]) * 1000 + Math.floor(Number(time[1]) / 1000);
  const [mode, baseMs, healthMs, scale] = fields;
  const set = stored.parse({
    mode: mode ?? null,
    baseMs: baseMs ?? 0,
    healthMs: healthMs ?? 0,
    scale: scale ?? 1,
  });
  const setting = fields.join(' ');
  if (set.mode === 'manual') return { nowMs: set.baseMs, healthMs: set.healthMs, scale: 0, setting };
  if (set.mode !== 'scaled') return { nowMs: realMs, healthMs: realMs, scale: 1, setting };
  return {
    nowMs: set.baseMs + Math.floor((realMs - set.healthMs) * set.scale),
    healthMs: realMs,
    scale: set.scale,
    setting,
  };
}
