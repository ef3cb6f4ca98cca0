/** Was a bot's stream of events whole, and each event in it once? */
import { compareIds } from '../../src/mirror/stream-id.ts';
import type { SseFrame } from './sse-client.ts';

/**
 * In words; empty for a stream without a fault. Between two events that a bot got one after the other, and
 * that the ledger's stream still has, there must be none in that stream, unless `reset` was told.
 * @param all ids of the ledger's stream at the end, in their order
 */
export function streamFaults(bot: string, frames: readonly SseFrame[], all: readonly string[]): string[] {
  const place = new Map(all.map((id, at) => [id, at]));
  const faults: string[] = [];
  let last: string | undefined;
  for (const { id, event } of frames) {
    if (id === undefined || event === 'hello') {
      // Where it begins; later it says where the bot is.
      if (id !== undefined) last ??= id;
      continue;
    }
    if (event === 'reset') {
      last = id;
      continue;
    }
    if (last !== undefined && compareIds(id, last) <= 0) faults.push(`${bot}: ${id} after ${last}`);
    const [from, to] = [place.get(last ?? ''), place.get(id)];
    if (from !== undefined && to !== undefined && to > from + 1)
      faults.push(`${bot}: ${to - from - 1} events missing between ${last} and ${id}`);
    last = id;
  }
  const [reached, end] = [place.get(last ?? ''), all.length - 1];
  if (reached !== undefined && reached < end) faults.push(`${bot}: the last ${end - reached} events missing`);
  return faults;
}
