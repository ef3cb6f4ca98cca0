/** The secrets in a process's environment and arguments. */

/** Variables that hold one; whoever knows the address of a webhook may post there; headers hold keys. */
const SECRET_NAME =
  /(^|_)(PASSWORD|SECRET|SECRET_KEY|KEY_ID|TOKEN|ALERT_URL)$|^OTEL_EXPORTER_OTLP_(TRACES_)?HEADERS$/;
/** In an address: what stands between the user and the last `@`, or the first one. */
const PASSWORDS = [/:\/\/[^/?#\s:@]*:(.*)@/s, /:\/\/[^/?#\s:@]*:(.*?)@/s];
const SECRET_OPTION = /^--(?:key|secret|accounts)(?:=(.*))?$/s;

/**
 * The values of an environment that nobody may read: the broker's keys, the passwords of Redis and of any
 * other address.
 */
export function secretsOf(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (value === undefined || value === '') return [];
    if (!SECRET_NAME.test(name)) return passwordsOf(value);
    return [value, ...passwordsOf(value), ...headersOf(name, value)];
  });
}

/** `name=value,name=value`: each value. */
function headersOf(name: string, list: string): string[] {
  if (!name.endsWith('_HEADERS')) return [];
  return list.split(',').flatMap((pair) => pair.split('=').slice(1).join('=').trim() || []);
}

/** The same of a command's arguments: `--redis URL`, `--key KEY`, `--secret=SECRET`. */
export function secretsOfArguments(args: readonly string[]): string[] {
  return args.flatMap((arg, at) => {
    const [option, given] = SECRET_OPTION.exec(arg) ?? [];
    const secret = option === undefined ? undefined : (given ?? args[at + 1]);
    // Of a list of accounts, NUMBER:KEY:SECRET, each part too.
    const parts = arg.startsWith('--accounts')
      ? (secret ?? '').split(/[,:]/).filter((part) => part !== '')
      : [];
    return [...passwordsOf(arg), ...(secret === undefined ? [] : [secret]), ...parts];
  });
}

/**
 * Raw and percent-decoded passwords, one per address of a list. A malformed address may hold a password, too.
 */
function passwordsOf(text: string): string[] {
  if (!text.includes('://')) return [];
  const written = [text, ...text.split(',')].flatMap((address) =>
    PASSWORDS.flatMap((pattern) => pattern.exec(address)?.[1] ?? []),
  );
  return [...new Set(written.flatMap((password) => [password, decoded(password)]))].filter(
    (password) => password !== '',
  );
}

function decoded(password: string): string {
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}
