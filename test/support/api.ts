/** The API in one process, on test accounts, with a token of each scope. */
import { pino } from 'pino';
import type { Broker } from '../../src/broker/port.ts';
import { type AccountDoor, openDoor } from '../../src/http/account-door.ts';
import { type ApiOptions, type ApiServer, startApi } from '../../src/http/server.ts';
import { makeToken, recordOf, SCOPES, type Scope, type TokenRecord } from '../../src/http/token-file.ts';
import { Tokens } from '../../src/http/tokens.ts';
import type { Metrics } from '../../src/ops/metrics/metrics.ts';
import { type Env, readSettings } from '../../src/rules/settings.ts';
import { InstantBroker } from './instant-broker.ts';
import { LEASE_MS, TEST_RULES, type TestAccount } from './ledger.ts';
import type { Heard, OpenApi } from './openapi.ts';

export type Answer = { status: number; body: Record<string, unknown>; headers: Headers; text: string };

export type TestApi = {
  url: string;
  server: ApiServer;
  tokens: Tokens;
  doors: readonly AccountDoor[];
  /** The text of a token of each scope, which reaches every account. */
  token: Readonly<Record<Scope, string>>;
  /** Makes a further token, valid at once. */
  makeToken(name: string, scope: Scope, accounts?: string[]): string;
  revoke(name: string): void;
  /** What the server says of itself. */
  document: OpenApi;
  /** Every answer so far. */
  heard: Heard[];
  /** A request; `path` below the first account where it does not begin with a slash. */
  ask(method: string, path: string, options?: AskOptions): Promise<Answer>;
  close(): Promise<void>;
};

export type AskOptions = {
  /** The text of a token, or a scope; '' for none. Default: admin. */
  as?: Scope | string;
  body?: unknown;
  headers?: Record<string, string>;
};

export type TestApiOptions = Partial<Omit<ApiOptions, 'doors' | 'tokens' | 'metrics'>> & {
  /** Settings of the host, on top of those of a test account. */
  env?: Env;
  broker?: Broker;
  metrics?: Metrics;
  leaseMs?: number;
};

/** Serves the accounts on a free port. The accounts stay their owner's. */
export async function startTestApi(
  redisUrl: string,
  accounts: readonly [TestAccount, ...TestAccount[]],
  { broker = new InstantBroker(), metrics, leaseMs = LEASE_MS, env = {}, ...options }: TestApiOptions = {},
): Promise<TestApi> {
  const log = pino({ level: 'silent' });
  const { settings: rules } = readSettings({ ...TEST_RULES, ...env });
  const doors = accounts.map(({ ledger }) =>
    openDoor({
      ...{ ledger, redisUrl, broker, rules, leaseMs, requestTimeoutMs: 1_000, log },
      ...(metrics && { metrics }),
    }),
  );
  const tokens = new Tokens();
  let records: TokenRecord[] = [];
  const make = (name: string, scope: Scope, of: string[] = []): string => {
    const text = makeToken();
    records = [...records, recordOf(text, { name, scope, accounts: of }, 0)];
    tokens.set(records);
    return text;
  };
  const token = Object.fromEntries(SCOPES.map((scope) => [scope, make(scope, scope)])) as Record<
    Scope,
    string
  >;
  const usual = { log, host: '127.0.0.1', port: 0, checks: () => [], requestsPerSecond: 10_000 };
  const http = metrics && { metrics: metrics.http };
  const server = await startApi({ ...usual, ...options, ...http, doors, tokens });
  const document = server.app.swagger() as unknown as OpenApi;
  const heard: Heard[] = [];
  return {
    url: server.url,
    server,
    tokens,
    doors,
    token,
    document,
    heard,
    makeToken: make,
    revoke(name) {
      records = records.filter((one) => one.name !== name);
      tokens.set(records);
    },
    async ask(method, path, { as = 'admin', body, headers = {} } = {}) {
      const text = as in token ? token[as as Scope] : as;
      const whole = path.startsWith('/') ? path : `/v1/accounts/${accounts[0].name}/${path}`;
      const answer = await fetch(`${server.url}${whole}`, {
        method,
        headers: {
          ...(text !== '' && { authorization: `Bearer ${text}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const isStream = /event-stream/.test(answer.headers.get('content-type') ?? '');
      const said = isStream ? await firstFrame(answer) : await answer.text();
      const [type = ''] = (answer.headers.get('content-type') ?? '').split(';');
      const json = /json/.test(type) ? (JSON.parse(said) as Record<string, unknown>) : {};
      const { status } = answer;
      heard.push({
        method,
        path: whole,
        status,
        type,
        body: isStream ? said : said === '' ? undefined : json,
      });
      return {
        status,
        headers: answer.headers,
        text: said,
        body: json,
      };
    },
    async close() {
      await server.close();
      for (const door of doors) await door.close();
    },
  };
}

/** A stream has no end: its text up to the first frame, and it is given up. */
async function firstFrame({ body }: Response): Promise<string> {
  let said = '';
  for await (const text of (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
    said += text;
    if (/^data: .*$/m.test(said) && said.endsWith('\n\n')) break;
  }
  return said;
}
