/** The ledger's scripts with a change, and accounts that use them. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ledger, ledgerOn } from '../../src/ledger/ledger.ts';
import { commandName, scriptNames, scriptText } from '../../src/ledger/scripts.ts';
import { packageRoot } from '../../src/package-root.ts';
import { type AccountOptions, openAccount, type TestAccount } from './ledger.ts';
import { freshAccount } from './redis.ts';

export type OpenAccount = (options?: AccountOptions) => Promise<TestAccount>;

/** Accounts on the scripts of a folder; the connection runs no others until this is called again. */
export function accountsOn(base: Ledger, folder = join(packageRoot(), 'lua')): OpenAccount {
  for (const name of scriptNames(folder)) {
    base.redis.defineCommand(commandName(name), { numberOfKeys: 1, lua: scriptText(name, folder) });
  }
  return (options = {}) => openAccount(ledgerOn(base.redis, freshAccount('scripts')), options);
}

/**
 * The same on a copy of the scripts in which each text of a file (`include/orders`), which must be there
 * once, is another one.
 */
export function accountsOnChanged(
  base: Ledger,
  changes: readonly (readonly [file: string, text: string, changed: string])[],
): OpenAccount {
  const folder = mkdtempSync(join(tmpdir(), 'scripts-'));
  try {
    cpSync(join(packageRoot(), 'lua'), folder, { recursive: true });
    for (const [file, text, changed] of changes) {
      const path = join(folder, `${file}.lua`);
      const parts = readFileSync(path, 'utf8').split(text);
      if (parts.length !== 2)
        throw new Error(`${file}: "${text}" is there ${parts.length - 1} times, not once`);
      writeFileSync(path, parts.join(changed));
    }
    return accountsOn(base, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
