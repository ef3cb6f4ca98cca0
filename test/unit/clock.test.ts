import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clockCommand } from '../../src/cli/clock.ts';
import { answerCase, differences, instant, readCase, splitCases } from '../../src/cli/clock-cases.ts';
import { MarketCalendar } from '../../src/rules/session.ts';

const SCENARIOS = new URL('../scenarios/clock.json', import.meta.url).pathname;

describe('every case of the scenarios is answered as expected', () => {
  const calendar = new MarketCalendar();
  const cases = splitCases(readFileSync(SCENARIOS, 'utf8')).map(readCase);
  it.each(cases.map((one) => [`${one.at} ${one.symbol} rank ${one.rank} ${one.note}`, one] as const))(
    '%s',
    (_, one) => {
      expect(differences(answerCase(one, calendar), one.expect)).toEqual([]);
    },
  );
});

/** Runs a command with its output caught. */
function run(command: Command, args: string[]): { out: string; err: string } {
  const caught = { out: '', err: '' };
  command.configureOutput({
    writeOut: (text) => {
      caught.out += text;
    },
    writeErr: (text) => {
      caught.err += text;
    },
  });
  command.parse(args, { from: 'user' });
  return caught;
}

describe('the clock command', () => {
  const one = { at: '2026-11-27T18:00:00Z', symbol: 'BTCUSD', rank: 1 };
  const answer = { nyseOpen: false, outOfHours: true, tolerance: 0.016, forceImmediate: true };
  let folder = '';
  let exitCode: typeof process.exitCode;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'worksteal-clock-'));
    exitCode = process.exitCode;
    process.exitCode = undefined;
  });
  afterEach(() => {
    process.exitCode = exitCode;
    rmSync(folder, { recursive: true });
  });

  function file(text: string): string {
    const path = join(folder, 'cases');
    writeFileSync(path, text);
    return path;
  }

  it('a case may name further closures; elsewhere the exchange is open that day', () => {
    const noon = { at: '2026-03-10T16:00:00Z', symbol: 'AAPL' };
    const { out } = run(clockCommand({}), [
      file(JSON.stringify([noon, { ...noon, config: { NYSE_CLOSURES: '2026-03-10' } }])),
      '--json',
    ]);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).nyseOpen),
    ).toEqual([true, false]);
    const [day, closed] = [
      ['--at', noon.at, '--symbol', 'AAPL', '--json'],
      { NYSE_CLOSURES: '2026-03-10' },
    ] as const;
    expect(JSON.parse(run(clockCommand(closed), [...day]).out)).toMatchObject({ nyseOpen: false });
  });

  it.each([
    ['an array', JSON.stringify([one], null, 1)],
    ['one object', JSON.stringify(one)],
    ['lines', `${JSON.stringify(one)}\n\n`],
  ])('answers %s with a JSON line a case', (_, text) => {
    const { out } = run(clockCommand({}), [file(text), '--json']);
    expect(JSON.parse(out)).toEqual({ schema: 1, ...answer });
    expect(process.exitCode).toBeUndefined();
  });

  it('answers several lines in their order', () => {
    const { out } = run(clockCommand({}), [
      file(`${JSON.stringify(one)}\n${JSON.stringify({ ...one, rank: null })}\n`),
      '--json',
    ]);
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).forceImmediate),
    ).toEqual([true, false]);
  });

  it('shows a table for people', () => {
    const { out } = run(clockCommand({}), [SCENARIOS]);
    expect(out).toMatch(/^AT +SYMBOL +RANK/);
    expect(out).toContain('54 cases');
  });

  it('exits with 1 where an answer differs, and says which', () => {
    const { out, err } = run(clockCommand({}), [
      file(JSON.stringify([one, { ...one, expect: { tolerance: 0.0066 } }])),
      '--json',
    ]);
    expect(err).toBe('case 2: tolerance is 0.016, expected 0.0066\n');
    expect(JSON.parse(out.split('\n')[1] ?? '')).toEqual({ schema: 1, ...answer });
    expect(process.exitCode).toBe(1);
  });

  it.each([
    ['a time without its offset', { at: '2026-11-27T18:00:00' }, /at: .* has no zone: add one, such as Z/],
    ['a time that is none', { at: '2026-13-27T18:00:00Z' }, /is not a time/],
    ['a rank that is none', { rank: 0 }, /rank: /],
    ['a symbol that is none', { symbol: 'a b' }, /symbol: /],
    [
      'a setting that is none',
      { config: { CRYPTO_NORMAL_TOLERANCE: 7 } },
      /CRYPTO_NORMAL_TOLERANCE="7" is not between 0 and 1/,
    ],
  ])('goes on after %s, in place of its answer', (_, fault, message) => {
    const { out, err } = run(clockCommand({}), [file(JSON.stringify([{ ...one, ...fault }, one])), '--json']);
    const [first = '', second = ''] = out.split('\n');
    expect(JSON.parse(first).error.message).toMatch(message);
    expect(JSON.parse(second)).toEqual({ schema: 1, ...answer });
    expect(err).toMatch(/^case 1: /);
    expect(process.exitCode).toBe(1);
  });

  it('takes settings written as numbers', () => {
    const text = JSON.stringify({
      ...one,
      rank: 2,
      config: { CRYPTO_OUT_OF_HOURS_FORCE_COUNT: 2, CRYPTO_OUT_OF_HOURS_TOLERANCE: 0.02 },
    });
    expect(JSON.parse(run(clockCommand({}), [file(text), '--json']).out)).toMatchObject({
      tolerance: 0.02,
      forceImmediate: true,
    });
  });

  it.each([
    ['no JSON', 'hello', /line 1 is not JSON/],
    ['nothing', '', /holds no case/],
    ['an empty array', '[]', /holds no case/],
  ])('refuses a file with %s', (_, text, message) => {
    expect(() => run(clockCommand({}), [file(text)])).toThrow(message);
  });

  it('refuses a file that is not there, and a question that is none', () => {
    expect(() => run(clockCommand({}), [join(folder, 'none')])).toThrow(/cannot be read/);
    expect(() => run(clockCommand({}), [])).toThrow(/either a file of cases, or --at and --symbol/);
  });

  it('answers one instant under the environment', () => {
    const args = ['--at', '2026-11-27T18:00:00Z', '--symbol', 'uni/usd', '--rank', '2'];
    const { out } = run(clockCommand({ CRYPTO_OUT_OF_HOURS_FORCE_COUNT: '2' }), args);
    expect(out).toContain('Fri 2026-11-27 13:00:00 EST');
    expect(out).toMatch(/next open +Mon 2026-11-30 09:30:00 EST/);
    expect(out).toMatch(/force_immediate +yes/);
    expect(JSON.parse(run(clockCommand({}), [...args, '--json']).out)).toEqual({
      schema: 1,
      ...answer,
      forceImmediate: false,
    });
  });
});

it('an instant is read with any offset', () => {
  expect(instant('2025-07-15T12:00:00-04:00')).toBe(instant('2025-07-15T16:00:00Z'));
  expect(() => instant('2025-07-15')).toThrow(/has no time of day/);
});
