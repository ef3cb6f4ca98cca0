/** The services of docker-compose.yml, started under a project name of their own and removed with their volumes. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/package-root.ts';
import { composeCommand } from '../support/docker.ts';

const run = promisify(execFile);

const START_LIMIT_MS = 120_000;

export type Fleet = {
  /** Runs a compose command and answers what it printed: `compose('exec', '-T', 'redis', 'redis-cli', 'ping')`. */
  compose(...args: string[]): Promise<string>;
  /** Names of the running containers of a service. */
  containers(service: string): Promise<string[]>;
  down(): Promise<void>;
};

/** Starts these services, each as many times as `scale` says, and answers when Compose has started them all. */
export async function startFleet(services: readonly string[], scale: Readonly<Record<string, number>> = {}): Promise<Fleet> {
  const command = await composeCommand();
  if (command === null) throw new Error('neither docker compose nor docker-compose is here');
  const project = `worksteal-${randomUUID().slice(0, 8)}`;
  const compose = async (...args: string[]): Promise<string> => {
    const [program = '', ...rest] = [...command, '-p', project, ...args];
    const { stdout } = await run(program, rest, { cwd: packageRoot(), timeout: START_LIMIT_MS, maxBuffer: 16 * 1024 * 1024 });
    return stdout;
  };
  const containers = async (service: string): Promise<string[]> => {
    const labels = [`com.docker.compose.project=${project}`, `com.docker.compose.service=${service}`];
    const { stdout } = await run('docker', ['ps', '--format', '{{.Names}}', ...labels.flatMap((label) => ['--filter', `label=${label}`])]);
    return stdout.split('\n').filter((name) => name !== '');
  };
  const down = async (): Promise<void> => {
    await compose('down', '--volumes', '--timeout', '10');
  };
  try {
    await compose('up', '-d', ...Object.entries(scale).flatMap(([name, count]) => ['--scale', `${name}=${count}`]), ...services);
  } catch (error) {
    await down();
    throw error;
  }
  return { compose, containers, down };
}
