/**
 * Sends malformed requests to a server until so many were refused. Each refusal is one of the server's own
 * form, and after it the ledger is the same to the byte.
 */
import type { Redis } from 'ioredis';
import { expect } from 'vitest';
import type { Chance } from './chance.ts';
import type { RawHttp } from './raw-http.ts';
import { type Request, spoilRequest } from './spoil-request.ts';
import { Tally } from './tally.ts';
import { changedKeys, digestOf } from './witness.ts';

/**
 * `right`: requests to spoil. `usual`: the header lines of the next one. `redis`: nobody else writes there.
 * `isRecord`: whether a key only keeps decisions. A refusal that writes such keys alone was decided by the
 * ledger, and is not counted: the request was well-formed.
 */
export type Attacked = {
  http: RawHttp;
  redis: Redis;
  right: readonly Request[];
  usual: () => string[];
  faultOf: (status: number, body: string) => string | undefined;
  isRecord?: (key: string) => boolean;
};

/**
 * `afterChange` is called after an answer that may have changed the ledger; what it returns goes on.
 */
export type Attack = {
  chance: Chance;
  /** How many of them are sent, at least. */
  refusals: number;
  afterChange?: (now: Attacked) => Promise<Attacked>;
};

/** The ledger is looked at after so many requests that only read. */
const LOOK_EVERY = 20;
const READING = new Set(['GET', 'HEAD']);

/** @returns how many were `refused`, `decided` and `answered` */
export async function refuseRequests(first: Attacked, attack: Attack): Promise<Tally> {
  const { chance, refusals, afterChange } = attack;
  const tally = new Tally();
  let now = first;
  let before = await digestOf(now.redis);
  let shown: string[] = [];
  /** Has a decision been recorded since the last look? Anything else that has changed fails. */
  const look = async (): Promise<boolean> => {
    if (shown.length === 0) return false;
    const after = await digestOf(now.redis);
    const others = changedKeys(before, after).filter((key) => now.isRecord?.(key) !== true);
    expect(others, shown.join('\n\n')).toEqual([]);
    shown = [];
    const isDecided = after !== before;
    before = after;
    return isDecided;
  };
  for (let i = 0; tally.of('refused') < refusals; i += 1) {
    const { http, right, usual, faultOf } = now;
    const request = spoilRequest(right[i % right.length] as Request, chance, usual());
    const onlyReads = READING.has(request.method);
    if (!onlyReads || shown.length >= LOOK_EVERY) await look();
    const show = (): string => request.bytes.subarray(0, 1_000).toString('latin1');
    const answer = await http.send(request.bytes, request.method === 'HEAD');
    if (answer === 'closed') expect.fail(`closed without an answer: ${show()}`);
    const { status, body } = answer;
    const wrong = request.method === 'HEAD' || status < 400 ? undefined : faultOf(status, body);
    if (wrong !== undefined || status >= 500)
      expect.fail(`${status} ${body.slice(0, 500)}: ${wrong ?? 'not the fault of who asked'}, to ${show()}`);
    if (status < 400 && !onlyReads) {
      now = (await afterChange?.(now)) ?? now;
      before = await digestOf(now.redis);
      tally.count('answered');
      continue;
    }
    shown.push(`${status} ${show()}`);
    const isDecided = !onlyReads && (await look());
    tally.count(isDecided ? 'decided' : status < 400 ? 'answered' : 'refused');
  }
  await look();
  return tally;
}
