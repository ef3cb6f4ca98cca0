/**
 * The package as who depends on it gets it: packed, in a folder of its own, with its dependencies and nothing
 * else of this repository.
 */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../../src/package-root.ts';

export type Packed = {
  /** The dependant's folder: a package.json, and node_modules. */
  folder: string;
  tarball: string;
  /** What an install of it brings, by its path: `node_modules/…`. */
  packages: string[];
  remove(): void;
};

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      dev: z.boolean().optional(),
      devOptional: z.boolean().optional(),
      optional: z.boolean().optional(),
      link: z.boolean().optional(),
    }),
  ),
});

const ROOT = packageRoot();

/**
 * Builds and packs the package, and installs it. Its dependencies are links to those of the checkout: what it
 * imports without depending on it is not there.
 */
export function packAndInstall(): Packed {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'worksteal-packed-')));
  const packing = ['pack', '--pack-destination', folder, '--loglevel=error'];
  execFileSync('npm', packing, { cwd: ROOT, stdio: 'pipe' });
  const tarball = join(folder, 'worksteal-0.1.0.tgz');
  const own = join(folder, 'node_modules', 'worksteal');
  mkdirSync(own, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', own, '--strip-components=1']);
  const lock = Lock.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));
  const packages = Object.entries(lock.packages)
    .filter(
      ([path, { dev, devOptional, optional, link }]) =>
        path !== '' && !(dev || devOptional || optional || link),
    )
    .map(([path]) => path);
  for (const path of packages.filter((path) => path.lastIndexOf('node_modules/') === 0)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(join(ROOT, path), join(folder, path));
  }
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  return { folder, tarball, packages, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
