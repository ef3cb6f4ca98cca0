/** A watcher's own: its plans; and its reports of entries. */
import { ADMISSIONS } from '../../domain/outcome.ts';
import type { EntryMetrics } from './entries.ts';
import type { Instruments } from './instruments.ts';
import { STATS, TIERS } from './reports.ts';

export function watchRecorder(instruments: Instruments, entries: EntryMetrics): (report: unknown) => void {
  const tiers = instruments.gauge(
    'plans',
    'Plans of this watcher that wait for their entry, in the tiers of `worksteal status`: forced, wide, ' +
      'normal; and gate, those near enough to steal, which are in another tier as well',
    ['tier'],
  );
  const held = instruments.gauge('plans_held', 'Plans that this watcher holds, at any stage');
  for (const tier of TIERS) tiers.set({ tier }, 0);
  return (report) => {
    const { data } = STATS.safeParse(report);
    if (data === undefined) return;
    for (const reason of ADMISSIONS) entries.admitted(reason, data[reason]);
    for (const [reason, times] of Object.entries(data.refused)) entries.refused(reason, times);
    for (const ms of data.latencyMs.admit) entries.took('admit', ms);
    for (const ms of data.latencyMs.blockedToGranted) entries.took('blockedToGranted', ms);
    for (const tier of TIERS) tiers.set({ tier }, data.tiers[tier] ?? 0);
    held.set(data.plans);
  };
}
