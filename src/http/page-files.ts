/**
 * The live page, as it was built (`npm run prepare` -> dist/page). It needs no token: it has no data of its
 * own, and exchanges the reader's token for a session.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { packageRoot } from '../package-root.ts';
import { OWN_CONTENT_ALONE } from './content-security.ts';

export const PAGE_FOLDER = join(packageRoot(), 'dist', 'page');

const CONTENT_SECURITY_POLICY = {
  useDefaults: false,
  directives: {
    ...OWN_CONTENT_ALONE,
    'base-uri': ["'none'"],
    'require-trusted-types-for': ["'script'"],
  },
};

const PAGE_ROUTE = {
  config: { scope: 'none' },
  schema: { hide: true },
  helmet: { contentSecurityPolicy: CONTENT_SECURITY_POLICY },
} as const;

/** Serves `/`, and the files that it names. Without a built page, neither is there. */
export async function addPage(app: FastifyInstance, folder: string, log: Logger): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    log.warn({ folder }, 'api: the page is not built (npm run prepare): / is not served');
    return;
  }
  await app.register(fastifyStatic, { root: folder, serve: false, cacheControl: false });
  app.get('/', PAGE_ROUTE, (_request, reply) => reply.sendFile('index.html'));
  // Their names change with their content.
  const forGood = { cacheControl: true, immutable: true, maxAge: '365d' };
  app.get<{ Params: { file: string } }>('/assets/:file', PAGE_ROUTE, ({ params: { file } }, reply) =>
    reply.sendFile(file, join(folder, 'assets'), forGood),
  );
}
