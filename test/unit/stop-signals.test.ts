import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { onStop, type StopSource } from '../../src/fleet/stop-signals.ts';

describe('a process that is asked to end', () => {
  let signals: EventEmitter;
  let nowMs: number;
  let stops: number;
  let exits: number[];
  let unlisten: () => void;
  beforeEach(() => {
    signals = new EventEmitter();
    nowMs = 0;
    stops = 0;
    exits = [];
    const source = {
      signals,
      exit: (code: number) => void exits.push(code),
      monotonicMs: () => nowMs,
    } as unknown as StopSource;
    unlisten = onStop(() => {
      stops += 1;
    }, source);
  });

  it.each(['SIGINT', 'SIGTERM', 'disconnect'])('stops at %s', (event) => {
    signals.emit(event);
    expect(stops).toBe(1);
  });

  it('takes signals within two seconds for one, and goes on stopping when its starter dies', () => {
    for (const event of ['SIGINT', 'SIGINT', 'SIGTERM', 'disconnect']) signals.emit(event);
    nowMs = 2_000;
    signals.emit('SIGINT');
    nowMs = 10_000;
    signals.emit('disconnect');
    expect({ stops, exits }).toEqual({ stops: 1, exits: [] });
  });

  it('ends at once for somebody who asks again after two seconds', () => {
    signals.emit('SIGINT');
    nowMs = 2_001;
    signals.emit('SIGINT');
    expect({ stops, exits }).toEqual({ stops: 1, exits: [130] });
  });

  it('stops when its starter was gone before it listened', async () => {
    const orphan = Object.assign(new EventEmitter(), { send: () => true, connected: false });
    const stopped = new Promise<void>((resolve) => {
      onStop(resolve, {
        signals: orphan as unknown as StopSource['signals'],
        exit: () => {},
        monotonicMs: () => 0,
      });
    });
    await stopped;
  });

  it('hears nothing any more when it is done', () => {
    unlisten();
    for (const event of ['SIGINT', 'SIGTERM', 'disconnect']) expect(signals.listenerCount(event)).toBe(0);
  });
});
