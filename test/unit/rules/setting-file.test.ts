/**
 * The file below the environment: what it says counts where the environment says nothing, and its faults are
 * told with all others.
 */
import { describe, expect, it } from 'vitest';
import { WorkstealError } from '../../../src/domain/errors.ts';
import { parseSettingsFile } from '../../../src/rules/setting-file.ts';
import { describeSettings, readSettings } from '../../../src/rules/settings.ts';

const file = (...lines: string[]) => parseSettingsFile('rules.env', lines.join('\n'));

describe('a settings file', () => {
  it('counts where the environment says nothing; each setting tells its source', () => {
    const rules = file(
      '# this account',
      'WORK_STEALING_COOLDOWN=60',
      '',
      'export WORK_STEALING_POLICY="distance" # not pnl',
      'NYSE_CLOSURES=',
    );
    const env = { WORK_STEALING_COOLDOWN: '90', WORK_STEALING_POLICY: ' ' };
    expect(readSettings(env, rules).settings).toMatchObject({
      cooldownMs: 90_000,
      policy: 'distance',
      nyseClosures: [],
    });
    const source = (variable: string) =>
      describeSettings(env, rules).find((row) => row.variable === variable)?.source;
    expect(source('WORK_STEALING_COOLDOWN')).toBe('environment');
    expect(source('WORK_STEALING_POLICY')).toBe('rules.env:4');
    expect(source('NYSE_CLOSURES')).toBe('default');
  });

  it('is read with the line ends of any system', () => {
    expect(
      readSettings({}, file('WORK_STEALING_COOLDOWN=60\r', 'WORK_STEALING_MAX_VICTIMS=2\r')).settings,
    ).toMatchObject({
      cooldownMs: 60_000,
      maxVictims: 2,
    });
  });

  it.each([
    [
      'a name that is not a setting',
      'WORK_STEALING_COOLDWN=60',
      /rules\.env:2 sets WORK_STEALING_COOLDWN, which is not a setting/,
    ],
    [
      'a secret, which has no place there',
      'APCA_API_SECRET_KEY=x',
      /rules\.env:2 sets APCA_API_SECRET_KEY, which is not a setting/,
    ],
    ['a line that sets nothing', 'cooldown is sixty', /rules\.env:2 is not NAME=value/],
    [
      'a setting that it names twice',
      'CRYPTO_NORMAL_TOLERANCE=0.01',
      /rules\.env:2 sets .* a second time \(first at rules\.env:1\)/,
    ],
    [
      'a value that cannot be used',
      'WORK_STEALING_COOLDOWN=5m',
      /rules\.env:2: WORK_STEALING_COOLDOWN="5m" is not a decimal/,
    ],
  ])('%s is a fault that names its line', (_, line, sentence) => {
    expect(() => readSettings({}, file('CRYPTO_NORMAL_TOLERANCE=0.01', line))).toThrow(sentence);
  });

  it('tells its faults and those of the environment at once', () => {
    let error: unknown;
    try {
      readSettings(
        { WORK_STEALING_LEVERAGE: '0' },
        file('what', 'WORK_STEALING_TOLERANCE=x', 'WORK_STEALING_HISTORY_TTL=10'),
      );
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(WorkstealError);
    // history against the fights, and against the cooldown
    expect((error as WorkstealError).message).toMatch(/^5 faults/);
  });

  it('is told of in sentences of readable length, whatever stands in it', () => {
    const told = file(`${'X'.repeat(100_000)}=1`, 'NAME\u001b[2J=1').faults;
    expect(told[0]).toMatch(/^rules\.env:1 sets X{57}\.\.\., which is not a setting/);
    for (const fault of told) expect(fault).toMatch(/^[ -~]{1,200}$/);
    const values = file(
      `WORK_STEALING_POOLS=${'x'.repeat(10_000)}:1`,
      'WORK_STEALING_VIP_SYMBOLS=A\u001b[2J',
    );
    expect(() => readSettings({}, values)).toThrow(/^[ -~\n]{1,1000}$/);
  });

  it('has a limit', () => {
    expect(() => readSettings({}, file(...Array<string>(1_001).fill('# x')))).toThrow(
      /1001 lines; write at most 1000/,
    );
  });
});
