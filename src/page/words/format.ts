/** Numbers and times as the page shows them: of one kind, always with as many digits. */

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const cents = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export const int = (value: number): string => whole.format(value);

/** Micro-USD as whole dollars, a true minus sign before what is below zero. */
export function dollars(micros: number): string {
  return whole.format(micros / 1e6).replace('-', '−');
}

/** A decimal text in dollars, with cents; a dash for none. */
export function pnl(text: string | null): string {
  return text === null ? '–' : cents.format(Number(text)).replace('-', '−');
}

/** Dollars with a sign, for a narrow place: with cents below 100, whole from there on. */
export function signed(value: number): string {
  const magnitude = Math.abs(value);
  return `${value < 0 ? '−' : '+'}${(magnitude < 99.995 ? cents : whole).format(magnitude)}`;
}

/** A price as the ledger has it, with a comma between thousands. */
export function price(text: string | null): string {
  if (text === null) return '–';
  const [units = '', fraction] = text.split('.');
  return fraction === undefined ? whole.format(Number(units)) : `${whole.format(Number(units))}.${fraction}`;
}

/** A share as a percentage with two digits. */
export function percent(share: number | null, digits = 2): string {
  return share === null ? '–' : `${(share * 100).toFixed(digits)}%`;
}

/** `0.6 s`, `42 s`, `12 min`, `3 h 05 min`, `2 d` */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d`;
}

/** `85 ms`, `1.2 s`, `42 s`, …: of something that should be short. */
export const latency = (ms: number): string => (ms < 1_000 ? `${Math.round(ms)} ms` : duration(ms));

/** `3:03`, `1:02:07`: what is left of a cooldown. */
export function countdown(ms: number): string {
  const seconds = Math.ceil(Math.max(0, ms) / 1_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** `08:20:14`, UTC. */
export const clockTime = (ms: number): string => new Date(ms).toISOString().slice(11, 19);

/** `Mon 14:30Z`, or with its date where that is more than six days away. */
export function weekTime(ms: number, nowMs: number): string {
  const at = new Date(ms);
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][at.getUTCDay()];
  const date = Math.abs(ms - nowMs) > 6 * 86_400_000 ? at.toISOString().slice(0, 10) : day;
  return `${date} ${at.toISOString().slice(11, 16)}Z`;
}

/** `1 order`, `2 orders` */
export function counted(count: number, noun: string): string {
  const plural = /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${int(count)} ${count === 1 ? noun : plural}`;
}
