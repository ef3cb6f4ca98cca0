/**
 * The campaign's broker: the exchange as its own process, its faults, and orders placed by hand beside the
 * fleet.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { AlpacaBroker } from '../../../src/broker/alpaca/alpaca.ts';
import { unlimited } from '../../../src/broker/limiter.ts';
import { packageRoot } from '../../../src/package-root.ts';

const PROGRAM = join(packageRoot(), 'test/faults/campaign/exchange-process.ts');
const READY_MS = 60_000;
const ANSWER_MS = 5_000;
/** So long it may write its log, on a machine with much to do. */
const END_MS = 20_000;

const ready = z.object({ url: z.url() });
const quiet = { debug: () => {}, info: () => {}, warn: () => {} };

/**
 * An order that somebody placed by hand: what it adds to the exposure, and until when nobody can know of it.
 */
export type ByHand = { id: string; symbol: string; micros: number; fromMs: number; untilMs: number };

export type PaperBrokerOptions = {
  seed: number;
  logFile: string;
  /** Dollars. */
  equity: string;
  /** How long an answer of the account may be gone by. */
  judgeWindowMs: number;
  /** Of the runtime's. */
  nodeOptions: readonly string[];
};

export class PaperBroker {
  readonly url: string;
  readonly logFile: string;
  /** Trades by hand; asks what it likes. */
  readonly hand: AlpacaBroker;
  readonly byHand: ByHand[] = [];
  readonly cancelledByHand = new Set<string>();
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;

  private constructor(url: string, logFile: string, process: ChildProcess) {
    this.url = url;
    this.logFile = logFile;
    this.#process = process;
    this.#ended = new Promise((resolve) => void process.once('exit', () => resolve()));
    const urls = { tradingUrl: url, dataUrl: url, keyId: 'hand', secretKey: 'hand' };
    this.hand = new AlpacaBroker({ ...urls, limiter: unlimited, requestTimeoutMs: ANSWER_MS, log: quiet });
  }

  static async start(options: PaperBrokerOptions): Promise<PaperBroker> {
    const { seed, logFile, equity, judgeWindowMs, nodeOptions } = options;
    const args = [...nodeOptions, PROGRAM, String(seed), logFile, equity, String(judgeWindowMs)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const limit = setTimeout(
      () => reject(new Error(`the exchange was not ready within ${READY_MS} ms`)),
      READY_MS,
    );
    child.once('message', (message) => resolve(ready.parse(message).url));
    child.once('exit', (code) => reject(new Error(`the exchange ended with ${code}`)));
    const url = await promise.finally(() => clearTimeout(limit));
    return new PaperBroker(url, logFile, child);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Sets what is named and leaves the rest (src/exchange/faults.ts). */
  async faults(changes: Readonly<Record<string, unknown>>): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await fetch(`${this.url}/faults`, {
      method: 'POST',
      headers,
      body: JSON.stringify(changes),
      signal,
    });
    if (!answer.ok)
      throw new Error(`the exchange refused ${JSON.stringify(changes)}: ${await answer.text()}`);
  }

  /** Changes an order as the broker's app does. @returns whether the broker took it */
  async change(brokerId: string, to: Readonly<Record<string, string>>): Promise<boolean> {
    const headers = { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await fetch(`${this.url}/v2/orders/${brokerId}`, {
      method: 'PATCH',
      headers,
      body: JSON.stringify(to),
      signal,
    });
    return answer.ok;
  }

  /** Its log is whole when this resolves. */
  async close(): Promise<void> {
    // It is closed twice; a process that had to be killed has no exit code.
    if (this.#process.connected) this.#process.disconnect();
    const force = setTimeout(() => this.#process.kill('SIGKILL'), END_MS);
    await this.#ended;
    clearTimeout(force);
  }
}
