/** The packed package in an empty folder: its types, its weight, and README's bot, which it runs. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AlpacaBroker } from '../../src/broker/alpaca/alpaca.ts';
import { unlimited } from '../../src/broker/limiter.ts';
import { type RunningExchange, startExchange } from '../../src/exchange/server.ts';
import { packageRoot } from '../../src/package-root.ts';
import { ManualMarket } from '../../src/prices/manual.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { type Coordination, coordinateWith } from '../support/coordination.ts';
import { useLedgers } from '../support/fixtures.ts';
import { TEST_RULES } from '../support/ledger.ts';
import { type Packed, packAndInstall } from '../support/packed.ts';

const ledgers = useLedgers();
const BIN = join(packageRoot(), 'node_modules', '.bin');
const MODULES = ['library', 'broker/conformance'];
/** A machine with much to do takes long to start npm and a compiler. */
vi.setConfig({ testTimeout: 120_000 });
const DEFAULTS = { strict: true, noEmit: true, skipLibCheck: false, target: 'es2024' };

let packed: Packed;

beforeAll(() => {
  packed = packAndInstall();
}, 180_000);
afterAll(() => packed.remove());

type Ran = { code: number; output: string };

async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const options = { cwd: packed.folder, env: { ...CHILD_ENV, ...env }, timeout: 100_000 };
  return await promisify(execFile)(program, args, options).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      output: error.stdout + error.stderr,
    }),
  );
}

const tool = (name: string, ...args: string[]) => run(process.execPath, [join(BIN, name), ...args]);

/** The blocks of TypeScript on a page. */
function snippets(page: string): string[] {
  const text = readFileSync(join(packageRoot(), page), 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, block = '']) => block);
}

/** The declarations that a module reaches, and the packages that they import. */
function declarations(module: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const read = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    const text = readFileSync(file, 'utf8').replaceAll(/\/\*.*?\*\//gs, '');
    for (const [, one, other] of text.matchAll(/\bfrom '([^']+)'|\bimport\('([^']+)'\)/g)) {
      const path = one ?? other ?? '';
      if (path.startsWith('.')) read(join(dirname(file), path.replace(/\.[jt]s$/, '.d.ts')));
      else packages.add(path);
    }
    for (const [, name = ''] of text.matchAll(/\/\/\/ <reference types="([^"]+)"/g)) packages.add(name);
  };
  read(join(packed.folder, 'node_modules/worksteal/dist/src', module, 'index.d.ts'));
  return { files, packages };
}

describe('what is installed', () => {
  it('has no Node, no compiler, and nothing but what the package depends on', () => {
    const names = packed.packages.map((path) => path.replace(/^.*node_modules\//, ''));
    expect(names).toContain('ioredis');
    expect(
      names.filter((name) => /^(node-(linux|darwin|win|bin)|typescript|vitest|@types)/.test(name)),
    ).toEqual([]);
  });

  it('has well-formed exports', async () => {
    expect(await tool('publint', 'node_modules/worksteal', '--strict')).toMatchObject({
      code: 0,
      output: expect.stringContaining('All good'),
    });
  });

  it('has types for each way of resolution that has modules', async () => {
    const checked = await tool('attw', packed.tarball, '--profile', 'esm-only', '--format', 'json');
    expect(checked.code, checked.output).toBe(0);
  });
});

describe('the types', () => {
  it('reach only the vocabulary, the port and the contract of JSON, and of packages zod alone', () => {
    for (const module of MODULES) {
      const { files, packages } = declarations(module);
      expect([...packages].filter((name) => name !== 'zod')).toEqual([]);
      const root = join(packed.folder, 'node_modules/worksteal/dist/src');
      const folders = new Set([...files].map((file) => relative(root, dirname(file))));
      const allowed = /^(library|broker|broker\/conformance|domain|rules|json|coordinator|ledger)$/;
      expect([...folders].filter((folder) => !allowed.test(folder))).toEqual([]);
      expect(builtinModules.filter((name) => packages.has(name) || packages.has(`node:${name}`))).toEqual([]);
    }
  });

  it.each<[string, { types: string[]; [option: string]: unknown }]>([
    ['nodenext, without the types of Node', { module: 'nodenext', types: [] }],
    [
      'a bundler, with them',
      { module: 'esnext', moduleResolution: 'bundler', lib: ['es2024'], types: ['node'] },
    ],
  ])('serve %s', async (_, compilerOptions) => {
    const config = { compilerOptions: { ...DEFAULTS, ...compilerOptions }, files: ['bot.ts', 'suite.ts'] };
    writeFileSync(join(packed.folder, 'tsconfig.json'), JSON.stringify(config));
    const needsNode = compilerOptions.types.includes('node');
    const types = join(packed.folder, 'node_modules/@types');
    if (needsNode && !existsSync(types)) symlinkSync(join(packageRoot(), 'node_modules/@types'), types);
    writeFileSync(join(packed.folder, 'bot.ts'), snippets('README.md')[0] ?? '');
    const suite = snippets('docs/bots.md').find((text) => text.includes('broker-conformance')) ?? '';
    const stage = `import type { BrokerStage } from 'worksteal/broker-conformance';
      declare function makeStage(): Promise<BrokerStage>;\n`;
    writeFileSync(
      join(packed.folder, 'suite.ts'),
      needsNode
        ? stage + suite
        : "import { conformanceCases } from 'worksteal/broker-conformance';\nconformanceCases;",
    );
    const { code, output } = await tool('tsc', '-p', '.');
    expect(output.slice(0, 2_000)).toBe('');
    expect(code).toBe(0);
  });
});

describe("README's bot", () => {
  let exchange: RunningExchange;
  let fleet: Coordination<AlpacaBroker>;

  beforeAll(async () => {
    const market = new ManualMarket(['IBM']);
    const settings = { port: 0, equity: '1000', leverage: '1', rateLimit: 0, cancelDelay: 20, tick: 5 };
    exchange = await startExchange(settings, { market });
    market.set('IBM', '200');
    exchange.advance();
    const urls = { tradingUrl: exchange.url, dataUrl: exchange.url, keyId: 'k', secretKey: 's' };
    const log = { debug: () => {}, info: () => {}, warn: () => {} };
    const broker = new AlpacaBroker({ ...urls, limiter: unlimited, requestTimeoutMs: 2_000, log });
    fleet = await coordinateWith(ledgers.url, await ledgers.account(), broker);
  });
  afterAll(async () => {
    await fleet.close();
    await exchange.close();
  });

  it('enters, places and cancels an order, and ends', async () => {
    const [bot = ''] = snippets('README.md');
    expect(bot.trim().split('\n').length).toBeLessThanOrEqual(20);
    writeFileSync(join(packed.folder, 'first.ts'), bot);
    const { name } = fleet.account;
    const ran = await run(process.execPath, ['first.ts'], {
      ...TEST_RULES,
      ...{ REDIS_URL: ledgers.url, WORKSTEAL_ACCOUNT: name },
      ...{ APCA_API_BASE_URL: exchange.url, APCA_API_DATA_URL: exchange.url },
      ...{ APCA_API_KEY_ID: 'k', APCA_API_SECRET_KEY: 's' },
    });
    expect(ran.code, ran.output).toBe(0);
    const id = /first-\d+/.exec(ran.output)?.[0];
    expect(ran.output.trim().split('\n')).toEqual([
      "placed: { outcome: 'working' }",
      'cancel: cancelling',
      `IBM ${id} fits: its room is reserved`,
      `IBM ${id} works at the broker`,
      `IBM ${id} is being cancelled by first-bot: withdrawn`,
      `IBM ${id} ended cancelled (withdrawn)`,
    ]);
  });
});
