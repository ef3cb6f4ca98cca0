import { z } from 'zod';
import { EVIDENCE_DATA } from './evaluate.ts';
import { count, document, flag, list, orNull, record, share, text } from './fields.ts';

const bps = (meaning: string) => z.number().describe(`bps of equity a day; ${meaning}`);
const day = (meaning: string) => text(`yyyy-mm-dd; ${meaning}`);

const PICK = record({
  from: day('its first day'),
  to: day('its last day'),
  pick: text('the candidate that was best before it'),
  inSample: bps('what the pick had gained before it'),
  outOfSample: bps('what it gained in it'),
});

export const TUNE = document('Thresholds that were picked on the past and judged on what came after.', {
  data: EVIDENCE_DATA,
  seed: count('of the first path; the others follow'),
  seeds: count('how many paths'),
  size: orNull(share('of the equity, the notional of each order'), 'as each plan says'),
  costBps: z.number().describe('bps of the notional of each fill'),
  candidates: list(text('its name'), 'what could be picked, none first'),
  gapDays: count('before each stretch, on which nothing was learned'),
  picks: list(PICK, 'the stretches in their order'),
  inSample: bps('mean of the picks before their stretches'),
  outOfSample: record({
    mean: bps('over all stretches'),
    low: bps('of its 95 % interval'),
    high: bps('of its 95 % interval'),
    p: z.number().describe('two-sided, of a difference of 0'),
    couldSee: bps('the smallest effect that the days could show'),
  }).describe('what the picks gained over none'),
  shown: flag('the interval is above 0, and the best of all days is not none'),
  now: text('the best candidate of all days'),
  settings: orNull(
    z.record(z.string(), text('its value, as a settings file has it')).describe('variable to value'),
    'nothing could be shown',
  ),
});
