/** Does the process live, and can it do its work? As other roles answer it (src/ops/process-server.ts). */

import { z } from 'zod';
import type { ReadinessCheck } from '../../ops/readiness.ts';
import type { Api } from '../api.ts';
import { named, openAnswers } from '../schema.ts';

const CHECK = z.strictObject({
  check: z.string().describe('what was looked at'),
  well: z.boolean().describe('whether it is well'),
  words: z.string().describe('what was found'),
});
const HEALTH = named(
  'Health',
  z.strictObject({ role: z.literal('serve').describe('serve') }).describe('The process lives.'),
);
const READINESS = named(
  'Readiness',
  z
    .strictObject({
      role: z.literal('serve').describe('serve'),
      ready: z.boolean().describe('whether all checks are well'),
      checks: z.array(CHECK).describe('each part of the process'),
    })
    .describe('Whether the process can do its work.'),
);

export function healthRoutes(api: Api, checks: () => ReadinessCheck[]): void {
  const config = { scope: 'none' } as const;
  api.get(
    '/healthz',
    { config, schema: { summary: 'Does the process live?', response: openAnswers({ 200: HEALTH }) } },
    async () => ({ role: 'serve' as const }),
  );
  api.get(
    '/readyz',
    {
      config,
      schema: {
        summary: 'Can the process do its work?',
        response: openAnswers({ 200: READINESS, 503: READINESS }),
      },
    },
    async (_request, reply) => {
      const all = checks();
      const ready = all.every(({ well }) => well);
      return await reply.code(ready ? 200 : 503).send({ role: 'serve', ready, checks: all });
    },
  );
}
