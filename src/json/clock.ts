import type { z } from 'zod';
import { document, flag, optional, record, share, text } from './fields.ts';

const why = 'left out where there is no answer';

export const CLOCK = document('The answer to one case; a line each.', {
  nyseOpen: optional(flag(`whether New York's core session is open; ${why}`)),
  outOfHours: optional(flag(`whether the rules of closed hours apply to it; ${why}`)),
  tolerance: optional(share(`of the limit, within which it may enter; ${why}`)),
  forceImmediate: optional(flag(`whether it enters at once; ${why}`)),
  error: optional(
    record({ code: text('as below'), message: text('what is wrong'), next: text('what to do') }).describe(
      'why there is no answer',
    ),
  ),
});

export type ClockFields = Omit<z.output<typeof CLOCK>, 'schema'>;
