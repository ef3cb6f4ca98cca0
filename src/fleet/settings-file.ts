/**
 * Reads the rule settings of a process: from its environment, and from the file that WORKSTEAL_CONFIG names.
 */
import { readFileSync, statSync } from 'node:fs';
import { WorkstealError } from '../domain/errors.ts';
import { fileFault } from '../domain/file-fault.ts';
import { shown } from '../domain/shown.ts';
import { NO_FILE, parseSettingsFile, type SettingsFile } from '../rules/setting-file.ts';
import { type Env, readSettings, type Settings } from '../rules/settings.ts';

const MAX_BYTES = 256 * 1024;

/**
 * @throws WorkstealError `settings` if the file cannot be read. `readSettings` reports faults inside it,
 *   together with all others.
 */
export function openSettingsFile(env: Env): SettingsFile {
  const path = env['WORKSTEAL_CONFIG'];
  if (path === undefined || path === '') return NO_FILE;
  try {
    const { size } = statSync(path);
    if (size > MAX_BYTES) throw new Error(`${size} bytes; at most ${MAX_BYTES}`);
    return parseSettingsFile(path, readFileSync(path, 'utf8'));
  } catch (error) {
    const why =
      `WORKSTEAL_CONFIG="${shown(path, 1_000)}" cannot be read: ` + `${shown(fileFault(error), 300)}`;
    throw new WorkstealError('settings', why, { WORKSTEAL_CONFIG: path.slice(0, 1_000) }, error);
  }
}

/** The rule settings of a process. @throws WorkstealError `settings` that lists every fault. */
export function processSettings(env: Env): { settings: Settings; warnings: readonly string[] } {
  return readSettings(env, openSettingsFile(env));
}
