/** Roles as the program that users have (dist/cli), against a paper exchange whose prices a measure sets. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assert } from '../src/domain/errors.ts';
import { startExchange } from '../src/exchange/server.ts';
import { packageRoot } from '../src/package-root.ts';
import { ManualMarket } from '../src/prices/manual.ts';

/** A role that does not end within this time is killed. */
const GRACE_MS = 15_000;
const MAX_OUTPUT = 20_000;
const POLL_MS = 5;

export type Paper = {
  url: string;
  price: (symbol: string, price: string) => void;
  close: () => Promise<void>;
};

/** A paper exchange in this process, with these symbols, that answers at once and as often as it is asked. */
export async function startPaper(symbols: readonly string[], equity: string): Promise<Paper> {
  const market = new ManualMarket(symbols);
  const options = { port: 0, equity, leverage: '1', rateLimit: 0, partialRate: 0, cancelDelay: 5 };
  const exchange = await startExchange(options, { market });
  return {
    url: exchange.url,
    price(symbol, price) {
      market.set(symbol, price);
      exchange.advance();
    },
    close: () => exchange.close(),
  };
}

/** The settings of all roles of an account. */
export function roleEnv(redisUrl: string, account: string, paperUrl: string): Record<string, string> {
  return {
    REDIS_URL: redisUrl,
    WORKSTEAL_ACCOUNT: account,
    APCA_API_BASE_URL: paperUrl,
    APCA_API_DATA_URL: paperUrl,
    APCA_API_KEY_ID: 'k',
    APCA_API_SECRET_KEY: 's',
    WORKSTEAL_REQUESTS_PER_MINUTE: '100000',
    WORKSTEAL_DATA_REQUESTS_PER_MINUTE: '0',
    WORKSTEAL_LOG_LEVEL: 'warn',
    WORK_STEALING_LEVERAGE: '1',
  };
}

export type Program = {
  /** @throws Error when it has ended, with what it wrote */
  check: () => void;
  close: () => Promise<void>;
};

/** Starts `worksteal ROLE`; it does not wait until the role is ready. */
export function startProgram(role: string, host: string, env: Readonly<Record<string, string>>): Program {
  const main = join(packageRoot(), 'dist/cli/main.js');
  assert(existsSync(main), `${main} is not there; npm run prepare builds it`);
  const own = { PATH: process.env['PATH'], HOME: process.env['HOME'], WORKSTEAL_HOST: host };
  const child: ChildProcess = spawn(process.execPath, [main, role], {
    env: { ...own, ...env },
    // With a channel: it ends when this process does, however that ends.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.on('data', (data: Buffer) => {
    said = `${said}${data}`.slice(-MAX_OUTPUT);
  });
  const ended = once(child, 'exit');
  return {
    check() {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`${role} ended with ${child.exitCode ?? child.signalCode}: ${said}`);
    },
    async close() {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      await ended;
      clearTimeout(force);
    },
  };
}

/** Asks every few ms until it is so. @throws Error after `limitMs`, or when a program has ended */
export async function until(
  what: string,
  limitMs: number,
  programs: readonly Program[],
  so: () => Promise<boolean>,
): Promise<void> {
  const began = performance.now();
  while (!(await so())) {
    for (const program of programs) program.check();
    if (performance.now() - began > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await sleep(POLL_MS);
  }
}
