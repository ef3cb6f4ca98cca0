/**
 * A process's heartbeat: publishes in the ledger that it is alive, and the fingerprint of its settings. It
 * warns when the account's settings differ. Such a host does not steal (lua/steal.lua). If its pools differ,
 * it enters nothing either (lua/admit.lua).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type HostAnswer, noteHost, type Watching } from '../ledger/commands/hosts.ts';
import type { Ledger } from '../ledger/ledger.ts';

const EVERY_MS = 5_000;

export type HeartbeatOptions = {
  ledger: Ledger;
  host: string;
  role: string;
  /** Of this host's settings. */
  fingerprint: string;
  /** Why this process has stood down; '' while it has not. */
  trouble?: () => string;
  log: Pick<Logger, 'info' | 'warn' | 'debug'>;
  /** Takes the place of the log where a person reads that the settings differ: both fingerprints. */
  onDiffer?: ((host: string, account: string) => void) | undefined;
};

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  /** The account's fingerprint that was warned about; '' while the settings agree. */
  #other = '';

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /**
   * Sends one heartbeat.
   * @returns undefined if the account is not in the ledger
   * @throws WorkstealError `unavailable`
   */
  async beat(watching?: Watching): Promise<HostAnswer | undefined> {
    const { ledger, host, role, fingerprint, trouble = () => '' } = this.#options;
    const heard = await noteHost(ledger, {
      host,
      role,
      fingerprint,
      trouble: trouble(),
      ...(watching && { watching }),
    });
    if (heard) this.#compare(heard.fingerprint);
    return heard;
  }

  /**
   * Sends a heartbeat every 5 s until the signal aborts. Never throws: a missing heartbeat shows the failure.
   */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.beat().catch((err: unknown) =>
        this.#options.log.debug({ err }, 'the heartbeat of this host could not be sent'),
      );
      await sleep(EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  #compare(account: string): void {
    const { fingerprint: host, log, onDiffer } = this.#options;
    const other = account === host ? '' : account;
    if (other === this.#other) return;
    this.#other = other;
    const facts = { hostSettings: host, accountSettings: account };
    if (other === '') log.info(facts, `this host's settings are the account's again: it may steal`);
    else if (onDiffer !== undefined) onDiffer(host, account);
    else
      log.warn(
        facts,
        `this host's settings (${host}) are not the account's (${account}): ` +
          'it does not steal, and enters nothing where their pools differ; ' +
          'compare `worksteal config` here and at the active keeper, whose settings are in force',
      );
  }
}
