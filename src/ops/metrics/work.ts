/** A worker's: the cancellations that it carried out. */
import { BROKER_SECONDS, type Instruments } from './instruments.ts';
import { CANCELLED, CANCELS } from './reports.ts';
import { totals } from './totals.ts';

export function workRecorder(instruments: Instruments): (report: unknown) => void {
  const add = totals(
    instruments.counter(
      'cancels_total',
      'Cancellations by how they ended. settled: by this worker; ended: settled before it, by the keeper ' +
        'or another worker; not_cancelling, unknown: nothing to do; failed: tried again',
      ['outcome'],
    ),
    CANCELS,
  );
  const seconds = instruments.seconds(
    'cancel_seconds',
    'From a cancellation entering the queue to its end, settled or ended; at most 1,000 samples per second',
    BROKER_SECONDS,
  );
  return (report) => {
    const { data } = CANCELLED.safeParse(report);
    if (data === undefined) return;
    add(data);
    for (const ms of data.doneMs ?? []) seconds.observe(ms / 1_000);
  };
}
