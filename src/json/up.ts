import { z } from 'zod';
import { count, document, flag, list, micros, record, text } from './fields.ts';

const number = (meaning: string) => z.number().describe(meaning);

const LATENCIES = (meaning: string) =>
  record({
    p50: number('half took at most so long, in ms with decimals'),
    p99: number('99 of 100 took at most so long, in ms with decimals'),
  }).describe(meaning);

export const UP = document('The summary of a run. Exit code 1 if it was not clean.', {
  seconds: number('how long entries were made, in seconds'),
  plans: count('plans that were filed'),
  admitted: count('orders that got room'),
  refused: z.record(z.string(), z.int().describe('how many')).describe('refusals by reason'),
  steals: record({ granted: count('that got their room'), failed: count('that did not') }).describe('steals'),
  cancels: count('orders that the exchange cancelled'),
  fills: count('fills at the exchange'),
  capViolations: count('orders that the exchange accepted above the cap'),
  doubleOrders: count('orders that reached the exchange twice'),
  leaksMicros: micros('the difference between ledger and exchange at the end'),
  auditFaults: list(text('a sentence'), 'sums that were wrong at the end'),
  lostPlans: count('plans without a record'),
  unexplainedCancels: count('cancellations that nothing asked for'),
  unfinished: count('orders still in flight at the end'),
  highestUse: number('the highest share of the cap that was used'),
  deaths: count('processes that ended by themselves'),
  latencyMs: record({
    admit: LATENCIES('an admission'),
    blockedToGranted: LATENCIES('from the first refusal to the grant of a thief'),
  }).describe('ms; how long things took'),
  ok: flag('whether the run was clean'),
});
