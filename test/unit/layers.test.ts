/**
 * Imports go one way: the table of layers (test/support/layers.ts) against every file of the repository, and
 * against a tree of deliberate violations, one for each direction that the table forbids.
 */
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { LAYERS, layerFaults, layerOf } from '../support/layers.ts';

const FOLDERS = Object.keys(LAYERS);
const SOURCES = globSync(
  ['{src,workers,test,bench,build,spec,lua,.ci}/**/*.{ts,tsx,mts,js,mjs}', '*.{ts,mts,js,mjs}'],
  { cwd: packageRoot() },
).filter((file) => !file.includes('node_modules'));

/** A file of this folder that imports `x` from `path`. */
const importing = (path: string): string => `import { x } from '${path}';\n\nexport const y = x;\n`;

/** Two levels below the folder, so that one path leads from any of them to any other. */
const fileIn = (folder: string): string =>
  folder === 'src' || folder === 'test' || folder === '.' ? `${folder}/a.ts` : `${folder}/deep/a.ts`;

describe('imports of the repository', () => {
  it('keep to the table of layers', () => {
    const files = Object.fromEntries(
      SOURCES.map((file) => [file, readFileSync(join(packageRoot(), file), 'utf8')]),
    );
    expect(layerFaults(files)).toEqual([]);
  });

  it('bring nothing but types from the server to the page', () => {
    const fromServer = SOURCES.filter((file) => file.startsWith('src/page/')).flatMap((file) => {
      const text = readFileSync(join(packageRoot(), file), 'utf8');
      const statements = text.matchAll(/^(?:import|export)\b(?:[^;'"]*?\bfrom)?\s*['"][^'"]+['"]/gm);
      const others = /['"](?:\.\.\/)+(?:json|domain)\//;
      return [...statements].map(([statement]) => statement).filter((statement) => others.test(statement));
    });
    expect(fromServer.length).toBeGreaterThan(3);
    for (const statement of fromServer) expect(statement).toMatch(/^import type /);
  });

  it('are many, and each row of the table is a folder that exists', () => {
    expect(SOURCES.length).toBeGreaterThan(300);
    expect(new Set(SOURCES.map(layerOf))).toEqual(new Set(FOLDERS));
  });
});

/** The folders of each row of docs/architecture.md, 7, the highest row first. */
function rowsOfPage(): string[][] {
  const page = readFileSync(join(packageRoot(), 'docs/architecture.md'), 'utf8');
  const section = page.split(/^## /m).find((one) => one.startsWith('7. ')) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows
    .map((row) => [...row.matchAll(/`((?:src\/)?[a-z][a-z-]*)`/g)].map(([, folder = '']) => folder))
    .filter((folders) => folders.length > 0);
}

describe('the layers of docs/architecture.md, 7', () => {
  const rows = rowsOfPage();
  const rowOf = (folder: string): number => rows.findIndex((folders) => folders.includes(folder));

  it('have every folder of the product', () => {
    const product = FOLDERS.filter((folder) => /^(src\/|workers$)/.test(folder));
    expect(rows.flat().sort()).toEqual(product.sort());
  });

  it('are in the order of the imports', () => {
    const upward = rows.flat().flatMap((folder) => {
      const higher = (LAYERS[folder] ?? []).filter((other) => rowOf(other) < rowOf(folder));
      return higher.filter((other) => other !== 'src').map((other) => `${folder} -> ${other}`);
    });
    expect(upward).toEqual([]);
  });
});

describe('the table of layers', () => {
  it('has no way from a folder back to itself', () => {
    const reaches = (folder: string): string[] =>
      (LAYERS[folder] ?? []).flatMap((lower) => [lower, ...reaches(lower)]);
    for (const folder of FOLDERS) expect(reaches(folder)).not.toContain(folder);
  });

  it.each(FOLDERS)('%s imports what its row names, and nothing else', (folder) => {
    const up = '../'.repeat(fileIn(folder).split('/').length - 1) || './';
    for (const other of FOLDERS) {
      const files = {
        [fileIn(folder).replace(/^\.\//, '')]: importing(
          `${folder === '.' ? './' : up}${fileIn(other).replace(/^\.\//, '')}`,
        ),
      };
      const allowed = other === folder || LAYERS[folder]?.includes(other);
      expect(layerFaults(files), `${folder} -> ${other}`).toHaveLength(allowed ? 0 : 1);
    }
  });

  it.each([
    ['a type', "import type { X } from '../cli/up.ts';"],
    ['a name among several lines', "import {\n  x,\n  y,\n} from '../cli/up.ts';"],
    ['a re-export', "export * from '../cli/up.ts';"],
    ['an import for its effects', "import '../cli/up.ts';"],
    ['a dynamic import', "const up = await import(\n  '../cli/up.ts'\n);"],
    ['the second import of a file', "import { z } from './scan.ts';\nimport { x } from '../cli/up.ts';"],
  ])('finds %s', (_, text) => {
    expect(layerFaults({ 'src/keeper/a.ts': `${text}\n` })).toEqual([
      'src/keeper/a.ts imports src/cli/up.ts; src/keeper may import from: ' +
        `${LAYERS['src/keeper']?.join(', ')}`,
    ]);
  });

  it('finds a folder without a row', () => {
    expect(layerFaults({ 'src/novel/a.ts': '' })).toEqual([
      'src/novel/a.ts: the folder src/novel has no row in test/support/layers.ts',
    ]);
  });

  it('lets domain import itself alone, neither packages nor Node', () => {
    const files = {
      'src/domain/a.ts': "import { DateTime } from 'luxon';\n",
      'src/domain/b.ts': "import { join } from 'node:path';\n",
      'src/domain/c.ts': importing('./d.ts'),
    };
    expect(layerFaults(files)).toEqual([
      'src/domain/a.ts imports luxon; src/domain imports no package',
      'src/domain/b.ts imports node:path; src/domain imports no package',
    ]);
  });
});

describe('import cycles', () => {
  it('fail the lint, through any number of files', () => {
    const tree = mkdtempSync(join(tmpdir(), 'worksteal-lint-'));
    try {
      expect(
        lint(tree, {
          'src/ledger/a.ts': importing('./b.ts'),
          'src/ledger/b.ts': "import { y } from './c.ts';\n\nexport const x = () => y;\n",
          'src/ledger/c.ts': "import { y as z } from './a.ts';\n\nexport const y = () => z;\n",
        }),
      ).toEqual([
        'src/ledger/a.ts: noImportCycles',
        'src/ledger/b.ts: noImportCycles',
        'src/ledger/c.ts: noImportCycles',
      ]);
    } finally {
      rmSync(tree, { recursive: true, force: true });
    }
  });
});

/** `file: rule` for each fault that the project's lint finds in these files. */
function lint(tree: string, files: Readonly<Record<string, string>>): string[] {
  const rules = JSON.parse(readFileSync(join(packageRoot(), 'biome.json'), 'utf8')) as object;
  writeFileSync(join(tree, 'biome.json'), JSON.stringify({ ...rules, vcs: { enabled: false } }));
  writeFileSync(join(tree, 'package.json'), JSON.stringify({ name: 'tree' }));
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
