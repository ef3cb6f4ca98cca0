/** The one Node version that runs worksteal: its packages bring it (docs/decisions/0006). */
import { WorkstealError } from '../domain/errors.ts';

/** The least major version. */
export const NODE_MAJOR = 24;

/** @throws WorkstealError `missing` where this Node is older. */
export function requireNode(version: string): void {
  if (Number(version.split('.')[0]) >= NODE_MAJOR) return;
  throw new WorkstealError(
    'missing',
    `this is Node ${version}; worksteal runs on Node ${NODE_MAJOR}, which its packages bring:` +
      ' start it with "npx worksteal" or "npm start"',
    { version },
  );
}
