/**
 * The table of docs/monitoring/README.md, made of the metrics as each role opens them: `npm run
 * metrics:assemble` writes it; test/unit/metrics-page.test.ts checks that the page has it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Definition, openMetrics, PARTS_OF } from '../../src/ops/metrics/metrics.ts';
import { packageRoot } from '../../src/package-root.ts';

const FILE = join(packageRoot(), 'docs', 'monitoring', 'README.md');
const MARK = '<!-- What follows is made by `npm run metrics:assemble` of the metrics in src/ops/metrics. -->';

export type Listed = Definition & { roles: string[] };

/** Every metric with the roles that tell it, in the roles' order. */
export function listedMetrics(): Listed[] {
  const listed = new Map<string, Listed>();
  const roles = Object.keys(PARTS_OF);
  for (const role of roles)
    for (const one of openMetrics({ role, host: '', account: '' }).definitions()) {
      const { name } = one;
      const known = listed.get(name);
      if (known === undefined) listed.set(name, { ...one, roles: [role] });
      else known.roles.push(role);
    }
  return [...listed.values()].map((one) => ({
    ...one,
    roles: one.roles.length === roles.length ? ['all'] : one.roles,
  }));
}

function table(): string {
  const rows = listedMetrics().map(({ name, type, labels, help, roles }) => {
    const shown = labels.length === 0 ? name : `${name}{${labels.join(',')}}`;
    return `| ${roles.join(', ')} | \`${shown}\` | ${type} | ${help} |`;
  });
  return ['| role | metric | type | what |', '|---|---|---|---|', ...rows].join('\n');
}

/** The page with its table as it should be. */
export function assembledPage(): string {
  const [head = ''] = readFileSync(FILE, 'utf8').split(MARK);
  return `${head}${MARK}\n\n${table()}\n`;
}

if (import.meta.main) writeFileSync(FILE, assembledPage());
