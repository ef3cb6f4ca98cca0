/** `worksteal config`: the rule settings in force, each with its value and where it came from. */
import { Command } from 'commander';
import colors from 'picocolors';
import { openSettingsFile } from '../fleet/settings-file.ts';
import { unknownFleetVariables } from '../fleet/unknown-variables.ts';
import { CONFIG } from '../json/config.ts';
import { jsonLine } from '../json/print.ts';
import { key } from '../ledger/keys.ts';
import { describeSettings, type Env, fingerprint, readSettings, type SettingRow } from '../rules/settings.ts';
import { readWhere, withLedger } from './inspect/connection.ts';
import { tableText, terminalWidth, writer } from './table.ts';

function cells(row: SettingRow): string[] {
  const value = row.value.length > 40 ? `${row.value.slice(0, 37)}...` : row.value;
  return [row.variable, value === '' ? '(none)' : value, row.unit, row.source, row.meaning];
}

/**
 * What the ledger says of the account's settings; `fingerprint` is null if there is no such account, `fault`
 * says why the ledger could not be read.
 */
type InForce = { account: string; fingerprint: string | null; agrees: boolean; fault?: string };

/** Undefined where no Redis is named. */
async function inForce(env: Env, own: string): Promise<InForce | undefined> {
  if (!env['REDIS_URL']) return undefined;
  const where = readWhere({}, env);
  const { account } = where;
  try {
    const found = await withLedger(where, ({ redis }) => redis.hget(key(account, 'settings'), 'fingerprint'));
    return { account, fingerprint: found, agrees: found === own };
  } catch (error) {
    return { account, fingerprint: null, agrees: false, fault: (error as Error).message };
  }
}

function sentence({ account, fingerprint: found, agrees, fault }: InForce): string {
  if (fault !== undefined) return `account ${account}: ${colors.yellow('not known')}, ${fault}`;
  if (found === null) return `account ${account}: no settings yet; its keeper puts them in force`;
  if (agrees) return `account ${account}: ${found}, ${colors.green('the same')}`;
  return (
    `account ${account}: ${found}, ${colors.red('which differs')}: a host with these settings would not ` +
    'steal'
  );
}

/**
 * The command. It also compares with the settings of the account in the ledger at REDIS_URL.
 * @throws WorkstealError `settings` from its action, listing every fault.
 */
export function configCommand(env: Env = process.env): Command {
  return new Command('config')
    .description('show every rule setting, its value and where it came from; fails if one is invalid')
    .option(
      '--config <file>',
      'settings file, NAME=value per line; the environment wins (default: WORKSTEAL_CONFIG)',
    )
    .option('--json', 'one JSON object instead of a table')
    .action(async (options: { config?: string; json?: true }, command: Command) => {
      const write = writer(command);
      const file = openSettingsFile(
        options.config === undefined ? env : { WORKSTEAL_CONFIG: options.config },
      );
      const { settings, warnings: unwise } = readSettings(env, file);
      const warnings = [...unknownFleetVariables(env), ...unwise];
      const rows = describeSettings(env, file);
      const own = fingerprint(settings);
      const account = await inForce(env, own);
      if (options.json) {
        const fields = { fingerprint: own, warnings, settings: rows, inForce: account ?? null };
        return write(jsonLine(CONFIG, fields));
      }
      const table = {
        head: ['VARIABLE', 'VALUE', 'UNIT', 'SOURCE', 'MEANING'],
        rows: rows.map(cells),
        importance: [1, 1, 3, 2, 4],
      };
      const [head = '', ...body] = tableText(table, terminalWidth()).trimEnd().split('\n');
      write(`${colors.bold(head)}\n${body.join('\n')}\n\nfingerprint ${own}\n`);
      if (account !== undefined) write(`${sentence(account)}\n`);
      for (const warning of warnings) write(`${colors.yellow('warning')} ${warning}\n`);
    });
}
