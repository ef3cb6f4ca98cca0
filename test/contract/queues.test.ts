/** `/queues`: bull-board for admins, to look at and nothing else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancelQueue } from '../../src/cancels/queue.ts';
import { type Board, openBoard } from '../../src/http/queues/board.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { useLedgers } from '../support/fixtures.ts';
import { startGuardedRedis } from '../support/guarded-redis.ts';
import type { TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();
let account: TestAccount;
let other: TestAccount;
let api: TestApi;
beforeAll(async () => {
  account = await ledgers.account();
  other = await ledgers.account();
  api = await startTestApi(ledgers.url, [account, other]);
  await api.doors[0]?.enqueueCancel('order-7');
});
afterAll(() => api.close());

const queue = (): string => `${account.name}.cancel`;
const JOB = 'cancel.order-7';
const looking = (): string[] => [
  ...['/queues', '/queues/', `/queues/queue/${queue()}`, `/queues/queue/${queue()}/${JOB}`],
  ...['/queues/static/favicon.ico', '/queues/api/redis/stats'],
  ...[
    `/queues/api/queues?activeQueue=${queue()}&page=1&jobsPerPage=10`,
    `/queues/api/queues/${queue()}/${JOB}`,
  ],
  `/queues/api/queues/${queue()}/${JOB}/logs`,
];

it("shows each account's queue, and a job, to an admin and to nobody else", async () => {
  for (const path of looking()) {
    for (const [as, status] of [
      ['', 401],
      ['ws_forged', 401],
      ['read', 403],
      ['trade', 403],
    ] as const) {
      const answer = await api.ask('GET', path, { as });
      expect([path, answer.status], as).toEqual([path, status]);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    }
    expect([path, (await api.ask('GET', path)).status]).toEqual([path, 200]);
  }
  const { body } = await api.ask('GET', `/queues/api/queues?activeQueue=${queue()}&page=1&jobsPerPage=10`);
  expect(body['queues']).toMatchObject([
    { name: queue(), readOnlyMode: true, allowRetries: false, isPaused: false, jobs: [{ id: JOB }] },
    { name: `${other.name}.cancel`, jobs: [] },
  ]);
  expect((await api.ask('GET', `/queues/api/queues/${queue()}/${JOB}`)).body).toMatchObject({
    job: { data: { steal: 'cancel', victim: 'order-7' } },
  });
});

it('shows an admin of one account no other account', async () => {
  const as = api.makeToken('narrow', 'admin', [other.name]);
  const { body } = await api.ask('GET', '/queues/api/queues', { as });
  expect(body['queues']).toMatchObject([{ name: `${other.name}.cancel` }]);
  expect(await api.ask('GET', `/queues/api/queues/${queue()}/${JOB}`, { as })).toMatchObject({ status: 404 });
});

it('is a page with the cookie of a session, and names nothing but this server', async () => {
  const session = await api.ask('POST', '/v1/session', { as: '', body: { token: api.token.admin } });
  const cookie = (session.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
  const page = await api.ask('GET', '/queues', { as: '', headers: { cookie } });
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.text).not.toMatch(/https?:|<%/);
  expect(page.text).toContain('<base href="/queues/"');
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none';script-src 'self'");
  expect(policy).not.toMatch(/unsafe|\*/);
  const files = [...page.text.matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(
    ([, file]) => `/queues/${file}`,
  );
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) expect((await api.ask('GET', file)).status, file).toBe(200);
  const climbing = await api.ask('GET', '/queues/static/..%2f..%2fpackage.json');
  expect(climbing.status).toBe(422);
});

describe('no way to change anything', () => {
  const of = (path: string) => `/queues/api/queues/${path}`;
  it.each([
    ['PUT', () => '/queues/api/queues/pause'],
    ['PUT', () => '/queues/api/queues/resume'],
    ['PUT', () => of(`${queue()}/pause`)],
    ['PUT', () => of(`${queue()}/resume`)],
    ['PUT', () => of(`${queue()}/empty`)],
    ['PUT', () => of(`${queue()}/obliterate`)],
    ['PUT', () => of(`${queue()}/promote`)],
    ['PUT', () => of(`${queue()}/retry/failed`)],
    ['PUT', () => of(`${queue()}/clean/waiting`)],
    ['PUT', () => of(`${queue()}/${JOB}/retry`)],
    ['PUT', () => of(`${queue()}/${JOB}/clean`)],
    ['PUT', () => of(`${queue()}/${JOB}/promote`)],
    ['PATCH', () => of(`${queue()}/${JOB}/update-data`)],
    ['POST', () => of(`${queue()}/add`)],
    ['POST', () => '/queues'],
    ['DELETE', () => of(`${queue()}/${JOB}`)],
  ])('%s %s', async (method, path) => {
    const before = await account.keyspace();
    const answer = await api.ask(method, path(), { body: {} });
    expect(answer.status).toBe(404);
    expect(await account.keyspace()).toEqual(before);
  });

  it('and every route of bull-board but four is none here', async () => {
    const board = (await openBoard(new Map())) as Board;
    expect(board.routes.map(({ path }) => path)).toEqual([
      '/api/redis/stats',
      '/api/queues',
      '/api/queues/:queueName/:jobId/logs',
      '/api/queues/:queueName/:jobId',
    ]);
  });
});

it('says what to install where bull-board is not', async () => {
  const bare = await startTestApi(ledgers.url, [account], { board: async () => undefined });
  try {
    for (const path of ['/queues', '/queues/api/queues']) {
      expect(await bare.ask('GET', path)).toMatchObject({
        status: 404,
        body: {
          detail: 'bull-board, which shows the queues, is not installed',
          next: 'install it beside worksteal: npm install @bull-board/api @bull-board/ui',
        },
      });
      expect((await bare.ask('GET', path, { as: 'trade' })).status).toBe(403);
    }
  } finally {
    await bare.close();
  }
});

it('needs no more rights in Redis than ws-serve has', async () => {
  const redis = await startGuardedRedis();
  const cancels = new CancelQueue(redis.url('serve'), redis.account);
  try {
    await cancels.enqueue('cancel', ['order-7']);
    const board = (await openBoard(new Map([[redis.account, cancels.queue]]))) as Board;
    const name = `${redis.account}.cancel`;
    for (const { path, answer } of board.routes) {
      const params = { queueName: name, jobId: JOB };
      const query = path === '/api/queues' ? { activeQueue: name, page: '1', jobsPerPage: '10' } : {};
      const { status = 200 } = await answer({ params, query, accounts: [redis.account] });
      expect([path, status]).toEqual([path, 200]);
    }
    expect(await redis.refused()).toEqual([]);
  } finally {
    await cancels.close();
    await redis.close();
  }
});
