/** The processes of the account, and the rules in force. */
import { z } from 'zod';
import { WorkstealError } from '../../domain/errors.ts';
import { fromLedger, LEDGER_FIELDS } from '../../json/from-ledger.ts';
import { type Api, doorOf } from '../api.ts';
import { accountParams, answers, named } from '../schema.ts';

const HOST = z.strictObject({
  host: z.string().describe('its name'),
  role: z.string().describe('watch, work, keep, plan or serve'),
  fingerprint: z.string().nullable().describe('of its settings; null: not said'),
  agrees: z.boolean().describe("its settings are the account's; a host whose settings differ does not steal"),
  trouble: z.string().nullable().describe('why it stands aside; null: it works'),
  seenMs: z.int().describe("ms since 1970, server's time; its last heartbeat"),
});
const HOSTS = named(
  'Hosts',
  z.strictObject({ hosts: z.array(HOST).describe('seen in the last 15 s') }).describe('The processes.'),
);
const SETTINGS = named(
  'Settings',
  z
    .strictObject({
      fingerprint: z.string().describe('of all of them'),
      settings: LEDGER_FIELDS.describe('by name: ...Ms are ms, ...Nanos are billionths, the others text'),
    })
    .describe('The rules in force, as the ledger has them.'),
);

export function fleetRoutes(api: Api): void {
  const config = { scope: 'read' } as const;
  const params = accountParams({});
  api.get(
    '/hosts',
    { config, schema: { summary: 'The processes', params, response: answers({ 200: HOSTS }) } },
    async (request) => {
      const { book } = doorOf(request);
      const [hosts, { fingerprint: own }] = await Promise.all([book.hosts(), book.settings()]);
      return HOSTS.parse({
        hosts: hosts.map(({ id, fields: { role, fingerprint, trouble, seen_ms } }) => ({
          host: id,
          role,
          fingerprint: fingerprint || null,
          agrees: fingerprint === own,
          trouble: trouble || null,
          seenMs: Number(seen_ms),
        })),
      });
    },
  );
  api.get(
    '/settings',
    { config, schema: { summary: 'The rules in force', params, response: answers({ 200: SETTINGS }) } },
    async (request) => {
      const { account, book } = doorOf(request);
      const { fingerprint, ...settings } = await book.settings();
      if (fingerprint === undefined)
        throw new WorkstealError('unknown', `the account ${account} has no settings yet`, { account });
      return { fingerprint, settings: fromLedger(settings) };
    },
  );
}
