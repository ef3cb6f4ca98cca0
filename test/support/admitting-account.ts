/**
 * An account that admits and releases one small order after another and records every answer, to detect
 * disturbances.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { dollarsToMicros } from '../../src/domain/money.ts';
import { admit } from '../../src/ledger/commands/admit.ts';
import { configure } from '../../src/ledger/commands/configure.ts';
import { release } from '../../src/ledger/commands/release.ts';
import { sync } from '../../src/ledger/commands/sync.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { anOrder } from './ledger.ts';

const LEASE_MS = 10_000;
const SYNC_MAX_AGE_MS = 600_000;
const EVERY_MS = 20;

export class AdmittingAccount {
  /** What each admission was answered, or the code of its error. */
  readonly answers: string[] = [];
  readonly #ledger: Ledger;
  #running: Promise<void> | undefined;
  #ending = false;

  private constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Reconciled once, for nobody keeps it. */
  static async open(url: string, account: string): Promise<AdmittingAccount> {
    const ledger = await openLedger(url, account);
    await configure(ledger, readSettings({ WORK_STEALING_LEVERAGE: '1' }).settings, SYNC_MAX_AGE_MS);
    await sync(ledger, dollarsToMicros('1000', 'down'), 1, []);
    return new AdmittingAccount(ledger);
  }

  get account(): string {
    return this.#ledger.account;
  }

  begin(): void {
    this.#running ??= this.#run();
  }

  async end(): Promise<void> {
    this.#ending = true;
    await this.#running;
  }

  /** All answers from the first that is this one on. */
  since(answer: string): Set<string> {
    const from = this.answers.indexOf(answer);
    return new Set(from < 0 ? [] : this.answers.slice(from));
  }

  async close(): Promise<void> {
    await this.end();
    await this.#ledger.close();
  }

  async #run(): Promise<void> {
    for (let number = 1; !this.#ending; number += 1) {
      const { wish } = anOrder(`order-${number}`);
      try {
        this.answers.push((await admit(this.#ledger, wish, LEASE_MS)).outcome);
        await release(this.#ledger, wish.id, 'test');
      } catch (error) {
        this.answers.push((error as { code?: string }).code ?? String(error));
      }
      await pause(EVERY_MS);
    }
  }
}
