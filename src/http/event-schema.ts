/** An event as answers and streams have it. */
import { z } from 'zod';
import { EVENT_TYPES } from '../inspection/event-line.ts';
import { TAIL } from '../json/tail.ts';
import { named } from './schema.ts';

export const LEDGER_EVENT = named(
  'LedgerEvent',
  TAIL.omit({ schema: true }).extend({ type: z.enum(EVENT_TYPES).describe('what happened') }),
);
