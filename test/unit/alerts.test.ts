/** When an alert is due, what its message says, and how a receiver knows that it is ours. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Backoff } from '../../src/alerts/backoff.ts';
import { seenIn } from '../../src/alerts/condition.ts';
import { due, follow, type Incidents, told } from '../../src/alerts/incident.ts';
import { bodyOf } from '../../src/alerts/message.ts';
import { signedHeaders } from '../../src/alerts/signature.ts';
import { bad, type Finding, unknown, well } from '../../src/inspection/check/finding.ts';

const LAST_MS = 10;
const OUTBOX = bad('outbox', '3 cancellations are on record', "see the workers' logs");
const NONE: Incidents = new Map();

/** Judged so at these times; `due` at the end, as `state key`. */
function judged(...at: [nowMs: number, finding: Finding][]) {
  let incidents = NONE;
  let nowMs = 0;
  for (const [ms, finding] of at) {
    nowMs = ms;
    incidents = follow(incidents, seenIn([finding]), nowMs, LAST_MS);
  }
  const notices = due(incidents, nowMs, LAST_MS);
  return { incidents, notices, says: notices.map(({ state, incident }) => `${state} ${incident.key}`) };
}

/** The message was delivered, and then it is judged so. */
function thenJudged(incidents: Incidents, nowMs: number, finding: Finding) {
  const [notice] = due(incidents, nowMs, LAST_MS);
  if (notice === undefined) throw new Error('nothing is due');
  const next = follow(told(incidents, notice), seenIn([finding]), nowMs, LAST_MS);
  return { incidents: next, says: (ms: number) => due(next, ms, LAST_MS).map(({ state }) => state) };
}

describe('a fault', () => {
  it('is told once it has lasted, under an id that stays the same', () => {
    expect(judged([0, OUTBOX], [9, OUTBOX]).says).toEqual([]);
    const { notices, says } = judged([0, OUTBOX], [10, OUTBOX], [11, { ...OUTBOX, words: '4 are' }]);
    expect(says).toEqual(['firing outbox']);
    expect(notices[0]).toMatchObject({ id: 'outbox-0-firing', incident: { words: '4 are', sinceMs: 0 } });
  });

  it('that is over before it lasted is not told', () => {
    expect(judged([0, OUTBOX], [9, well('outbox', 'empty')], [99, well('outbox', 'empty')]).says).toEqual([]);
  });

  it('is told once, and its end once it is over for as long', () => {
    const { incidents } = judged([0, OUTBOX], [10, OUTBOX]);
    expect(thenJudged(incidents, 10, OUTBOX).says(99)).toEqual([]);
    const ended = thenJudged(incidents, 10, well('outbox', 'empty'));
    expect([ended.says(19), ended.says(20)]).toEqual([[], ['resolved']]);
    expect([...thenJudged(ended.incidents, 20, well('outbox', 'empty')).incidents]).toEqual([]);
  });

  it('that comes back before its end was told goes on', () => {
    const { incidents } = judged([0, OUTBOX], [10, OUTBOX]);
    const ended = thenJudged(incidents, 10, well('outbox', 'empty')).incidents;
    const again = follow(ended, seenIn([OUTBOX]), 15, LAST_MS);
    expect(due(again, 99, LAST_MS)).toEqual([]);
    expect(again.get('outbox')).toMatchObject({ sinceMs: 0, endedMs: null, isTold: true });
  });

  it('that ended before it could be delivered is told by one message', () => {
    const ended = judged([0, OUTBOX], [12, well('outbox', 'empty')], [22, well('outbox', 'empty')]);
    expect(ended.notices).toMatchObject([{ state: 'resolved', incident: { sinceMs: 0, endedMs: 12 } }]);
  });

  it('lasts while it is not known whether it does', () => {
    const { incidents } = judged([0, OUTBOX], [10, OUTBOX]);
    expect(thenJudged(incidents, 10, unknown('outbox', 'no answer')).says(99)).toEqual([]);
    expect(judged([0, OUTBOX], [10, well('keeper', 'active')]).says).toEqual(['firing outbox']);
  });

  it('of one check with another cause is another fault', () => {
    const entries = (cause: string): Finding => ({ ...bad('entries', cause, ''), cause });
    expect(judged([0, entries('halted')], [10, entries('unsynced')], [20, entries('unsynced')]).says).toEqual(
      ['resolved entries.halted', 'firing entries.unsynced'],
    );
  });

  it('that nobody wants to hear of is none', () => {
    expect(seenIn([OUTBOX], ['outbox'])).toEqual({ bad: [], sure: new Set() });
  });
});

describe('a message', () => {
  const [notice] = judged([0, { ...OUTBOX, words: 'a < b & c' }], [10, OUTBOX]).notices;
  const teller = { account: 'main', host: 'h1' };

  it('has every fact as JSON', () => {
    if (notice === undefined) throw new Error('nothing is due');
    expect(JSON.parse(bodyOf('json', notice, teller))).toEqual({
      ...{ schema: 1, id: 'outbox-0-firing', state: 'firing', account: 'main', check: 'outbox', cause: '' },
      ...{ words: OUTBOX.words, next: OUTBOX.next, sinceMs: 0, endedMs: null, host: 'h1' },
    });
  });

  it('is a text for Slack, with its special characters escaped', () => {
    if (notice === undefined) throw new Error('nothing is due');
    const incident = { ...notice.incident, words: 'a < b & c' };
    expect(JSON.parse(bodyOf('slack', { ...notice, incident }, teller))).toEqual({
      text: "main: outbox: a &lt; b &amp; c\n&gt; see the workers' logs",
    });
    const over = { ...notice, state: 'resolved' as const, incident: { ...incident, endedMs: 4_000 } };
    expect(JSON.parse(bodyOf('slack', over, teller)).text).toMatch(/^main: outbox: well again, after 4 s\./);
    expect(JSON.parse(bodyOf('json', over, teller))).toMatchObject({
      words: 'well again, after 4 s. It was: a < b & c',
      ...{ state: 'resolved', next: '', sinceMs: 0, endedMs: 4_000 },
    });
  });

  it('is signed over its time and its body', () => {
    const headers = signedHeaders('a secret of sixteen', '{"a":1}', 1_700_000_000_999);
    const hmac = createHmac('sha256', 'a secret of sixteen').update('1700000000.{"a":1}').digest('hex');
    expect(headers).toEqual({
      'x-worksteal-timestamp': '1700000000',
      'x-worksteal-signature': `v1=${hmac}`,
    });
  });
});

it('a receiver that fails is tried again after twice as long each time, five minutes at most', () => {
  let nowMs = 0;
  const backoff = new Backoff(1_000, () => nowMs);
  const pauses = Array.from({ length: 11 }, () => {
    backoff.failed();
    const began = nowMs;
    while (backoff.isWaiting) nowMs += 500;
    return nowMs - began;
  });
  expect(pauses.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(pauses.at(-1)).toBe(300_000);
  backoff.succeeded();
  expect(backoff.isWaiting).toBe(false);
});
