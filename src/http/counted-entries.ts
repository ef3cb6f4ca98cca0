/** A coordinator whose answers to entries are counted. */
import type { Coordinator } from '../coordinator/coordinator.ts';
import type { EntryMetrics } from '../ops/metrics/entries.ts';

export function countedEntries(coordinator: Coordinator, entries: EntryMetrics): Coordinator {
  return {
    events: coordinator.events,
    async enter(wish, signal) {
      const entered = await coordinator.enter(wish, signal);
      if (wish.kind !== 'entry') return entered;
      if (entered.outcome === 'reserved') entries.admitted(entered.how);
      if (entered.outcome === 'refused') entries.refused(entered.reason);
      return entered;
    },
    place: (wish, signal, form) => coordinator.place(wish, signal, form),
    replace: (wish, signal) => coordinator.replace(wish, signal),
    cancel: (id, reason, by) => coordinator.cancel(id, reason, by),
    priceSteps: (symbol, signal) => coordinator.priceSteps(symbol, signal),
    asset: (symbol, signal) => coordinator.asset(symbol, signal),
    close: () => coordinator.close(),
  };
}
