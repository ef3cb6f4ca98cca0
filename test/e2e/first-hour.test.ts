/**
 * README's "First hour with paper keys", command by command, as a person types it in two terminals; and how
 * `worksteal up --alpaca` refuses, ends and what it leaves. A paper exchange stands for Alpaca.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JudgeReport } from '../../src/exchange/judge.ts';
import type { RunningExchange } from '../../src/exchange/server.ts';
import { startExchange } from '../../src/exchange/server.ts';
import { packageRoot } from '../../src/package-root.ts';
import { ManualMarket } from '../../src/prices/manual.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { descendantsOf } from '../support/process-table.ts';
import { PROGRAM } from '../support/program.ts';

/** Ten commands, each a process of its own. */
const LIMIT_MS = 180_000;
const PATIENCE = { timeout: 60_000, interval: 50 };
const KEYS = { APCA_API_KEY_ID: 'PKTEST', APCA_API_SECRET_KEY: 'secret-of-the-test' };

let folder: string;
let exchange: RunningExchange;
const pids: number[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'worksteal-first-'));
  mkdirSync(join(folder, 'bin'));
  const npx = join(folder, 'bin', 'npx');
  writeFileSync(npx, `#!/bin/sh\nshift\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
  chmodSync(npx, 0o755);
  const market = new ManualMarket(['AAPL', 'BTCUSD']);
  const settings = { port: 0, equity: '100000', rateLimit: 200, start: new Date().toISOString() };
  exchange = await startExchange(settings, { market });
  market.set('AAPL', '190');
  market.set('BTCUSD', '100000');
  exchange.advance();
});
afterEach(async () => {
  for (const pid of pids.splice(0)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended
    }
  }
  await exchange.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

type Ended = { code: number | null; output: string };
type Terminal = { child: ChildProcess; output: () => string; ended: Promise<Ended> };

/** Runs a line of a shell with the exchange in the place of Alpaca. */
function type(line: string, env: Record<string, string> = {}): Terminal {
  const child = spawn('bash', ['-c', line], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...CHILD_ENV,
      PATH: [join(folder, 'bin'), dirname(process.execPath), process.env['PATH']].join(':'),
      HOME: process.env['HOME'],
      TMPDIR: folder,
      ...{ APCA_API_BASE_URL: exchange.url, APCA_API_DATA_URL: exchange.url, ...KEYS },
      ...env,
    },
  });
  pids.push(child.pid ?? 0);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, output })));
  return { child, output: () => output, ended };
}

/** `up --alpaca` once it is ready, and what another terminal has to export. */
async function upAndReady(line = 'npx worksteal up --alpaca'): Promise<Terminal & Record<'other', object>> {
  const up = type(`exec ${line}`);
  await vi.waitFor(() => expect(up.output()).toMatch(/^Ctrl-C ends/m), PATIENCE);
  pids.push(...descendantsOf(up.child.pid ?? 0));
  const [, url = '', account = ''] =
    /^ {2}export REDIS_URL=(\S+) WORKSTEAL_ACCOUNT=(\S+)$/m.exec(up.output()) ?? [];
  return { ...up, other: { REDIS_URL: url, WORKSTEAL_ACCOUNT: account } };
}

/** The commands of README's section: of the first terminal and of the second. */
function section(): string[][] {
  const page = readFileSync(join(packageRoot(), 'README.md'), 'utf8');
  const [, text = ''] = page.split(/^## First hour with paper keys$/m);
  const blocks = [...(text.split(/^## /m)[0] ?? '').matchAll(/^```sh\n(.*?)^```/gms)];
  return blocks.map(([, block = '']) => block.split('\n').filter((line) => !/^(#|$)/.test(line)));
}

describe("README's first hour with paper keys", () => {
  it(
    'goes as it is printed',
    async () => {
      const [first = [], second = []] = section();
      expect(first).toEqual([
        expect.stringMatching(/^export APCA_API_KEY_ID=/),
        'npx worksteal doctor',
        'npx worksteal up --alpaca',
      ]);
      const doctor = await type('npx worksteal doctor').ended;
      expect(doctor.output).toMatch(/^keys +well/m);
      expect(doctor.output).not.toMatch(/not well/);
      expect(doctor.output).toMatch(/^redis +unknown .*REDIS_URL is not set$/m);
      expect(doctor.code).toBe(2);
      const up = await upAndReady();
      const answers: string[] = [];
      for (const line of second) {
        const { code, output } = await type(line, { ...up.other }).ended;
        expect({ line, code, output }).toEqual({ line, code: 0, output });
        answers.push(output);
      }
      const all = answers.join('\n');
      expect(all).toMatch(/1 new, 0 changed, 0 withdrawn/);
      expect(all).toMatch(/^first-AAPL-buy-\w+ .* waiting /m);
      expect(all).toMatch(/It waits for its price/);
      expect(answers.at(-1)).toMatch(/withdrawn/);
      up.child.kill('SIGINT');
      const { code, output } = await up.ended;
      expect(output).toMatch(/^stopped; no order works at the broker, and no position is open$/m);
      expect(output).not.toContain('secret-of-the-test');
      expect(code).toBe(0);
    },
    LIMIT_MS,
  );
});

describe('worksteal up --alpaca', () => {
  it(
    'ends on Ctrl-C, lists the order that works on at the broker, and leaves no process',
    async () => {
      const up = await upAndReady();
      const rows = 'symbol,side,limit,qty\\nBTC/USD,buy,99900,0.01\\n';
      await type(`printf '${rows}' | npx worksteal plan - --strategy near`, { ...up.other }).ended;
      const open = async (): Promise<number> => {
        const judged = (await (await fetch(`${exchange.url}/judge`)).json()) as JudgeReport;
        return judged.exposureMicros;
      };
      await vi.waitFor(async () => expect(await open()).toBeGreaterThan(0), PATIENCE);
      const started = descendantsOf(up.child.pid ?? 0);
      up.child.kill('SIGINT');
      const { code, output } = await up.ended;
      expect(output).toMatch(/still 1 working order \(\$999\.00\) and 0 positions: nobody watches them/);
      expect(output).toMatch(/^ {2}near-BTCUSD-buy\S+: buy 0.01 BTCUSD at 99900$/m);
      expect(output).toMatch(/^this Redis ends, too/m);
      expect(await open()).toBeGreaterThan(0);
      expect(code).toBe(0);
      await vi.waitFor(() => {
        for (const pid of started) expect(() => process.kill(pid, 0)).toThrow();
      }, PATIENCE);
    },
    LIMIT_MS,
  );

  it(
    'says how long it waits at its start for what an earlier ledger may have sent',
    async () => {
      const order = { symbol: 'BTC/USD', qty: '0.01', side: 'buy', type: 'limit', limit_price: '90000' };
      const placed = await fetch(`${exchange.url}/v2/orders`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'APCA-API-KEY-ID': KEYS.APCA_API_KEY_ID,
          'APCA-API-SECRET-KEY': KEYS.APCA_API_SECRET_KEY,
        },
        body: JSON.stringify({ ...order, time_in_force: 'gtc' }),
      });
      expect(placed.status).toBe(200);
      const settings = 'WORKSTEAL_LEASE_MS=3000 WORKSTEAL_REQUEST_TIMEOUT_MS=3000 WORKSTEAL_HOST=one';
      const up = await upAndReady(`env ${settings} npx worksteal up --alpaca`);
      expect(up.output()).toMatch(
        /^entries: none for 1[01] s more: an order sent before the ledger was lost/m,
      );
      const { output } = await type('npx worksteal status', { ...up.other }).ended;
      expect(output).toMatch(/^admits +yes$/m);
      expect(output.match(/^\S+ +(keep|work|watch) /gm)).toHaveLength(3);
      up.child.kill('SIGINT');
      expect((await up.ended).code).toBe(0);
    },
    LIMIT_MS,
  );

  const LIVE = { APCA_API_BASE_URL: 'https://api.alpaca.markets' };
  it.each<[string, Record<string, string>, string, RegExp]>([
    ['no keys', { APCA_API_KEY_ID: '' }, '', /APCA_API_KEY_ID: is missing; .*\n +make keys on/],
    ['an address for live trading', LIVE, '', /is for paper trading; APCA_API_BASE_URL: .* is for live/],
    ['a key for live trading', { APCA_API_KEY_ID: 'AKX' }, '', /is for paper trading; APCA_API_KEY_ID/],
    ['options of the demo', {}, '--speed 60 --seed 1', /--speed: is for the demo, not for --alpaca/],
  ])('refuses %s, and starts nothing', async (_, env, options, words) => {
    const { code, output } = await type(`npx worksteal up --alpaca ${options}`, env).ended;
    expect(output).toMatch(words);
    expect(output).not.toMatch(/redis:/);
    expect(code).toBe(2);
  });

  it('says that the broker does not answer, and starts nothing', async () => {
    const env = { APCA_API_BASE_URL: 'http://127.0.0.1:1' };
    const { code, output } = await type('npx worksteal up --alpaca', env).ended;
    expect(output).toMatch(/ECONNREFUSED[\s\S]*is APCA_API_BASE_URL right/);
    expect(output).not.toMatch(/redis:/);
    expect(code).toBe(4);
  });
});
