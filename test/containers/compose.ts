/**
 * The services of docker-compose.yml, started under a project name of their own and removed with their
 * volumes.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/package-root.ts';
import { composeCommand } from '../support/docker.ts';

const run = promisify(execFile);

const BUILD_LIMIT_MS = 600_000;
const START_LIMIT_MS = 120_000;
const ANSWER_LIMIT_MS = 90_000;

export type Fleet = {
  /** Runs a compose command and answers what it printed: `compose('config', '--services')`. */
  compose(...args: string[]): Promise<string>;
  /**
   * The running containers of a service: the first twelve digits of their ids, which are their host names
   * too.
   */
  containers(service: string): Promise<string[]>;
  /** What the health checks of a service's containers say, each word once. */
  health(service: string): Promise<string[]>;
  /**
   * Runs a program in the first container of a service and answers what it printed: `inside('redis',
   * 'redis-cli', 'ping')`.
   */
  inside(service: string, ...command: string[]): Promise<string>;
  /** Runs a program of the checkout in a container like the service's: `beside('keep', 'test/a.ts')`. */
  beside(service: string, file: string): Promise<string>;
  /** The address on this machine at which each container of a service serves this port: `127.0.0.1:32768`. */
  published(service: string, port: number): Promise<string[]>;
  /** SIGKILL. */
  kill(container: string): Promise<void>;
  /** The last lines of each service's log, for a failure's report. */
  logs(): Promise<string>;
  down(): Promise<void>;
};

/** A file of variables; deploy/compose/account.yml wants one. */
const SOME_SETTINGS = 'deploy/kubernetes/base/settings.env';
/** Ports of this machine that nobody uses. */
const ANY_PORTS = { WORKSTEAL_API_PORT: '0', WORKSTEAL_GATEWAY_PORTS: '0', PROMETHEUS_PORT: '0' };

/**
 * Starts these services, each as many times as `scale` says, and answers when Compose has started them all.
 * Builds the image, unless WORKSTEAL_IMAGE names one.
 */
export async function startFleet(services: Readonly<Record<string, number>>): Promise<Fleet> {
  const command = await composeCommand();
  if (command === null) throw new Error('neither docker compose nor docker-compose is here');
  const project = `worksteal-${randomUUID().slice(0, 8)}`;
  const compose = async (...args: string[]): Promise<string> => {
    const [program = '', ...rest] = [...command, '-p', project, ...args];
    const { stdout } = await run(program, rest, {
      cwd: packageRoot(),
      env: { ...process.env, ...ANY_PORTS, ACCOUNT_ENV: join(packageRoot(), SOME_SETTINGS) },
      timeout: args[0] === 'build' ? BUILD_LIMIT_MS : START_LIMIT_MS,
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout;
  };
  const docker = async (...args: string[]): Promise<string> => {
    const { stdout } = await run('docker', args, { timeout: ANSWER_LIMIT_MS, maxBuffer: 16 * 1024 * 1024 });
    return stdout;
  };
  const containers = async (service: string): Promise<string[]> => {
    const labels = [`com.docker.compose.project=${project}`, `com.docker.compose.service=${service}`];
    const listed = await docker(
      'ps',
      '--format',
      '{{.ID}}',
      ...labels.flatMap((label) => ['--filter', `label=${label}`]),
    );
    return listed.split('\n').filter((id) => id !== '');
  };
  const fleet: Fleet = {
    compose,
    containers,
    async health(service) {
      const ids = await containers(service);
      const words = await docker('inspect', '--format', '{{.State.Health.Status}}', ...ids);
      return [...new Set(words.trim().split('\n'))];
    },
    async inside(service, ...words) {
      const [container] = await containers(service);
      if (container === undefined) throw new Error(`no container of ${service} runs`);
      return await docker('exec', container, ...words);
    },
    beside: (service, file) => {
      const checkout = ['--volume', `${packageRoot()}:/checkout:ro`, '--entrypoint', 'node'];
      return compose('run', '--rm', '-T', '--no-deps', ...checkout, service, `/checkout/${file}`);
    },
    async published(service, port) {
      const ids = await containers(service);
      const format = `{{(index (index .NetworkSettings.Ports "${port}/tcp") 0).HostPort}}`;
      const ports = await docker('inspect', '--format', format, ...ids);
      return ports
        .trim()
        .split('\n')
        .map((one) => `127.0.0.1:${one}`);
    },
    kill: async (container) => void (await docker('kill', container)),
    logs: () => compose('logs', '--no-color', '--tail', '20'),
    down: async () => void (await compose('down', '--volumes', '--timeout', '10')),
  };
  try {
    if (!process.env['WORKSTEAL_IMAGE']) await compose('build', 'keep');
    const scale = Object.entries(services).flatMap(([name, count]) => ['--scale', `${name}=${count}`]);
    await compose('up', '-d', ...scale, ...Object.keys(services));
  } catch (error) {
    await fleet.down();
    throw error;
  }
  return fleet;
}
