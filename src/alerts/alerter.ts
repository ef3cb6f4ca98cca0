/**
 * Judges the account again and again, and tells what is not well. Any number of these may run: one tells.
 *
 * - Who tells is decided by a lock. What was told is in Redis, so that the next one doesn't tell it again.
 *   A process that dies between a delivery and its record is the only cause of a message twice; it then has
 *   the same id.
 * - While Redis does not answer, nobody can take over: whoever told last says so, and says when it is over.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Finding } from '../inspection/check/finding.ts';
import { answerOf } from '../ledger/answer.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { Backoff } from './backoff.ts';
import { type Seen, seenIn } from './condition.ts';
import { due, follow, type Incident, type Incidents, told } from './incident.ts';
import { readIncidents, writeIncidents } from './incident-store.ts';
import type { Lead } from './lead.ts';
import type { Webhook } from './webhook.ts';

export type AlerterParts = {
  ledger: Ledger;
  /** The findings about the account. */
  judge: () => Promise<Finding[]>;
  lead: Pick<Lead, 'take' | 'release'>;
  webhook: Pick<Webhook, 'send'>;
  /** Checks that are not told. */
  ignored: readonly string[];
  everyMs: number;
  /** How long a fault must last before it is told, and its end as well. */
  lastMs: number;
  log: Pick<Logger, 'debug' | 'info' | 'warn'>;
  /** Told after each delivery that succeeded or failed. */
  onMessage?: (outcome: 'delivered' | 'failed') => void;
};

/** `fault`: why the last message could not be delivered. */
export type AlerterState = { leads: boolean; firing: number; fault: string | undefined };

const NOTHING: Incidents = new Map();
const NOBODY_ELSE = 'start Redis, or see why this host does not reach it';

export class Alerter {
  readonly #parts: AlerterParts;
  readonly #backoff: Backoff;
  #leads = false;
  /** Of the account; only while it leads. */
  #incidents: Incidents = NOTHING;
  /** Of Redis, as this process sees it: not on record, for there is none then. */
  #outage: Incidents = NOTHING;
  #server = { atMs: Date.now(), readAt: performance.now() };
  #fault: string | undefined;

  constructor(parts: AlerterParts) {
    this.#parts = parts;
    this.#backoff = new Backoff(parts.everyMs);
  }

  get state(): AlerterState {
    const all = [...this.#incidents.values(), ...this.#outage.values()];
    const firing = all.filter(({ endedMs }) => endedMs === null).length;
    return { leads: this.#leads, firing, fault: this.#fault };
  }

  /** Until the signal aborts; then another one may lead. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { everyMs, lead, log } = this.#parts;
    while (!signal.aborted) {
      await this.#pass(signal).catch((err: unknown) =>
        log.warn({ err }, 'alert: the account could not be judged, trying again'),
      );
      await sleep(everyMs, undefined, { signal }).catch(() => {});
    }
    await lead.release();
  }

  async #pass(signal: AbortSignal): Promise<void> {
    const { ledger, lead, lastMs, ignored } = this.#parts;
    const silence = await this.#readServerTime();
    // Who does not lead says nothing of an outage that begins, but ends what it began to tell.
    if (silence === undefined || this.#leads || this.#outage.size > 0)
      this.#outage = follow(this.#outage, outageIn(silence), this.#nowMs, lastMs);
    this.#outage = await this.#tell(this.#outage, signal);
    if (silence !== undefined) return;
    if (!(await lead.take())) return await this.#follow();
    if (!this.#leads) {
      this.#parts.log.info('alert: this process tells');
      this.#incidents = await readIncidents(ledger);
      this.#leads = true;
      const isHeard = ([, { check }]: [string, Incident]) => !ignored.includes(check);
      await this.#keep(new Map([...this.#incidents].filter(isHeard)));
    }
    const seen = seenIn(await this.#parts.judge(), ignored);
    await this.#keep(follow(this.#incidents, seen, this.#nowMs, lastMs));
    await this.#tell(this.#incidents, signal, async (incidents) => {
      await this.#keep(incidents);
      return await lead.take();
    });
  }

  /** Somebody else leads. Where Redis does not answer nobody took over: this one leads still. */
  async #follow(): Promise<void> {
    if ((await this.#readServerTime()) !== undefined) return;
    this.#leads = false;
    this.#incidents = NOTHING;
  }

  async #keep(after: Incidents): Promise<void> {
    const before = this.#incidents;
    this.#incidents = after;
    await writeIncidents(this.#parts.ledger, before, after);
  }

  /** Delivers what is due. @param onTold after each message; false: no further one */
  async #tell(
    incidents: Incidents,
    signal: AbortSignal,
    onTold: (incidents: Incidents) => Promise<boolean> = async () => true,
  ): Promise<Incidents> {
    const { webhook, lastMs, log, onMessage = () => {} } = this.#parts;
    let after = incidents;
    for (const notice of due(incidents, this.#nowMs, lastMs)) {
      if (signal.aborted || this.#backoff.isWaiting) break;
      this.#fault = await webhook.send(notice, signal);
      onMessage(this.#fault === undefined ? 'delivered' : 'failed');
      if (this.#fault !== undefined) {
        this.#backoff.failed();
        log.warn(
          { id: notice.id, failures: this.#backoff.failures },
          `alert: a message was not delivered, trying again: ${this.#fault}`,
        );
        break;
      }
      this.#backoff.succeeded();
      const { check, words } = notice.incident;
      log.info({ id: notice.id }, `alert: ${notice.state}: ${check}: ${words}`);
      after = told(after, notice);
      if (!(await onTold(after))) break;
    }
    return after;
  }

  /** The clock of Redis: durations last over a change of the process that leads. */
  get #nowMs(): number {
    return Math.round(this.#server.atMs + performance.now() - this.#server.readAt);
  }

  /** Why Redis did not answer. */
  async #readServerTime(): Promise<string | undefined> {
    try {
      const [seconds, micros] = await answerOf('alerts', this.#parts.ledger.redis.time());
      const atMs = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
      this.#server = { atMs, readAt: performance.now() };
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }
}

function outageIn(silence: string | undefined): Seen {
  const redis = { key: 'redis', check: 'redis', cause: '', next: NOBODY_ELSE };
  return { bad: silence === undefined ? [] : [{ ...redis, words: silence }], sure: new Set(['redis']) };
}
