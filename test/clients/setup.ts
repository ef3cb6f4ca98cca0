/** Installs the clients in this folder, once; they are no dependency of the project. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export function setup(): void {
  if (existsSync(join(import.meta.dirname, 'node_modules', '.package-lock.json'))) return;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', args, { cwd: import.meta.dirname, stdio: 'inherit', timeout: 240_000 });
}
