/** `worksteal config`: the rule settings in force, each with its value and where it came from. */
import { Command } from 'commander';
import colors from 'picocolors';
import { describeSettings, type Env, fingerprint, readSettings, type SettingRow } from '../rules/settings.ts';
import { openSettingsFile } from './settings-file.ts';
import { columns, writer } from './table.ts';

function cells(row: SettingRow): string[] {
  const value = row.value.length > 40 ? `${row.value.slice(0, 37)}...` : row.value;
  return [row.variable, value === '' ? '(none)' : value, row.unit, row.source, row.meaning];
}

/**
 * The command. It prints a table, or with --json one object: {fingerprint, warnings, settings: [{variable, value, source,
 * fallback, unit, meaning}]}.
 * @throws WorkstealError `settings` from its action, listing every fault.
 */
export function configCommand(env: Env = process.env): Command {
  return new Command('config')
    .description('show every rule setting, its value and where it came from; fails when one can not be used')
    .option('--config <file>', 'settings below the environment, a NAME=value each line (default: WORKSTEAL_CONFIG)')
    .option('--json', 'one JSON object instead of a table')
    .action((options: { config?: string; json?: true }, command: Command) => {
      const write = writer(command);
      const file = openSettingsFile(options.config === undefined ? env : { WORKSTEAL_CONFIG: options.config });
      const { settings, warnings } = readSettings(env, file);
      const rows = describeSettings(env, file);
      if (options.json) {
        write(`${JSON.stringify({ fingerprint: fingerprint(settings), warnings, settings: rows })}\n`);
        return;
      }
      const [head = '', ...body] = columns([['VARIABLE', 'VALUE', 'UNIT', 'SOURCE', 'MEANING'], ...rows.map(cells)])
        .trimEnd()
        .split('\n');
      write(`${colors.bold(head)}\n${body.join('\n')}\n\nfingerprint ${fingerprint(settings)}\n`);
      for (const warning of warnings) write(`${colors.yellow('warning')} ${warning}\n`);
    });
}
