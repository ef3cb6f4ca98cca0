import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configCommand } from '../../src/cli/config.ts';
import { SETTING_KEYS } from '../../src/rules/setting-table.ts';
import type { Env } from '../../src/rules/settings.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'worksteal-config-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(text: string): string {
  const path = join(folder, 'rules.env');
  writeFileSync(path, text);
  return path;
}

/** What the command writes. */
async function run(env: Env, args: string[] = []): Promise<string> {
  let out = '';
  const writeOut = (text: string): void => {
    out += text;
  };
  await configCommand(env).configureOutput({ writeOut }).parseAsync(args, { from: 'user' });
  return out;
}

describe('the config command', () => {
  it('shows every setting, its value and where it came from', async () => {
    const out = await run({ WORK_STEALING_COOLDOWN: '60', WORK_STEALING_TOLERANCE: '0.004' });
    expect(out).toMatch(/WORK_STEALING_COOLDOWN +60 +s +environment/);
    expect(out).toMatch(/fingerprint [0-9a-f]{16}/);
    expect(out).toContain('fresh thief');
  });

  it('names the line of the file that WORKSTEAL_CONFIG or --config names', async () => {
    const path = file('\nWORK_STEALING_COOLDOWN=60');
    for (const told of [await run({ WORKSTEAL_CONFIG: path }), await run({}, ['--config', path])]) {
      expect(told).toMatch(/WORK_STEALING_COOLDOWN +60 +s +\S+rules\.env:2/);
    }
  });

  it('tells the same as one JSON object', async () => {
    const told = JSON.parse(await run({ WORK_STEALING_COOLDOWN: '60' }, ['--json']));
    expect(told.warnings).toEqual([]);
    expect(told.settings).toHaveLength(SETTING_KEYS.length);
  });

  it('fails with every fault, of the environment and of the file', async () => {
    const env = {
      WORK_STEALING_COOLDOWN: 'x',
      WORKSTEAL_CONFIG: file('WORK_STEALING_LEVERAGE=0\nCOOLDOWN=1'),
    };
    await expect(run(env)).rejects.toThrow(/^3 faults/);
  });

  it('fails when the file cannot be read', async () => {
    await expect(run({ WORKSTEAL_CONFIG: join(folder, 'none') })).rejects.toThrow(
      /WORKSTEAL_CONFIG=".*none" cannot be read: there is no such file/,
    );
  });
});
