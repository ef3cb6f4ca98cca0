/** How long `worksteal status` takes from its start to its answer, as installed. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';
import { pin, unpin } from '../cores.ts';
import { repeat } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge } from '../report.ts';

export const commandStart: Measure = {
  name: 'command-start',
  isQuick: true,
  async run({ small, url, rounds, pinned }) {
    const { ledger } = await small();
    const built = join(packageRoot(), 'dist/cli/main.js');
    const main = existsSync(built) ? built : join(packageRoot(), 'src/cli/main.ts');
    const env = { ...process.env, REDIS_URL: url, WORKSTEAL_ACCOUNT: ledger.account };
    // A person's command has all cores, and Node uses more than one of them.
    if (pinned) unpin(process.pid);
    const wait = await repeat(rounds, async () => {
      const began = performance.now();
      const { status, stderr } = spawnSync(process.execPath, [main, 'status', '--json'], { env });
      if (status !== 0) throw new Error(`status exited ${status}: ${stderr}`);
      return performance.now() - began;
    });
    if (pinned) pin(process.pid, 1);
    const goal = { name: 'worksteal status, start to answer', unit: 'ms', target: 250 };
    return [judge(goal, wait, main === built ? 'as built' : 'from sources')];
  },
};
