import type { Ledger } from '../ledger.ts';
import { decode, numberOf } from '../reply.ts';

/**
 * `scaled`: ledger time runs `scale` times as fast, from `nowMs` on. `manual`: both clocks stand still at the
 * given times.
 */
export type ClockSetting =
  | { mode: 'real' }
  | { mode: 'scaled'; nowMs: number; scale: string }
  | { mode: 'manual'; nowMs: number; healthMs: number };

/** Sets the ledger's clock; for tests, demos and replays only (lua/clock.lua). Returns both clocks. */
export async function setClock(
  ledger: Ledger,
  setting: ClockSetting,
): Promise<{ nowMs: number; healthMs: number } | undefined> {
  const nowMs = setting.mode === 'real' ? 0 : setting.nowMs;
  const args = [
    setting.mode,
    nowMs,
    setting.mode === 'scaled' ? setting.scale : '1',
    setting.mode === 'manual' ? setting.healthMs : 0,
  ];
  const { outcome, fields } = decode('clock', ['clock', 'unknown'] as const, await ledger.run('clock', args));
  return outcome === 'unknown'
    ? undefined
    : { nowMs: numberOf(fields, 'now_ms'), healthMs: numberOf(fields, 'health_ms') };
}
