/** Clients of a stream in a process of their own: each reads all that comes. */
import { assert } from '../src/domain/errors.ts';
import { serve } from './child.ts';

const [url = '', token = '', count = '0'] = process.argv.slice(2);

await Promise.all(
  Array.from({ length: Number(count) }, async () => {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    assert(answer.status === 200 && answer.body !== null, `${url} answered ${answer.status}`);
    const reader = answer.body.getReader();
    await reader.read();
    const readOn = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };
    readOn().catch(() => {});
  }),
);
serve(url);
