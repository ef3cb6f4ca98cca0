/** A planner's: the plans that it filed. */
import type { Instruments } from './instruments.ts';
import { FILED } from './reports.ts';
import { total } from './totals.ts';

export function planRecorder(instruments: Instruments): (report: unknown) => void {
  const addFiled = total(instruments.counter('plans_filed_total', 'Plans filed by this planner'));
  return (report) => {
    const { data } = FILED.safeParse(report);
    if (data !== undefined) addFiled(data.filed);
  };
}
