/** `worksteal` as users have it: test/build-program.ts builds it before the tests. */
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';

export const PROGRAM = join(packageRoot(), 'dist/cli/main.js');
