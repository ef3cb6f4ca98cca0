/** What a file loads: the files that it imports, those that these import, and so on. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';

/** The sources that these files import, themselves included, by path; types are nobody's need. */
export function importedBy(files: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (file: string): void => {
    if (found.has(file) || !existsSync(file)) return;
    const text = readFileSync(file, 'utf8');
    found.set(file, text);
    for (const [, path] of text.matchAll(/^(?:import|export) (?!type)[^;]*?from '(\.[^']+)'/gm))
      visit(resolve(dirname(file), path as string));
  };
  for (const file of files) visit(join(packageRoot(), file));
  return found;
}
