/**
 * A copy of the package in a temporary folder: what is broken there, and what its tests write, is not in the
 * checkout.
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';
import { type Mutation, mutated } from './mutation.ts';

/** Each run of tests builds the program from the sources (test/build-program.ts). */
const LEFT_OUT = new Set(['.git', 'node_modules', 'dist']);

export type Tree = {
  readonly folder: string;
  /** Breaks the one line, and gives back what puts it right again. */
  apply(mutation: Mutation): () => void;
  remove(): void;
};

/** The packages are links, one each, so that caches beside them are the copy's own. */
export function copyTree(): Tree {
  const root = packageRoot();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'worksteal-mutations-')));
  for (const entry of readdirSync(root)) {
    if (!LEFT_OUT.has(entry)) cpSync(join(root, entry), join(folder, entry), { recursive: true });
  }
  mkdirSync(join(folder, 'node_modules'));
  for (const entry of readdirSync(join(root, 'node_modules'))) {
    if (entry === '.bin' || !entry.startsWith('.')) {
      symlinkSync(realpathSync(join(root, 'node_modules', entry)), join(folder, 'node_modules', entry));
    }
  }
  return {
    folder,
    apply(mutation) {
      const path = join(folder, mutation.file);
      const whole = readFileSync(path, 'utf8');
      writeFileSync(path, mutated(mutation, whole));
      return () => writeFileSync(path, whole);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
