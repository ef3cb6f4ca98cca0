/** The token file, what is valid of it, sessions, and the names of the server. */
import { mkdtempSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tokenCommand } from '../../../src/cli/token.ts';
import { isLoopback, Origins } from '../../../src/http/origins.ts';
import { Sessions } from '../../../src/http/sessions.ts';
import { makeToken, readTokenFile, recordOf, type TokenRecord } from '../../../src/http/token-file.ts';
import { Tokens } from '../../../src/http/tokens.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'worksteal-tokens-'));
  file = join(folder, 'tokens.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `worksteal token ...`; what it prints. */
async function run(...words: string[]): Promise<string> {
  let printed = '';
  const command = tokenCommand({ WORKSTEAL_API_TOKENS: file }).exitOverride();
  const output = { writeOut: (text: string) => (printed += text), writeErr: () => {} };
  for (const one of [command, ...command.commands]) one.exitOverride().configureOutput(output);
  await command.parseAsync(words, { from: 'user' });
  return printed;
}

const record = (name: string, more: Partial<TokenRecord> = {}): TokenRecord => ({
  ...recordOf(makeToken(), { name, scope: 'read', accounts: [] }, 0),
  ...more,
});

describe('worksteal token', () => {
  it('makes a token and prints it once; the file has its hash alone, for its owner alone', async () => {
    const token = (await run('new', 'bot', '--scope', 'trade', '--account', 'main', 'second')).trim();
    expect(token).toMatch(/^ws_[\w-]{43}$/);
    expect(readFileSync(file, 'utf8')).not.toContain(token.slice(3));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readTokenFile(file)).toMatchObject([
      { name: 'bot', scope: 'trade', accounts: ['main', 'second'] },
    ]);
    const tokens = new Tokens();
    tokens.set(readTokenFile(file));
    expect(tokens.find(token)).toMatchObject({ name: 'bot' });
    expect(tokens.find(`${token}x`)).toBeUndefined();
  });

  it('lists tokens, and takes one back', async () => {
    await run('new', 'one', '--scope', 'read');
    await run('new', 'two', '--scope', 'admin', '--account', 'main');
    const lines = (await run('list')).trimEnd().split('\n');
    expect(lines.map((line) => line.split(/ +/).slice(0, 3))).toEqual([
      ['NAME', 'SCOPE', 'ACCOUNTS'],
      ['one', 'read', '(all)'],
      ['two', 'admin', 'main'],
    ]);
    expect(await run('revoke', 'one')).toBe('one: revoked\n');
    expect(readTokenFile(file).map(({ name }) => name)).toEqual(['two']);
  });

  it.each([
    ['a name that is there', ['new', 'bot', '--scope', 'read'], /already/],
    ['a name with a blank', ['new', 'a b', '--scope', 'read'], /name: "a b" must be 1 to 48 of/],
    ['an account that is none', ['new', 'x', '--scope', 'read', '--account', '{x}'], /accounts\.0/],
    ['a token that is not there', ['revoke', 'nobody'], /there is no token nobody/],
  ])('refuses %s, and leaves the file as it was', async (_what, words, message) => {
    await run('new', 'bot', '--scope', 'read');
    const before = readFileSync(file, 'utf8');
    await expect(run(...words)).rejects.toThrow(message);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('does not change the file while another process does', async () => {
    writeFileSync(`${file}.new`, '');
    await expect(run('new', 'bot', '--scope', 'read')).rejects.toThrow(
      /another process changes the token file/,
    );
  });
});

it.each([
  ['no JSON', '{', 'is not JSON'],
  ['other fields', '{"tokens":[],"more":1}', 'more: not known'],
  ['a token twice', JSON.stringify({ tokens: [record('a'), record('a')] }), 'has two tokens or keys named a'],
  ['a hash that is none', JSON.stringify({ tokens: [record('a', { sha256: 'x' })] }), 'tokens.0.sha256'],
])('a file with %s is refused in words', (_what, text, words) => {
  writeFileSync(file, text);
  expect(() => readTokenFile(file)).toThrow(words);
});

describe('Valid tokens', () => {
  it('end when they are taken back or get other rights, and only then', () => {
    const tokens = new Tokens();
    const [texts, records]: [string[], TokenRecord[]] = [[], []];
    for (const name of ['stays', 'goes', 'changes']) {
      texts.push(makeToken());
      records.push(recordOf(texts.at(-1) ?? '', { name, scope: 'trade', accounts: [] }, 0));
    }
    tokens.set(records);
    const [stays, goes, changes] = texts.map((text) => tokens.find(text));
    tokens.set([records[0] as TokenRecord, { ...(records[2] as TokenRecord), scope: 'read' }]);
    expect([stays, goes, changes].map((token) => token?.revoked.aborted)).toEqual([false, true, true]);
    expect(texts.map((text) => tokens.find(text)?.scope)).toEqual(['trade', undefined, 'read']);
  });

  it('follow the file; without one none is valid, with a broken one those of before', async () => {
    const text = makeToken();
    const write = (tokens: TokenRecord[]) => writeFileSync(file, JSON.stringify({ tokens }));
    const rights = recordOf(text, { name: 'a', scope: 'read', accounts: [] }, 0);
    const told: string[] = [];
    const log = { info: () => {}, error: (_facts: unknown, words?: string) => void told.push(words ?? '') };
    const end = new AbortController();
    const tokens = new Tokens();
    write([]);
    await tokens.follow(file, end.signal, log);
    const isValid = () => tokens.find(text) !== undefined;
    expect(isValid()).toBe(false);
    write([rights]);
    await expect.poll(isValid, { timeout: 60_000 }).toBe(true);
    writeFileSync(file, 'broken');
    await expect.poll(() => tokens.verdict().well, { timeout: 60_000 }).toBe(false);
    expect(isValid()).toBe(true);
    expect(told).toEqual(['api: the token file cannot be read; the tokens of before are still valid']);
    unlinkSync(file);
    await expect.poll(isValid, { timeout: 60_000 }).toBe(false);
    expect(tokens.verdict()).toEqual({ well: true, words: '0 valid' });
    end.abort();
  });
});

describe('Sessions', () => {
  it('last for 12 hours, and the oldest ends where there are too many', () => {
    let nowMs = 0;
    const sessions = new Sessions(() => nowMs);
    const tokens = new Tokens();
    const text = makeToken();
    tokens.set([recordOf(text, { name: 'a', scope: 'read', accounts: [] }, 0)]);
    const token = tokens.find(text);
    if (token === undefined) throw new Error('the token is not valid');
    const first = sessions.begin(token).id;
    nowMs = 12 * 3_600_000 - 1;
    const seen = sessions.find(first);
    expect(seen).toMatchObject({ name: 'a' });
    nowMs += 1;
    expect(sessions.find(first)).toBeUndefined();
    expect(seen?.revoked.aborted).toBe(true);
    const many = Array.from({ length: 1_001 }, () => sessions.begin(token).id);
    expect(many.filter((id) => sessions.find(id) === undefined)).toEqual([many[0]]);
    tokens.set([]);
    expect(many.filter((id) => sessions.find(id) !== undefined)).toEqual([]);
  });
});

describe('The names of the server', () => {
  const origins = new Origins('127.0.0.1', ['https://trade.example.com', 'http://serve:4180']);
  it.each(['127.0.0.1:4180', 'localhost:4180', '[::1]:4180', '10.0.0.7', 'trade.example.com', 'serve:4180'])(
    'include %s',
    (host) => expect(() => origins.requireHost(host)).not.toThrow(),
  );
  it.each([undefined, '', 'evil.example', '127.0.0.1.evil.example', 'localhost.evil.example', 'a b'])(
    'do not include %s',
    (host) => expect(() => origins.requireHost(host)).toThrow(/does not go by that name/),
  );
  it.each(['http://10.0.0.7:4180', 'https://trade.example.com'])('a page of %s may write', (origin) =>
    expect(() => origins.requireOrigin(origin, '10.0.0.7:4180', true)).not.toThrow(),
  );
  it.each([undefined, 'null', 'http://10.0.0.7:8080', 'https://trade.example.com.evil.example'])(
    'a page of %s may not write with a cookie',
    (origin) => expect(() => origins.requireOrigin(origin, '10.0.0.7:4180', true)).toThrow(/Origin/),
  );
  it('loopback is what only this machine reaches', () => {
    expect(['127.0.0.1', '127.8.8.8', 'localhost', '::1'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.7', 'example.com', '127.evil.example'].some(isLoopback)).toBe(false);
  });
});
