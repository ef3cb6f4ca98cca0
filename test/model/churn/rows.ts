/** The settings that the table of docs/rules.md compares. */
import { FURTHER_RULES } from '../../../src/cli/up/further-rules.ts';
import type { Env } from '../../../src/rules/settings.ts';

export type Row = { name: string; env: Env };

const only = (...names: string[]): Env =>
  Object.fromEntries(Object.entries(FURTHER_RULES).filter(([name]) => names.includes(name)));

export const ROWS: readonly Row[] = [
  { name: 'no stealing', env: { WORK_STEALING_ENABLED: '0' } },
  { name: 'the defaults', env: {} },
  { name: 'no cooldown', env: { WORK_STEALING_COOLDOWN: '0' } },
  { name: 'cooldown of 1,800 s', env: { WORK_STEALING_COOLDOWN: '1800' } },
  { name: 'half-life of 1,800 s (7.4)', env: only('WORK_STEALING_PNL_HALF_LIFE') },
  { name: 'left alone for 120 s (5.8)', env: only('WORK_STEALING_MIN_RESIDENCY') },
  { name: 'at most 3 times an hour (5.9)', env: only('WORK_STEALING_MAX_ROBBED') },
  { name: 'budget of 2 caps an hour (9.7)', env: only('WORK_STEALING_BUDGET') },
  { name: 'budget of a tenth of the cap an hour (9.7)', env: { WORK_STEALING_BUDGET: '0.1' } },
  { name: 'victims keep the rest (9.8)', env: only('WORK_STEALING_PARTIAL') },
  { name: 'all of `--rules beyond`', env: FURTHER_RULES },
];
