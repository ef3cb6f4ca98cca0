/**
 * The errors in a role's log: each must be a WorkstealError (src/domain/errors.ts), whose `next` says what
 * happens next.
 */
import type { RoleProcess } from './role-process.ts';

const DEBUG = 20;

/**
 * What it logged above the level of debugging with an error that is none of ours, or a fault of the program:
 * should be empty.
 */
export function untypedErrors(role: RoleProcess): string[] {
  return role.lines.flatMap(({ level, msg, err }) => {
    if (Number(level) <= DEBUG || typeof err !== 'object' || err === null) return [];
    const { code, message } = err as { code?: unknown; message?: unknown };
    return typeof code === 'string' && /^[a-z]+$/.test(code) && code !== 'bug'
      ? []
      : [`${role.name}: ${msg}: ${code} ${message}`];
  });
}
