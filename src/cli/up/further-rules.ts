/** The rules that are off by default, as `up --rules beyond` turns them on for the demo. */
import type { Env } from '../../rules/settings.ts';

/** A variable of the environment wins. */
export const FURTHER_RULES: Env = {
  WORK_STEALING_PNL_HALF_LIFE: '1800',
  WORK_STEALING_MIN_RESIDENCY: '120',
  WORK_STEALING_MAX_ROBBED: '3',
  WORK_STEALING_BUDGET: '2',
  WORK_STEALING_PARTIAL: '1',
};
