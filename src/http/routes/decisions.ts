/** What would become of an order now? Reads only. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { OUTCOMES } from '../../domain/outcome.ts';
import { toSymbol } from '../../domain/symbol.ts';
import { decimal, micros } from '../../json/fields.ts';
import { fromLedger, LEDGER_FIELDS } from '../../json/from-ledger.ts';
import { VICTIM } from '../../json/victim.ts';
import { whatIf } from '../../ledger/what-if/live.ts';
import { poolOfSymbol, poolRule } from '../../rules/pools.ts';
import { fingerprint } from '../../rules/settings.ts';
import { type Api, doorOf } from '../api.ts';
import { WISH } from '../order-schemas.ts';
import { accountParams, answers, ID, named } from '../schema.ts';

const BODY = WISH.extend({
  plan: ID.optional().describe('its plan, whose pause after steals in vain counts'),
}).describe('An order that might want room.');

const VICTIMS = z.array(VICTIM);
const KEPT = z.strictObject({
  order: z.string().describe("the victim's order"),
  qty: decimal('units that it keeps'),
  heldMicros: micros('what they count'),
});
const DECISION = named(
  'Decision',
  z
    .strictObject({
      admitted: z.boolean().describe('whether it would get room, at once or by a steal'),
      reason: z.enum(OUTCOMES).describe('the outcome; docs/rules.md, 10'),
      sentence: z.string().describe('the same for people'),
      victims: VICTIMS.describe('whose room it would take, worst first'),
      wouldVictims: VICTIMS.describe('the same where steals are only reported (dry run)'),
      kept: KEPT.nullable().describe('what one of the victims keeps, or would keep; null: nothing'),
      numbers: LEDGER_FIELDS.describe('what was judged'),
    })
    .describe('What the ledger would decide at this instant. The next instant may differ.'),
);

export function decisionRoutes(api: Api): void {
  api.post(
    '/decide',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'What would become of an order now? Changes nothing',
        params: accountParams({}),
        body: BODY,
        response: answers({ 200: DECISION }),
      },
    },
    async (request) => {
      const { ledger, rules } = doorOf(request);
      const { body } = request;
      const symbol = toSymbol(body.symbol);
      const pool = poolOfSymbol(symbol, rules);
      const { plan, ...wish } = body;
      const { victims, wouldVictims, kept, numbers, ...told } = await whatIf(
        ledger,
        {
          ...wish,
          id: `what-if-${randomUUID()}`,
          symbol,
          owner: 'api',
          ...(pool !== '' && { pool }),
          ...(plan !== undefined && { plan }),
        },
        { poolRule: poolRule(rules), fingerprint: fingerprint(rules) },
      );
      // The victims are answered apart.
      const { victims: _, ...judged } = numbers;
      return {
        ...told,
        victims: victims.map(namedVictim),
        wouldVictims: wouldVictims.map(namedVictim),
        kept: kept === undefined ? null : namedVictim(kept),
        numbers: fromLedger(judged),
      };
    },
  );
}

function namedVictim<Rest extends { id: string }>({ id, ...rest }: Rest) {
  return { order: id, ...rest };
}
