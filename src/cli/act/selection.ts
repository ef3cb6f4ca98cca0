/** What the command line chooses to stop. */
import { WorkstealError } from '../../domain/errors.ts';

/**
 * Exactly one way to choose must be given.
 * @throws WorkstealError `invalid`
 */
export function requireOne(command: string, ways: Readonly<Record<string, unknown>>): void {
  const given = Object.keys(ways).filter((name) => ways[name] !== undefined);
  if (given.length === 1) return;
  const names = Object.keys(ways).join(', ');
  const said =
    given.length === 0 ? `give one of ${names}` : `give one of ${names}, not ${given.join(' and ')}`;
  throw new WorkstealError('invalid', `${command}: ${said}`, { field: 'options' });
}
