/** docs/monitoring/README.md lists every metric: role, labels, type and where the figure comes from. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { assembledPage, listedMetrics } from '../support/metrics-page.ts';

it('the page has exactly the metrics that the roles tell; npm run metrics:assemble mends it', () => {
  const page = readFileSync(join(packageRoot(), 'docs', 'monitoring', 'README.md'), 'utf8');
  expect(page).toBe(assembledPage());
});

it('no label is a symbol, an order or a plan: the number of series is bounded', () => {
  const labels = new Set(listedMetrics().flatMap((metric) => metric.labels));
  expect([...labels].sort()).toEqual([
    ...['account', 'budget', 'command', 'host', 'method', 'operation', 'outcome', 'pool', 'quantile'],
    ...['reason', 'result', 'role', 'route', 'rule', 'stage', 'state', 'status', 'tier'],
  ]);
});

it('a counter ends in _total, a time in _seconds and an amount in _dollars', () => {
  for (const { name, type } of listedMetrics()) {
    expect(name.startsWith('worksteal_')).toBe(true);
    expect(name.endsWith('_total'), name).toBe(type === 'counter');
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
  }
});
