/** docs/api.md lists every route and object of the HTTP API, and every error code with its status. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { STATUS_OF } from '../../src/http/problem.ts';
import { packageRoot } from '../../src/package-root.ts';
import { assembledPage, readDocument } from '../support/api-page.ts';
import { fieldsOfJson } from '../support/json-page.ts';

const page = readFileSync(join(packageRoot(), 'docs', 'api.md'), 'utf8');

it('the page has what the document has; npm run api:assemble mends it', async () => {
  expect(page).toBe(await assembledPage());
});

it('the page has every error code with its status', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| (\d{3}) \|/gm)].map(([, code, status]) => [
    code,
    Number(status),
  ]);
  expect(Object.fromEntries(rows)).toEqual(STATUS_OF);
});

it('every field, parameter and route says what it means', async () => {
  const { paths, components } = await readDocument();
  const bodies = Object.values(paths).flatMap((methods) =>
    Object.entries(methods).flatMap(([, { summary, requestBody }]) => {
      expect(summary).toMatch(/^[A-Z]/);
      return fieldsOfJson(requestBody?.content['application/json']?.schema ?? {});
    }),
  );
  const fields = Object.values(components.schemas).flatMap(fieldsOfJson);
  expect([...bodies, ...fields].filter(({ meaning }) => meaning === '').map(({ path }) => path)).toEqual([]);
});
