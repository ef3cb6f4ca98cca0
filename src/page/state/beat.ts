/** Is what the page shows still so? And what time is it there? */
import { computed, signal } from '@preact/signals';
import { rules, status } from './book.ts';

/** Without a beat for so long, the page no longer claims to know. The server beats four times a second. */
export const STALE_MS = 3_000;

/** Of this browser: when the last beat came that was not stale itself; null: none yet. */
const beatAt = signal<number | null>(null);
/** The server's clock at that beat. */
const serverAtMs = signal(0);
/** Of this browser, four times a second. */
const nowAt = signal(performance.now());

/** For how long nothing was heard, ms; null: nothing yet. */
export const silentMs = computed(() =>
  beatAt.value === null ? null : Math.max(0, nowAt.value - beatAt.value),
);
export const isStale = computed(() => silentMs.value === null || silentMs.value > STALE_MS);
/** Whole seconds, which draws once a second. */
export const silentSeconds = computed(() => Math.floor((silentMs.value ?? 0) / 1_000));

/** Time since the last beat; it stops when the page is stale, as does everything that it shows. */
const sinceBeatMs = computed(() => Math.min(silentMs.value ?? 0, STALE_MS));
/** Health time, ms since 1970. */
export const serverNowMs = computed(() => serverAtMs.value + sinceBeatMs.value);
/** The time on which cooldowns and fights run. */
export const ledgerNowMs = computed(
  () => (status.value?.nowMs ?? 0) + sinceBeatMs.value * (rules.value?.speed ?? 1),
);

/** @param isOld the server itself has not read the book for a while */
export function noteBeat(atMs: number, isOld: boolean): void {
  if (isOld) return;
  beatAt.value = performance.now();
  nowAt.value = beatAt.value;
  serverAtMs.value = atMs;
}

export function forgetBeat(): void {
  beatAt.value = null;
}

setInterval(() => {
  nowAt.value = performance.now();
}, 250);
