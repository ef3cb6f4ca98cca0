/** `worksteal token`: makes, lists and revokes the tokens of the API, and the keys of a gateway's bots. */
import { Command, Option } from 'commander';
import { WorkstealError } from '../domain/errors.ts';
import { shown } from '../domain/shown.ts';
import { botRecordOf, makeKeyPair } from '../http/bot-keys.ts';
import {
  changeTokenFile,
  hashOf,
  makeToken,
  readWhole,
  recordOf,
  SCOPES,
  type Scope,
  type TokenFile,
} from '../http/token-file.ts';
import type { Env } from '../rules/settings.ts';
import { columns, writer } from './table.ts';

type FileOption = { file?: string };
type NewOptions = FileOption & {
  scope?: Scope;
  account?: string[];
  gateway?: boolean;
  strategy?: string;
  mode?: 'normal' | 'probe';
  pnl?: string;
  maxNotional?: string;
  symbols?: string;
};

export function tokenCommand(env: Env = process.env): Command {
  const command = new Command('token').description(
    'make, list and revoke the tokens of the HTTP API; a running server reads the file again',
  );
  withFile(command.command('new'))
    .description('make a token and print it, this once; the file keeps only its hash')
    .argument('<name>', 'who uses it: 1 to 48 of A-Z, a-z, 0-9, _ and -')
    .addOption(
      new Option('--scope <scope>', 'what it may do; each includes those before it').choices([...SCOPES]),
    )
    .option('--account <name...>', 'the accounts that it reaches (default: all of the server)')
    .option('--gateway', 'make the key pair of a bot of the gateway instead of a token')
    .option('--strategy <name>', 'of a bot: whose filed forecasts its orders have')
    .addOption(new Option('--mode <mode>', 'of a bot: probes are never victims').choices(['normal', 'probe']))
    .option('--pnl <usd>', 'of a bot: the forecast of an order without any other (default: 0)')
    .option('--max-notional <usd>', 'of a bot: its largest entry (default: any)')
    .option('--symbols <list>', 'of a bot: the only symbols that it may trade, such as AAPL,BTC/USD')
    .action((name: string, options: NewOptions) => {
      const file = fileOf(options, env);
      writer(command)(options.gateway ? newBot(file, name, options) : newToken(file, name, options));
    });
  withFile(command.command('list'))
    .description('list the tokens by name, without their text')
    .action((options: FileOption) => {
      const { tokens, bots } = readWhole(fileOf(options, env));
      const all = [...tokens, ...bots.map((bot) => ({ ...bot, scope: 'gateway' }))];
      const rows = all.map(({ name, scope, accounts, createdAtMs }) => [
        name,
        scope,
        accounts.join(' ') || '(all)',
        new Date(createdAtMs).toISOString(),
      ]);
      writer(command)(columns([['NAME', 'SCOPE', 'ACCOUNTS', 'MADE'], ...rows]));
    });
  withFile(command.command('revoke'))
    .description('take a token back: a running server refuses it within a second, and ends its streams')
    .argument('<name>', 'its name')
    .action((name: string, options: FileOption) => {
      changeTokenFile(fileOf(options, env), (content) => {
        if (!hasName(content, name))
          throw new WorkstealError('unknown', `there is no token ${shown(name)}`, { name });
        const others = <T extends { name: string }>(all: T[]): T[] => all.filter((one) => one.name !== name);
        return { tokens: others(content.tokens), bots: others(content.bots) };
      });
      writer(command)(`${name}: revoked\n`);
    });
  return command;
}

/** @returns the token's line */
function newToken(file: string, name: string, { scope, account = [] }: NewOptions): string {
  if (scope === undefined)
    throw new WorkstealError('invalid', `give the token a --scope: ${SCOPES.join(', ')}`, { field: 'scope' });
  const token = makeToken();
  const record = recordOf(token, { name, scope, accounts: account }, Date.now());
  changeTokenFile(file, (content) => {
    requireFree(content, name);
    return { ...content, tokens: [...content.tokens, record] };
  });
  return `${token}\n`;
}

/** @returns the key pair as the variables that Alpaca's clients read */
function newBot(file: string, name: string, options: NewOptions): string {
  if (options.scope !== undefined)
    throw new WorkstealError('invalid', '--scope is of a token; a bot of the gateway has none', {});
  const { keyId, secret } = makeKeyPair();
  const { strategy = '', mode = 'normal', pnl = '0', maxNotional = null, symbols, account = [] } = options;
  const record = botRecordOf({
    ...{ name, keyId, sha256: hashOf(secret), strategy, mode, pnl, maxNotional },
    symbols: symbols === undefined ? [] : symbols.split(',').map((symbol) => symbol.trim()),
    accounts: account,
    createdAtMs: Date.now(),
  });
  changeTokenFile(file, (content) => {
    requireFree(content, name);
    return { ...content, bots: [...content.bots, record] };
  });
  return `APCA_API_KEY_ID=${keyId}\nAPCA_API_SECRET_KEY=${secret}\n`;
}

function requireFree(content: TokenFile, name: string): void {
  if (hasName(content, name))
    throw new WorkstealError('invalid', `there is a token ${name} already: revoke it first`, { name });
}

function hasName({ tokens, bots }: TokenFile, name: string): boolean {
  return [...tokens, ...bots].some((one) => one.name === name);
}

function withFile(command: Command): Command {
  return command.option('--file <path>', 'the token file (default: WORKSTEAL_API_TOKENS)');
}

function fileOf({ file }: FileOption, env: Env): string {
  const found = file ?? env['WORKSTEAL_API_TOKENS'];
  if (found) return found;
  throw new WorkstealError('settings', 'missing token file: give --file, or set WORKSTEAL_API_TOKENS');
}
