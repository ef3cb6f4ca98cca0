/** A case of the suite, and how it checks. It needs no test runner. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerStage } from './stage.ts';

/** What a stage may leave out because its broker has no such feature. */
export type Feature = 'change' | 'nextReplace' | 'buyAtMarket';

/**
 * A promise of the port as a sentence. `check` throws where the broker does not keep it. `needs`: what the
 * stage has to have for it.
 */
export type Promised = { name: string; needs?: Feature; check: (stage: BrokerStage) => Promise<void> };

/** For what ends soon, on a machine with much to do. */
const SOON_MS = 10_000;
const PAUSE_MS = 10;

/** The actual value has at least these fields, and lists have these items and no others. */
export function has(actual: unknown, expected: unknown, path = 'answer'): void {
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${path}: ${shown(actual)} is no list`);
    assert.equal(actual.length, expected.length, `${path}: ${shown(actual)} has another length`);
    for (const [at, item] of expected.entries()) has(actual[at], item, `${path}[${at}]`);
  } else if (expected instanceof RegExp) {
    assert.equal(typeof actual, 'string', `${path}: ${shown(actual)} is no text`);
    assert.match(actual as string, expected, path);
  } else if (typeof expected === 'object' && expected !== null) {
    assert.ok(typeof actual === 'object' && actual !== null, `${path}: ${shown(actual)} is no object`);
    for (const [name, value] of Object.entries(expected))
      has((actual as Record<string, unknown>)[name], value, `${path}.${name}`);
  } else assert.equal(actual, expected, `${path}: ${shown(actual)} instead of ${shown(expected)}`);
}

/** Repeats until `holds` throws nothing, at most 10 s; then throws what it threw last. */
export async function soon(holds: () => Promise<void>): Promise<void> {
  const untilMs = performance.now() + SOON_MS;
  while (true) {
    try {
      return await holds();
    } catch (error) {
      if (performance.now() > untilMs) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

/** The call fails with these fields. */
export async function fails(call: Promise<unknown>, expected: object): Promise<void> {
  const outcome = await call.then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  );
  if ('answer' in outcome) assert.fail(`it answered ${shown(outcome.answer)}, and should fail`);
  has(outcome.error, expected, 'error');
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
