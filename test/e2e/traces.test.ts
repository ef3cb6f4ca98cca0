/**
 * One trace from a blocked watcher to the placed order, across processes: the steal, the cancellation in the
 * queue, the worker, the grant; also where the process that chose the victims died before it told the queue.
 */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { key } from '../../src/ledger/keys.ts';
import { packageRoot } from '../../src/package-root.ts';
import { useRedis } from '../support/fixtures.ts';
import { PATIENCE } from '../support/fleet.ts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.ts';
import type { RoleProcess } from '../support/role-process.ts';
import { StealScene } from '../support/steal-scene.ts';

const WATCH_MODULES = { NODE_OPTIONS: `--import ${join(packageRoot(), 'test/support/loaded-modules.mjs')}` };

const redis = useRedis();
let receiver: OtlpReceiver;
let at: StealScene;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
});
beforeEach(async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  // Started again, it goes on with its order.
  const thief = { ...env, WORKSTEAL_HOST: 'thief', WORKSTEAL_LEASE_MS: '20000' };
  const envs = { victim: WATCH_MODULES, keeper: env, worker: { ...env, ...WATCH_MODULES }, thief };
  at ??= await StealScene.open(redis.url, {}, async () => envs);
}, 180_000);
afterEach(({ task }) => {
  if (task.result?.state === 'fail') process.stderr.write(`${at?.fleet.story() ?? ''}\n`);
});
afterAll(async () => {
  await at?.close();
  await receiver?.close();
});

const namesOf = (spans: readonly ReceivedSpan[]): string[] =>
  [...new Set(spans.map(({ name }) => name))].sort();

async function traceOfSteal(): Promise<string> {
  const { attempt } = await at.fleet.plan(at.better);
  const steal = key(at.fleet.account, `steal:${at.better}_${attempt}`);
  return (await at.fleet.ledger.redis.hget(steal, 'traceparent')) ?? '';
}

/** The spans of the steal's trace, once these are all there. */
async function spansOfSteal(names: readonly string[]): Promise<ReceivedSpan[]> {
  const traceId = (await traceOfSteal()).split('-')[1];
  const own = () => receiver.spans.filter((span) => span.traceId === traceId);
  const told = () => [...namesOf(own()), ...own().map(({ facts }) => facts['worksteal.steal_state'])];
  // The worker settles, or the keeper: whoever is first grants.
  await expect.poll(told, PATIENCE).toEqual(expect.arrayContaining([...names, 'granted']));
  return own();
}

const loaded = (role: RoleProcess): string[] =>
  role.lines.map(({ msg }) => msg).filter((msg) => msg.startsWith('loaded '));

it('a steal is one trace from the wish to the placed order', async () => {
  await at.fileWorse();
  await at.worseIsFar();
  await at.fileBetter();
  at.start('thief');
  await at.expectRight();
  const all = [
    'wish',
    'admit',
    'steal',
    'cancel',
    'cancel-asked',
    'cancel-confirmed',
    'settle',
    'grant',
    'place',
  ];
  const spans = await spansOfSteal(all);
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const root = spans.filter(({ parent }) => !ids.has(parent));
  expect(root.map(({ name, parent }) => [name, parent])).toEqual([['wish', '']]);
  const steal = spans.find(({ name }) => name === 'steal');
  expect(steal?.facts).toMatchObject({
    'worksteal.account': at.fleet.account,
    'worksteal.symbol': at.thiefSymbol,
    'worksteal.outcome': 'stolen',
    'worksteal.victim_symbols': [at.victimSymbol],
  });
  const cancel = spans.find(({ name }) => name === 'cancel');
  expect(cancel).toMatchObject({ parent: steal?.spanId, resource: { 'worksteal.role': 'work' } });
  const told = at.part('thief').lines.find(({ msg }) => msg.startsWith('Work steal'));
  expect(told?.['traceId']).toBe(steal?.traceId);
  const grant = spans.find(({ name }) => name === 'grant');
  expect(grant?.facts).toMatchObject({ 'worksteal.outcome': 'reserved' });
  await at.clear();
});

it('goes on in the same trace where the enqueuer dies after it chose the victims', async () => {
  await at.fileWorse();
  await at.worseIsFar();
  await at.fileBetter();
  at.start('thief', { dieAfter: 'after_steal' });
  await at.revive('thief');
  await at.expectRight();
  const spans = await spansOfSteal(['cancel', 'cancel-asked', 'settle', 'place']);
  const stolenIn = (await traceOfSteal()).split('-')[2];
  expect(spans.find(({ name }) => name === 'cancel')?.parent).toBe(stolenIn);
  // What goes on has a trace of its own, which the steal's names.
  const [link] = spans.find(({ name }) => name === 'place')?.links ?? [];
  const namesOfLink = () => namesOf(receiver.spans.filter(({ traceId }) => traceId === link));
  await expect.poll(namesOfLink, PATIENCE).toContain('wish');
});

it('no check of the queue and no round of the keeper is a trace of its own', () => {
  const roots = receiver.spans.filter(({ parent }) => parent === '');
  expect(namesOf(roots)).toEqual(['cancel-recorded', 'wish']); // the former: a plan was withdrawn
});

it('OpenTelemetry is loaded where its variables are set, and nowhere else', () => {
  expect(loaded(at.part('worker')).length).toBeGreaterThan(10);
  expect(at.part('victim').lines.length).toBeGreaterThan(0);
  expect(loaded(at.part('victim'))).toEqual([]);
});

it('no span holds a key or an address with a password', () => {
  const sent = Buffer.concat(receiver.bytes).toString('latin1');
  expect(sent).toContain('worksteal.order');
  expect(sent).not.toMatch(/APCA|redis:|secret/i);
});

it('a role whose receiver is gone works, and ends at once', async () => {
  const worker = at.part('worker');
  await receiver.close();
  await at.clear();
  const isTold = ({ msg }: { msg: string }) => msg.startsWith('traces: ');
  await worker.until('it tells of it', ({ lines }) => lines.some(isTold));
  expect(await worker.stop()).toBe(0); // before it would be killed
  expect(worker.lines.filter(isTold)).toHaveLength(1);
});
