/**
 * Reads the last line of the main job's output, its summary, and fails unless the run kept what worksteal
 * promises: the cap (I1), sums that add up (I2), no order twice (I6), no leak (I7), no cancellation without a
 * reason, no plan lost; and unless it did some work at all.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const SUMMARY = z.looseObject({
  capViolations: z.literal(0),
  doubleOrders: z.literal(0),
  leaksMicros: z.literal(0),
  auditFaults: z.array(z.string()).max(0),
  unexplainedCancels: z.literal(0),
  lostPlans: z.literal(0),
  steals: z.looseObject({ granted: z.int().positive() }),
  cancels: z.int().positive(),
  fills: z.int().positive(),
});

const [file = ''] = process.argv.slice(2);
const lastLine = readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '';
const summary = SUMMARY.safeParse(JSON.parse(lastLine));
if (summary.success) {
  console.log('the summary is as promised');
} else {
  for (const { path, message } of summary.error.issues)
    console.error(`summary: ${path.join('.')}: ${message}`);
  process.exitCode = 1;
}
