/**
 * The lint is what keeps imports going one way, so the lint itself is tested: on a small tree, with the
 * project's own rules.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** `file: rule` for each fault that the lint finds in these files. */
function lint(files: Record<string, string>): string[] {
  const tree = mkdtempSync(join(tmpdir(), 'worksteal-lint-'));
  folders.push(tree);
  const rules = JSON.parse(readFileSync(join(packageRoot(), 'biome.json'), 'utf8')) as object;
  writeFileSync(join(tree, 'biome.json'), JSON.stringify({ ...rules, vcs: { enabled: false } }));
  writeFileSync(join(tree, 'package.json'), JSON.stringify({ name: 'tree', dependencies: { luxon: '3' } }));
  symlinkSync(join(packageRoot(), 'node_modules'), join(tree, 'node_modules'));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), text);
  }
  const biome = join(packageRoot(), 'node_modules/@biomejs/biome/bin/biome');
  const { stdout } = spawnSync(process.execPath, [biome, 'lint', '--reporter=json', '.'], {
    cwd: tree,
    encoding: 'utf8',
  });
  const report = JSON.parse(stdout) as {
    diagnostics: { category: string; location: { path: string | { file: string } } }[];
  };
  return report.diagnostics.map(({ category, location: { path } }) => {
    const rule = category.split('/').at(-1);
    return `${typeof path === 'string' ? path : path.file}: ${rule}`;
  });
}

/** A file that imports `x` from here. */
const importing = (from: string): string => `import { x } from '${from}';\n\nexport const y = x;\n`;
const exporting = 'export const x = 1;\n';

describe('imports go down the layers', () => {
  it.each([
    ['domain', 'rules'],
    ['rules', 'ledger'],
    ['rules', 'redis'],
    ['ledger', 'coordinator'],
    ['mutex', 'ops'],
    ['broker', 'exchange'],
    ['prices', 'watcher'],
    ['redis', 'cli'],
    ['coordinator', 'cli'],
    ['watcher', 'cli'],
    ['exchange', 'cli'],
    ['ops', 'cli'],
  ])('%s may not import %s', (lower, upper) => {
    const faults = lint({
      [`src/${lower}/deep/a.ts`]: importing(`../../${upper}/b.ts`),
      [`src/${upper}/b.ts`]: exporting,
    });
    expect(faults).toEqual([`src/${lower}/deep/a.ts: noRestrictedImports`]);
  });

  it.each([
    ['rules', 'domain'],
    ['ledger', 'rules'],
    ['coordinator', 'ledger'],
    ['watcher', 'coordinator'],
    ['ops', 'redis'],
    ['cli', 'exchange'],
  ])('%s may import %s', (upper, lower) => {
    expect(
      lint({ [`src/${upper}/a.ts`]: importing(`../${lower}/b.ts`), [`src/${lower}/b.ts`]: exporting }),
    ).toEqual([]);
  });

  it('domain imports neither packages nor Node, only itself', () => {
    const faults = lint({
      'src/domain/a.ts': "import { DateTime } from 'luxon';\n\nexport const y = DateTime;\n",
      'src/domain/b.ts': "import { join } from 'node:path';\n\nexport const y = join;\n",
      'src/domain/c.ts': importing('./d.ts'),
      'src/domain/d.ts': exporting,
    });
    expect(faults).toEqual(['src/domain/a.ts: noRestrictedImports', 'src/domain/b.ts: noRestrictedImports']);
  });

  it('the product does not import its tests', () => {
    const faults = lint({
      'workers/a.ts': importing('../test/support/b.ts'),
      'test/support/b.ts': exporting,
    });
    expect(faults).toEqual(['workers/a.ts: noRestrictedImports']);
  });

  it('a type counts as an import', () => {
    const faults = lint({
      'src/ledger/a.ts': "import type { x } from '../cli/b.ts';\n\nexport type Y = typeof x;\n",
      'src/cli/b.ts': exporting,
    });
    expect(faults).toEqual(['src/ledger/a.ts: noRestrictedImports']);
  });
});

describe('import cycles', () => {
  it('fail the lint, through any number of files', () => {
    const faults = lint({
      'src/ledger/a.ts': importing('./b.ts'),
      'src/ledger/b.ts': "import { y } from './c.ts';\n\nexport const x = () => y;\n",
      'src/ledger/c.ts': "import { y as z } from './a.ts';\n\nexport const y = () => z;\n",
    });
    expect(faults).toEqual([
      'src/ledger/a.ts: noImportCycles',
      'src/ledger/b.ts: noImportCycles',
      'src/ledger/c.ts: noImportCycles',
    ]);
  });
});
