/** Commands that run until they are stopped (src/cli/inspect/until-stopped.ts). */
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { untilStopped } from '../../src/cli/inspect/until-stopped.ts';

it('end when nobody reads their output any more, and listen no longer', async () => {
  const before = process.stdout.listenerCount('error');
  const ended = untilStopped(async (signal) => {
    await once(signal, 'abort');
  });
  process.stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  await ended;
  expect(process.stdout.listenerCount('error')).toBe(before);
});
