/** Debian's Prometheus and its promtool, on this machine: started for a test, without a service. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CHILD_ENV } from './child-env.ts';
import { freePort } from './free-port.ts';
import { until } from './keeper.ts';

const run = promisify(execFile);
const TOOL_LIMIT_MS = 60_000;
const MISSING = 'is missing: apt-get install prometheus';

/** What promtool says. @throws Error with what it says if it fails, or if it is missing */
export async function promtool(...args: string[]): Promise<string> {
  try {
    const { stdout } = await run('promtool', args, { timeout: TOOL_LIMIT_MS, env: { ...CHILD_ENV } });
    return stdout;
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as NodeJS.ErrnoException & Record<string, string>;
    throw new Error(code === 'ENOENT' ? `promtool ${MISSING}` : `${stdout}${stderr}`, { cause: error });
  }
}

/** A sample of an instant vector: its labels, and its value as text. */
export type Sample = { metric: Record<string, string>; value: [number, string] };
export type RuleState = { name: string; health: string; lastError?: string };

export type Prometheus = {
  query(expression: string): Promise<Sample[]>;
  rules(): Promise<RuleState[]>;
  close(): Promise<void>;
};

/**
 * Starts one that scrapes these addresses each second, under `job="worksteal"` and `account`.
 * @param ruleFiles absolute paths
 */
export async function startPrometheus(
  targets: readonly string[],
  ruleFiles: readonly string[],
): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'worksteal-prometheus-'));
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ruleFiles,
    scrape_configs: [{ job_name: 'worksteal', static_configs: [{ targets, labels: { account: 'main' } }] }],
  };
  // JSON is YAML.
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const args = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
  ];
  const child = spawn('prometheus', args, { env: { ...CHILD_ENV }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  let failed: Error | undefined;
  child.stderr.on('data', (text: Buffer) => {
    said = `${said}${text}`.slice(-4_000);
  });
  child.on('error', (error) => {
    failed = new Error(`prometheus ${MISSING}`, { cause: error });
  });
  const get = async (path: string): Promise<{ data: Record<string, unknown> }> => {
    const answer = await fetch(`http://${address}${path}`);
    const body = (await answer.json()) as { data: Record<string, unknown>; error?: string };
    if (!answer.ok) throw new Error(`${path}: ${body.error}`);
    return body;
  };
  const close = async (): Promise<void> => {
    await ended(child);
    await rm(folder, { recursive: true, force: true });
  };
  await until('Prometheus is ready', async () => {
    if (failed !== undefined) throw failed;
    if (child.exitCode !== null) throw new Error(`prometheus ended: ${said}`);
    return await fetch(`http://${address}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  }).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    async query(expression) {
      const { data } = await get(`/api/v1/query?query=${encodeURIComponent(expression)}`);
      return data['result'] as Sample[];
    },
    async rules() {
      const { data } = await get('/api/v1/rules');
      return (data['groups'] as { rules: RuleState[] }[]).flatMap(({ rules }) => rules);
    },
    close,
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
