/** What the library says, as entries for the bot's own log. */
import { type Logger, pino } from 'pino';
import { z } from 'zod';
import type { FleetSettings } from '../fleet/fleet-settings.ts';
import { openLog } from '../ops/log.ts';
import { secretsOf } from '../ops/secrets.ts';
import type { LogEntry } from './options.ts';

const LINE = z.looseObject({ level: z.int(), msg: z.string().default('') });

/** @param pass gets each entry; what it throws is ignored */
export function botLog(
  { host, account, logLevel }: Pick<FleetSettings, 'host' | 'account' | 'logLevel'>,
  env: NodeJS.ProcessEnv,
  pass: ((entry: LogEntry) => void) | undefined,
): Logger {
  if (pass === undefined) return pino({ enabled: false });
  const write = (line: string): void => {
    try {
      pass(entryOf(line));
    } catch {
      // The bot's log is the bot's own affair.
    }
  };
  return openLog({
    level: logLevel,
    role: 'bot',
    host,
    account,
    secrets: secretsOf(env),
    pretty: false,
    write,
  });
}

function entryOf(line: string): LogEntry {
  const { level, msg: sentence, ...facts } = LINE.parse(JSON.parse(line));
  const name = level >= 50 ? 'error' : level >= 40 ? 'warn' : level >= 30 ? 'info' : 'debug';
  return { level: name, sentence, facts };
}
