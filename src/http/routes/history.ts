/** What the account did in the last 30 minutes. */
import { z } from 'zod';
import { CAPACITY, PAST, REFUSED } from '../../json/history.ts';
import { type Api, doorOf } from '../api.ts';
import { accountParams, answers, named } from '../schema.ts';

const HISTORY = named(
  'History',
  z
    .strictObject({
      eventsFromMs: z
        .int()
        .nullable()
        .describe(
          "ms since 1970, server's time; the first event that was kept when the server began to look: " +
            'of what was before only refusals are known; null: there was none',
        ),
      capacity: z
        .array(CAPACITY)
        .describe('a sample in 10 s, the oldest first; before the server looked, from the events'),
      ...PAST.shape,
      refusals: z
        .array(REFUSED)
        .describe(
          'steps of 10 s, the oldest first; before the server looked, only the last refusal of each plan',
        ),
    })
    .describe('The last 30 minutes of the account.'),
);

export function historyRoutes(api: Api): void {
  api.get(
    '/history',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'The last 30 minutes: capacity, steals per pair, refusals, cancellations',
        params: accountParams({}),
        response: answers({ 200: HISTORY }),
      },
    },
    async (request) => {
      const mirror = await doorOf(request).mirror();
      // As for the other routes: without an account there is nothing to tell.
      mirror.status();
      const { eventsFromMs, capacity, refused, summary } = mirror.past;
      return { eventsFromMs, capacity: [...capacity], ...summary, refusals: [...refused] };
    },
  );
}
