/**
 * The log of a process: JSON lines, on a terminal lines for people; the same facts in both, no secret in
 * either.
 */
import { type Logger, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { WorkstealError } from '../domain/errors.ts';
import { secretHider } from '../domain/secrets.ts';

export type LogOptions = {
  /** trace to error, or silent. */
  level: string;
  role: string;
  host: string;
  account: string;
  /** Values that never get into it: see `secretsOf`. */
  secrets: readonly string[];
  /** Written for people, with colours. */
  pretty: boolean;
  /**
   * True while Redis is away, which was reported in one line: what fails for that reason is then a matter of
   * the debug level.
   */
  isAway?: () => boolean;
  /** The trace that a line belongs to; '' for none. */
  traceId?: () => string;
  /**
   * Where whole lines go; default standard error, at once, so that the last one is there when the process
   * dies.
   */
  write?: (line: string) => void;
};

/**
 * Fields that hold secrets whatever their value. A failed Redis command carries its arguments, AUTH's too.
 */
const SECRET_FIELDS = [
  ...['keyId', 'secretKey', 'password'].flatMap((field) => [field, `*.${field}`]),
  ...['err.command.args', 'err.aggregateErrors[*].command.args'],
];

type LogArguments = Parameters<pino.LogFn>;

const DEBUG = 20;

function errorIn(facts: unknown): Error | undefined {
  const err = (facts as { err?: unknown } | null | undefined)?.err;
  return err instanceof Error ? err : undefined;
}

/** Has it a cause outside this program? Then its stack says nothing: it is logged at the debug level. */
function isKnown(error: Error): boolean {
  if (error instanceof WorkstealError) return error.code !== 'bug';
  return error.name === 'ReplyError' || /^E[A-Z_]{4,}$/.test((error as NodeJS.ErrnoException).code ?? '');
}

function withoutStack(error: Error): object {
  if (!(error instanceof WorkstealError)) return { type: error.name, message: error.message };
  const { code, message, next, details } = error;
  return { code, message, next, ...(Object.keys(details).length > 0 && { details }) };
}

/** The process's log; whoever logs for an order, a plan or a steal makes a child of it. */
export function openLog(log: LogOptions): Logger {
  const { level, role, host, account, secrets, pretty, isAway, traceId: traceIdOf, write } = log;
  const sink = write ?? stderrWriter();
  const hide = secretHider(secrets);
  const forPeople = prettyFactory({
    colorize: true,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'role,host',
  });
  const shape = pretty ? (line: string) => forPeople(withoutControls(line)) : String;
  const hooks = {
    logMethod(this: Logger, args: LogArguments, method: pino.LogFn, number: number): void {
      const [facts, ...words] = args;
      const err = errorIn(facts);
      if (number <= DEBUG || err === undefined || !isKnown(err)) return method.apply(this, args);
      if (isAway?.() && err instanceof WorkstealError && err.code === 'unavailable')
        return this.debug(...args);
      method.apply(this, [{ ...(facts as object), err: withoutStack(err) }, ...words] as LogArguments);
    },
  };
  const redact = { paths: SECRET_FIELDS, censor: '[hidden]' };
  const mixin = (): object => {
    const traceId = traceIdOf?.() ?? '';
    return traceId === '' ? {} : { traceId };
  };
  const options = { level, base: { role, host }, redact, hooks, mixin };
  const destination = { write: (line: string) => sink(hide(shape(line))) };
  return pino(options, destination).child({ account });
}

/**
 * A line of JSON without what would move a terminal's cursor: an id that somebody else chose may hold
 * anything. Line ends stay.
 */
function withoutControls(line: string): string {
  return line.replaceAll(/\\(?:(u00[01][0-9a-f]|[bfr])|.)|[\x7f-\x9f]/g, (text, control) =>
    control === undefined && text.startsWith('\\') ? text : '?',
  );
}

/**
 * A broken pipe ends the log, not the process. Lines are written at once: what is left to the end of the
 * process would be tried again for ever on a broken pipe, and the process would never end.
 */
function stderrWriter(): (line: string) => void {
  const destination = pino.destination({ dest: 2, sync: true });
  return (line) => void destination.write(line);
}
