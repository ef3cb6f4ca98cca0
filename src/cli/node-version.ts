/** The Node version that runs worksteal; this repository brings it as a package (docs/decisions/0006). */
import { WorkstealError } from '../domain/errors.ts';

/** The least major version. */
export const NODE_MAJOR = 24;

/** @throws WorkstealError `missing` where this Node is older. */
export function requireNode(version: string): void {
  if (Number(version.split('.')[0]) >= NODE_MAJOR) return;
  throw new WorkstealError(
    'missing',
    `this is Node ${version}; worksteal needs Node ${NODE_MAJOR} or newer: install it; in a checkout of ` +
      'worksteal, which brings it, start with "npx worksteal" or "npm start"',
    { version },
  );
}
