/** Why something is as it is, what happened to it, and whether all sums agree. */
import { z } from 'zod';
import { eventCells } from '../../inspection/event-line.ts';
import { AUDIT } from '../../json/audit.ts';
import { eventFields } from '../../json/tail.ts';
import { WHY } from '../../json/why.ts';
import { ledgerIdNamed } from '../../ledger/bot-ids.ts';
import { key } from '../../ledger/keys.ts';
import { timelineOf } from '../../mirror/timeline.ts';
import { type Api, doorOf } from '../api.ts';
import { LEDGER_EVENT } from '../event-schema.ts';
import { accountParams, answers, NAMED_ORDER, named, withoutVersion } from '../schema.ts';

const AUDIT_ANSWER = withoutVersion('Audit', AUDIT);
const WHY_ANSWER = withoutVersion('Why', WHY);
const TIMELINE = named(
  'Timeline',
  z
    .strictObject({
      events: z.array(LEDGER_EVENT).describe('the oldest first, at most 100'),
      complete: z
        .boolean()
        .describe('no earlier event names it; false: only the latest 5,000 were looked at'),
    })
    .describe('The events that name an order or a plan, or an order of the plan.'),
);
const ASKED = z
  .string()
  .regex(/^(?:[A-Za-z0-9_./>#-]+|[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*--[\s\S]{1,128})$/)
  .max(160)
  .describe(
    "an order, a plan, a symbol, a steal as the history names it (A>B#id), or BOT--ID with a bot's own id",
  );

export function explanationRoutes(api: Api): void {
  const config = { scope: 'read' } as const;
  api.get(
    '/why/:id',
    {
      config,
      schema: {
        summary: 'Explain an order, a plan, a symbol or a steal',
        params: accountParams({ id: ASKED }),
        response: answers({ 200: WHY_ANSWER }),
      },
    },
    async (request) => WHY_ANSWER.parse(await doorOf(request).book.why(ledgerIdNamed(request.params.id))),
  );
  api.get(
    '/timeline/:id',
    {
      config,
      schema: {
        summary: 'What happened to an order or a plan, from the latest events',
        params: accountParams({ id: NAMED_ORDER }),
        response: answers({ 200: TIMELINE }),
      },
    },
    async (request) => {
      const { account, ledger } = doorOf(request);
      const id = ledgerIdNamed(request.params.id);
      const { events, complete } = await timelineOf(ledger.redis, key(account, 'events'), id);
      const told = events.map((event) => eventFields(event, eventCells(event)[2]));
      return TIMELINE.parse({ events: told, complete });
    },
  );
  api.get(
    '/audit',
    {
      config,
      schema: {
        summary: 'Recompute all sums. It reads the whole book, so an answer may be up to 10 s old',
        params: accountParams({}),
        response: answers({ 200: AUDIT_ANSWER }),
      },
    },
    async (request) => AUDIT_ANSWER.parse(await doorOf(request).book.audit()),
  );
}
