/**
 * docs/settings.md lists exactly the settings that the code reads, with their defaults; compose passes them
 * on.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BROKERS } from '../../src/fleet/brokers.ts';
import { FLEET_SCHEMA } from '../../src/fleet/fleet-schema.ts';
import { packageRoot } from '../../src/package-root.ts';
import { describeSettings } from '../../src/rules/settings.ts';

const read = (file: string): string => readFileSync(join(packageRoot(), file), 'utf8');

/** Variable -> what stands in the column of defaults, of the table below this heading. */
function tableBelow(heading: string): Map<string, string> {
  const [, section = ''] = read('docs/settings.md').split(`\n## ${heading}\n`);
  const rows = section.split('\n## ')[0]?.matchAll(/^\| `([A-Z_]+)` \| (.*?) ?\| /gm) ?? [];
  return new Map([...rows].map(([, name = '', shown = '']) => [name, shown]));
}

it('the table of the process has every variable that a process reads', () => {
  expect([...tableBelow('The process').keys()]).toEqual(Object.keys(FLEET_SCHEMA.shape));
});

it('the table of the broker has every variable of the adapters, with its default', () => {
  const variables = Object.values(BROKERS).flatMap((adapter) => Object.entries(adapter.variables));
  expect([...tableBelow('The broker')]).toEqual(
    variables.map(([name, fallback]) => [name, fallback === '' ? '' : `\`${fallback}\``]),
  );
});

it('a default in the table of the process is what is read without the variable', () => {
  const read: Record<string, unknown> = FLEET_SCHEMA.parse({ REDIS_URL: 'redis://127.0.0.1:1' });
  const isShown = (value: unknown): boolean => value !== undefined && String(value) !== '';
  const faults = [...tableBelow('The process')].filter(([name, text]) => {
    if (name === 'REDIS_URL' || name === 'WORKSTEAL_HOST') return false;
    if (name === 'WORKSTEAL_LEDGER_SPEED') return text !== '`1`'; // its absence means 1
    return text !== (isShown(read[name]) ? `\`${read[name]}\`` : '');
  });
  expect(faults).toEqual([]);
});

it('the table of the rules has every setting, with its default', () => {
  const shown = tableBelow('The rules');
  const rows = describeSettings({});
  expect([...shown.keys()]).toEqual(rows.map(({ variable }) => variable));
  const differing = rows.filter(
    ({ variable, fallback }) =>
      variable !== 'CRYPTO_SYMBOLS' && shown.get(variable) !== (fallback === '' ? '' : `\`${fallback}\``),
  );
  expect(differing).toEqual([]);
  const cryptos = rows.find(({ variable }) => variable === 'CRYPTO_SYMBOLS')?.fallback.split(',').length;
  expect(shown.get('CRYPTO_SYMBOLS')).toContain(String(cryptos));
});

it('docker-compose.yml passes every setting of the rules on to the roles', () => {
  const compose = read('docker-compose.yml');
  const missing = describeSettings({}).filter(({ variable }) => !compose.includes(`\n    ${variable}:`));
  expect(missing.map(({ variable }) => variable)).toEqual([]);
});

/** Of tests, of the client in Python, and of the file of the settings themselves. */
const NO_SETTINGS = ['CONFIG', 'IMAGE', 'MARKET_SECONDS', 'API', 'TOKEN'].map((name) => `WORKSTEAL_${name}`);

it('every setting that a page names is one', () => {
  const known = new Set([
    ...Object.keys(FLEET_SCHEMA.shape),
    ...describeSettings({}).map(({ variable }) => variable),
    ...NO_SETTINGS,
  ]);
  const pages = globSync(['*.md', 'docs/**/*.md'], { cwd: packageRoot() }).filter(
    (page) => page !== 'CHANGELOG.md', // names what there was
  );
  expect(pages.length).toBeGreaterThan(20);
  const faults = pages.flatMap((page) =>
    [...read(page).matchAll(/\bWORK(?:STEAL|_STEALING)_[A-Z_]*[A-Z]\b/g)]
      .filter(([name]) => !known.has(name))
      .map(([name]) => `${page}: ${name}`),
  );
  expect(faults).toEqual([]);
});
