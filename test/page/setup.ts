/** Builds the page as it is now, in a folder of its own: another test may build the package meanwhile. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { packageRoot } from '../../src/package-root.ts';

export async function setup(): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'worksteal-page-'));
  const configFile = join(packageRoot(), 'vite.config.ts');
  await build({
    configFile,
    root: join(packageRoot(), 'src/page'),
    build: { outDir: folder, emptyOutDir: true },
  });
  process.env['WORKSTEAL_TEST_PAGE'] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
