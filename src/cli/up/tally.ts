/** Adds up the roles' reports and the ledger's events, for the live view and the summary. */
import type { LedgerEvent } from '../../ledger/events.ts';
import type { Report } from './processes.ts';

/** How many samples to keep per latency; the oldest are dropped. */
const SAMPLES = 20_000;

export type Latencies = { p50: number; p99: number };

export class Tally {
  admitted = 0;
  readonly refused: Record<string, number> = {};
  readonly steals = { stolen: 0, granted: 0, failed: 0 };
  /** The newest steals, as sentences, newest last. */
  readonly recent: string[] = [];
  readonly #samples: Record<'admit' | 'blockedToGranted', number[]> = { admit: [], blockedToGranted: [] };

  /** Adds a watcher's `stats`: its counts since its previous report. */
  report(message: Report): void {
    if (message.type !== 'stats') return;
    this.admitted += numberIn(message, 'admitted');
    for (const [reason, count] of Object.entries((message['refused'] ?? {}) as Record<string, unknown>)) {
      this.refused[reason] = (this.refused[reason] ?? 0) + Number(count);
    }
    const latencies = (message['latencyMs'] ?? {}) as Record<string, unknown>;
    for (const kind of ['admit', 'blockedToGranted'] as const) {
      const samples = this.#samples[kind];
      if (Array.isArray(latencies[kind])) samples.push(...latencies[kind].map(Number));
      if (samples.length > SAMPLES) samples.splice(0, samples.length - SAMPLES);
    }
  }

  event({ type, fields }: LedgerEvent): void {
    if (type === 'stolen') {
      this.steals.stolen += 1;
      const victims = (fields['victims'] ?? '').split(';').map((victim) => victim.split(' ')[1]);
      this.recent.push(`${fields['symbol']} takes the room of ${victims.join(', ')}`);
      if (this.recent.length > 50) this.recent.shift();
    }
    if (type === 'granted') this.steals.granted += 1;
    if (type === 'steal_failed') this.steals.failed += 1;
  }

  latencyMs(): Record<'admit' | 'blockedToGranted', Latencies> {
    return {
      admit: percentiles(this.#samples.admit),
      blockedToGranted: percentiles(this.#samples.blockedToGranted),
    };
  }
}

function numberIn(message: Report, name: string): number {
  const value = Number(message[name] ?? 0);
  return Number.isFinite(value) ? value : 0;
}

/** ms with three decimals; 0 without samples. */
function percentiles(samples: readonly number[]): Latencies {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) * 1000) / 1000;
  return { p50: at(0.5), p99: at(0.99) };
}
