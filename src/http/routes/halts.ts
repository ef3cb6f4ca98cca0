/** Stopping admission, and going on. */
import { z } from 'zod';
import { halt } from '../../ledger/commands/halt.ts';
import { resume } from '../../ledger/commands/resume.ts';
import { missingAccount } from '../../ledger/reconciled.ts';
import { type Api, doorOf } from '../api.ts';
import { callerOf, personOf } from '../auth.ts';
import { accountParams, answers, named } from '../schema.ts';

const BODY = z.strictObject({
  reason: z
    .string()
    .min(1)
    .max(200)
    .regex(/^\P{Cc}*$/u)
    .describe('why, for the record'),
});
const who = { by: z.string().describe('who asked, for the record'), reason: z.string().describe('why') };
const HALTED = named(
  'Halted',
  z
    .strictObject({
      outcome: z
        .enum(['halted', 'noted', 'exists'])
        .describe('noted: it was halted, and this reason is recorded, too; exists: nothing is new'),
      ...who,
    })
    .describe('No entry is admitted. Exits, cancellations, fills and settlements go on.'),
);
const RESUMED = named(
  'Resumed',
  z
    .strictObject({
      outcome: z.enum(['resumed', 'exists']).describe('exists: it was not halted'),
      ...who,
    })
    .describe('Entries are admitted again.'),
);

export function haltRoutes(api: Api): void {
  const config = { scope: 'admin' } as const;
  const params = accountParams({});
  api.post(
    '/halt',
    {
      config,
      schema: {
        summary: 'Admit no entries any more',
        params,
        body: BODY,
        response: answers({ 200: HALTED }),
      },
    },
    async (request) => {
      const { ledger } = doorOf(request);
      const [by, { reason }] = [personOf(callerOf(request)), request.body];
      const outcome = await halt(ledger, reason, by);
      if (outcome === 'unknown') throw await missingAccount(ledger);
      return { outcome, by, reason };
    },
  );
  api.post(
    '/resume',
    { config, schema: { summary: 'End a halt', params, body: BODY, response: answers({ 200: RESUMED }) } },
    async (request) => {
      const { ledger } = doorOf(request);
      const [by, { reason }] = [personOf(callerOf(request)), request.body];
      const outcome = await resume(ledger, reason, by);
      if (outcome === 'unknown') throw await missingAccount(ledger);
      return { outcome, by, reason };
    },
  );
}
