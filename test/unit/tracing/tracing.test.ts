/** Traces of a process: when they are on, what they hold, and what a receiver that is away costs. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openTracing } from '../../../src/tracing/open.ts';
import { readTracingSettings } from '../../../src/tracing/settings.ts';
import { readTraceparent, writeTraceparent } from '../../../src/tracing/traceparent.ts';
import { NO_TRACING, traced } from '../../../src/tracing/tracing.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../support/otlp-receiver.ts';

const told: string[] = [];
const log = {
  info: (words: string) => void told.push(words),
  warn: (words: string) => void told.push(words),
};
const parts = { role: 'watch', host: 'h1', secrets: ['the-secret-key'], log };
let receiver: OtlpReceiver | undefined;
afterEach(async () => {
  told.length = 0;
  vi.unstubAllEnvs();
  await receiver?.close();
  receiver = undefined;
});

const open = async (env: Record<string, string> = {}) => {
  receiver = await startOtlpReceiver();
  const all = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env };
  return { tracing: await openTracing({ ...parts, env: all }), receiver };
};

const PARENT = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`;

describe('the settings', () => {
  it.each<[string, Record<string, string>]>([
    ['no endpoint is named', { OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'always_on' }],
    ['the SDK is disabled', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:1', OTEL_SDK_DISABLED: 'TRUE' }],
    ['traces go nowhere', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:1', OTEL_TRACES_EXPORTER: 'none' }],
  ])('ask for no traces where %s', async (_, env) => {
    expect(readTracingSettings(env)).toBeUndefined();
    expect(await openTracing({ ...parts, env })).toBe(NO_TRACING);
  });

  it('name the address of traces, or of a receiver', () => {
    const url = (env: Record<string, string>) => readTracingSettings(env)?.url;
    expect(url({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:4318/' })).toBe('http://a:4318/v1/traces');
    expect(
      url({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:1', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b:2/t' }),
    ).toBe('http://b:2/t');
  });

  it('that can not be used are named, and the process works without traces', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost', OTEL_TRACES_SAMPLER: 'often' };
    expect(await openTracing({ ...parts, env })).toBe(NO_TRACING);
    expect(told).toEqual([
      'traces: OTEL_EXPORTER_OTLP_ENDPOINT: is not an address such as http://localhost:4318',
      'traces: OTEL_TRACES_SAMPLER: there is no often; everything is recorded',
    ]);
  });

  it.each([
    ['always_off', '', 0, false],
    ['parentbased_always_off', '', 0, true],
    ['traceidratio', '0.25', 0.25, false],
    ['parentbased_traceidratio', '0.1', 0.1, true],
    ['', '', 1, true],
    ['traceidratio', '2', 1, false],
  ])('sampler %s %s', (name, argument, ratio, followsParent) => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:1', OTEL_TRACES_SAMPLER: name };
    const settings = readTracingSettings({ ...env, OTEL_TRACES_SAMPLER_ARG: argument });
    expect(settings?.sampler).toEqual({ ratio, followsParent });
  });
});

it('a traceparent is read as W3C has it, and what is none names nothing', () => {
  const named = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), flags: 1 };
  expect(readTraceparent(PARENT)).toEqual(named);
  expect(writeTraceparent(named)).toBe(PARENT);
  expect(readTraceparent(PARENT.replace('00-', '01-'))).toEqual(named);
  expect(readTraceparent(`${PARENT.replace('00-', '01-')}-more`)).toEqual(named);
  for (const none of [
    '',
    'x',
    PARENT.toUpperCase(),
    PARENT.replace('00-', 'ff-'),
    `${PARENT}-more`,
    ` ${PARENT}`,
    PARENT.replace('ab'.repeat(16), '0'.repeat(32)),
    PARENT.replace('cd'.repeat(8), '0'.repeat(16)),
  ])
    expect(readTraceparent(none), none).toBeUndefined();
});

describe('spans', () => {
  it('lie below the active one, across await, or continue one of another process', async () => {
    vi.stubEnv('OTEL_SERVICE_NAME', 'desk');
    const { tracing, receiver } = await open();
    await traced(tracing, 'wish', { parent: PARENT, kind: 'consumer' }, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      await traced(tracing, 'admit', {}, async ({ note }) => note({ 'worksteal.victims': ['a', 'b'] }));
    });
    const failing = traced(tracing, 'place', { link: PARENT }, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    await tracing.close();
    const [admit, wish, place] = receiver.spans;
    expect(wish).toMatchObject({ name: 'wish', traceId: 'ab'.repeat(16), parent: 'cd'.repeat(8), kind: 5 });
    expect(wish?.resource).toMatchObject({ 'service.name': 'desk', 'worksteal.role': 'watch' });
    expect(admit).toMatchObject({ traceId: wish?.traceId, parent: wish?.spanId, isFailed: false });
    expect(admit?.facts).toEqual({ 'worksteal.victims': ['a', 'b'] });
    expect(place).toMatchObject({ parent: '', isFailed: true, links: ['ab'.repeat(16)] });
  });

  it('hold no secret, whatever they are told', async () => {
    const { tracing, receiver } = await open();
    const facts = { a: 'key the-secret-key', b: ['redis://me:pass-word@host'] };
    await traced(tracing, 'x', { facts }, () => Promise.reject(new Error('the-secret-key'))).catch(() => {});
    await tracing.close();
    const sent = Buffer.concat(receiver.bytes).toString('latin1');
    expect(sent).toContain('[hidden]');
    expect(sent).not.toMatch(/the-secret-key|pass-word/);
  });

  it('of a trace that its caller does not record are not recorded, but stay in it', async () => {
    const { tracing, receiver } = await open();
    const off = PARENT.replace(/01$/, '00');
    await traced(tracing, 'x', { parent: off }, async ({ traceparent }) => {
      expect(traceparent).toMatch(/^00-(ab){16}-[0-9a-f]{16}-00$/);
    });
    await tracing.close();
    expect(receiver.spans).toEqual([]);
  });
});

describe('a receiver that is away', () => {
  it('costs one line in the log, a bounded queue, and no time at the end', async () => {
    const { tracing, receiver } = await open({ OTEL_EXPORTER_OTLP_TIMEOUT: '200' });
    await receiver.close();
    for (let i = 0; i < 20_000; i += 1) tracing.begin(`span ${i}`).end();
    await expect.poll(() => told.length, { timeout: 60_000 }).toBe(1);
    expect(told[0]).toMatch(
      /^traces: 127\.0\.0\.1:\d+ does not take them \(.+\); they are dropped until it does$/,
    );
    const startedMs = performance.now();
    await tracing.close();
    expect(performance.now() - startedMs).toBeLessThan(400);
    expect(told).toHaveLength(1);
  });

  it('or takes spans and never answers is left at the end', async () => {
    const { tracing, receiver } = await open();
    receiver.hang();
    tracing.begin('x').end();
    const startedMs = performance.now();
    await tracing.close();
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});
