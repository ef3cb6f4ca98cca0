/** Pages of lists, shared readings, wishes under way, and which accounts a server serves. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Entered } from '../../../src/coordinator/coordinator.ts';
import { WorkstealError } from '../../../src/domain/errors.ts';
import { servedAccounts } from '../../../src/fleet/served-accounts.ts';
import { Entering } from '../../../src/http/entering.ts';
import { pageOf } from '../../../src/http/listing.ts';
import { reuse } from '../../../src/http/reuse.ts';
import { runServe } from '../../../workers/serve.ts';
import { anOrder } from '../../support/ledger.ts';

describe('A page', () => {
  const keyOf = (item: { pnl: number; id: string }) => [item.pnl, item.id];
  const items = [
    { pnl: 2, id: 'c' },
    { pnl: 1, id: 'b' },
    { pnl: 1, id: 'a' },
  ];

  it('goes on behind the last item of the one before, whatever came or went', () => {
    const first = pageOf(items, keyOf, { limit: 1 });
    expect(first).toMatchObject({ items: [{ id: 'a' }], more: 2 });
    const changed = [{ pnl: 1, id: 'aa' }, { pnl: 0, id: 'before' }, ...items.slice(0, 2)];
    const next = pageOf(changed, keyOf, { limit: 9, cursor: first.nextCursor ?? '' });
    expect(next).toEqual({
      items: [changed[0], items[1], items[0]],
      more: 0,
      nextCursor: null,
    });
  });

  it.each(['', 'x', Buffer.from('{}').toString('base64url'), Buffer.from('[null]').toString('base64url')])(
    'refuses the cursor "%s"',
    (cursor) => expect(() => pageOf(items, keyOf, { limit: 1, cursor })).toThrow(/not a nextCursor/),
  );
});

describe('A shared reading', () => {
  it('serves many callers for a while; one that failed is not kept', async () => {
    let [nowMs, readings] = [0, 0];
    const read = reuse(
      100,
      async () => {
        readings += 1;
        if (readings === 2) throw new Error('away');
        return readings;
      },
      () => nowMs,
    );
    expect(await Promise.all([read(), read()])).toEqual([1, 1]);
    nowMs = 99;
    expect(await read()).toBe(1);
    nowMs = 100;
    await expect(read()).rejects.toThrow('away');
    expect(await read()).toBe(3);
  });
});

describe('A wish under way', () => {
  const { wish } = anOrder('o1');
  const RESERVED: Entered = { outcome: 'reserved', how: 'stolen' };

  /** A coordinator whose answers the test gives, one after the other. */
  function held() {
    const calls: PromiseWithResolvers<Entered>[] = [];
    const enter = (_wish: unknown, signal: AbortSignal): Promise<Entered> => {
      const call = Promise.withResolvers<Entered>();
      signal.addEventListener('abort', () => call.reject(signal.reason as Error));
      calls.push(call);
      return call.promise;
    };
    return { calls, entering: new Entering({ enter }) };
  }

  it('is met by the same request, and its result is kept for a client that was put off', async () => {
    const { calls, entering } = held();
    expect(await entering.enter(wish, 0)).toBeUndefined();
    expect(await entering.enter(wish, 0)).toBeUndefined();
    calls[0]?.resolve(RESERVED);
    await calls[0]?.promise;
    expect(await entering.enter(wish, 1_000)).toEqual(RESERVED);
    expect(calls).toHaveLength(1);
  });

  it('is asked anew once its result was answered', async () => {
    const { calls, entering } = held();
    for (const at of [0, 1]) {
      const asked = entering.enter(wish, 1_000);
      calls[at]?.resolve(RESERVED);
      expect(await asked).toEqual(RESERVED);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(calls).toHaveLength(2);
  });

  it('keeps its id from another wish', async () => {
    const { entering } = held();
    await entering.enter(wish, 0);
    await expect(entering.enter({ ...wish, qty: '11' }, 0)).rejects.toMatchObject({ code: 'contradiction' });
  });

  it('fails for all who wait when the server stops', async () => {
    const { entering } = held();
    const waiting = [entering.enter(wish, 60_000), entering.enter(wish, 60_000)];
    entering.close();
    for (const one of waiting) await expect(one).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('The accounts of a server', () => {
  const env = { REDIS_URL: 'redis://127.0.0.1:1', APCA_API_KEY_ID: 'k', WORKSTEAL_METRICS_PORT: '9464' };
  const inFolder = <T>(text: string, use: (file: string) => T): T => {
    const folder = mkdtempSync(join(tmpdir(), 'worksteal-served-'));
    try {
      writeFileSync(join(folder, 'accounts.json'), text);
      return use(join(folder, 'accounts.json'));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

  it('are the one of the environment without a file', () => {
    expect(servedAccounts(undefined, env)).toEqual([env]);
  });

  it('have what the file says, and else the environment; one serves the metrics', () => {
    const text = JSON.stringify({ main: {}, second: { APCA_API_KEY_ID: 'k2' } });
    expect(inFolder(text, (file) => servedAccounts(file, env))).toEqual([
      { ...env, WORKSTEAL_ACCOUNT: 'main' },
      { ...env, WORKSTEAL_ACCOUNT: 'second', APCA_API_KEY_ID: 'k2', WORKSTEAL_METRICS_PORT: undefined },
    ]);
  });

  it.each([
    ['[]', /object|record/],
    ['{', /is not JSON/],
    ['{}', /names no account/],
    ['{"a b":{}}', /a b/],
    ['{"main":{"WORKSTEAL_API_PORT":"1"}}', /is the same for all accounts/],
    ['{"main":{"APCA_API_KEY_ID":7}}', /main\.APCA_API_KEY_ID/],
  ])('are refused in a file with %s', (text, words) => {
    expect(() => inFolder(text, (file) => servedAccounts(file, env))).toThrow(words);
  });
});

it.each(['0.0.0.0', '::', '10.0.0.7', 'example.com'])(
  'a server that others reach at %s does not start without tokens, and says so before it connects',
  async (host) => {
    const env = { REDIS_URL: 'redis://127.0.0.1:1', WORKSTEAL_API_HOST: host };
    const started = runServe({ say: () => {} }, env);
    await expect(started).rejects.toThrow(WorkstealError);
    await expect(started).rejects.toMatchObject({ code: 'settings', message: expect.stringContaining(host) });
  },
);
