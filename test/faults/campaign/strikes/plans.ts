/** Plans that conflict with each other. */
import type { Strike } from './strike.ts';

/** Of the plans that are filed meanwhile; of two strikes at once twice as many. */
const SHARE = 0.4;

export const planStrikes: Readonly<Record<string, Strike>> = {
  /** Symbols that others buy are sold short, and those that others sell short are bought. */
  async opposite_plans({ planner }) {
    planner.oppositeShare += SHARE;
    return async () => {
      planner.oppositeShare -= SHARE;
    };
  },
};
