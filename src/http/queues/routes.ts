/** `/queues`: the queues of cancellations, for admins to look at (board.ts). */
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { WorkstealError } from '../../domain/errors.ts';
import type { AccountDoor } from '../account-door.ts';
import { callerOf } from '../auth.ts';
import { OWN_CONTENT_ALONE } from '../content-security.ts';
import { BOARD_PACKAGES, type Board, type openBoard } from './board.ts';

/** Where the browser's router of the board has pages of its own. */
const PAGES = ['/queues', '/queues/', '/queues/queue/:queue', '/queues/queue/:queue/:job'];

/** As the page's own, but for trusted types: the board loads its parts by the addresses of scripts. */
const CONTENT_SECURITY_POLICY = {
  useDefaults: false,
  directives: { ...OWN_CONTENT_ALONE, 'base-uri': ["'self'"] },
};

const ROUTE = {
  config: { scope: 'admin' },
  schema: { hide: true },
  helmet: { contentSecurityPolicy: CONTENT_SECURITY_POLICY },
} as const;

/** @param open gives nothing where bull-board is not installed */
export async function addQueues(
  app: FastifyInstance,
  doors: readonly AccountDoor[],
  open: typeof openBoard,
): Promise<void> {
  const board = await open(new Map(doors.map((door) => [door.account, door.queue])));
  if (board === undefined) addNone(app);
  else await addBoard(app, board, doors);
}

async function addBoard(app: FastifyInstance, board: Board, doors: readonly AccountDoor[]): Promise<void> {
  const page = board.page('/queues/');
  const show = (_request: unknown, reply: FastifyReply) => reply.type('text/html; charset=utf-8').send(page);
  for (const path of PAGES) app.get(path, ROUTE, show);
  await app.register(fastifyStatic, { root: board.files, serve: false });
  app.get<{ Params: { '*': string } }>('/queues/static/*', ROUTE, (request, reply) =>
    reply.sendFile(request.params['*']),
  );
  for (const { path, answer } of board.routes)
    app.get<{ Params: Record<string, string>; Querystring: Record<string, unknown> }>(
      `/queues${path}`,
      ROUTE,
      async (request, reply) => {
        const { accounts: reached } = callerOf(request);
        const all = doors.map(({ account }) => account);
        const accounts = reached.length === 0 ? all : all.filter((account) => reached.includes(account));
        const { params, query } = request;
        const { status = 200, body } = await answer({ params, query, accounts }).catch((error: unknown) => {
          const why = `the queues could not be read: ${(error as Error).message}`;
          throw new WorkstealError('unavailable', why, {}, error);
        });
        return await reply.code(status).send(body);
      },
    );
}

function addNone(app: FastifyInstance): void {
  const next = `install it beside worksteal: npm install ${BOARD_PACKAGES.join(' ')}`;
  for (const path of ['/queues', '/queues/*'])
    app.get(path, ROUTE, () => {
      throw new WorkstealError(
        'unknown',
        'bull-board, which shows the queues, is not installed',
        {},
        undefined,
        next,
      );
    });
}
