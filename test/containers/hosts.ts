/**
 * A fleet whose watchers are hosts of their own: each has one network to Redis and one to the exchange, so
 * that it can be cut off from either. Redis, the exchange, the keeper, the worker and the planner share a
 * further network, which is never cut.
 *
 * A host that is cut off loses its interface, and gets it back with the same address: what its kernel had
 * sent in between and nobody acknowledged is sent again then, as after any partition.
 */
import { execFile } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/package-root.ts';
import { RULES } from '../faults/campaign/rules.ts';
import { NODE_IMAGE, REDIS_IMAGE } from '../support/docker.ts';

const run = promisify(execFile);

const ANSWER_LIMIT_MS = 60_000;
const ACCOUNT = 'hosts';
/** Of this network's subnet, the watcher's own address. */
const HOST_NUMBER = 10;

/** Short leases, so that seconds of a cut are long. */
const ENVIRONMENT = {
  ...RULES,
  REDIS_URL: 'redis://redis:6379',
  WORKSTEAL_ACCOUNT: ACCOUNT,
  APCA_API_BASE_URL: 'http://exchange:4010',
  APCA_API_DATA_URL: 'http://exchange:4010',
  APCA_API_KEY_ID: 'paper',
  APCA_API_SECRET_KEY: 'paper',
  WORKSTEAL_REQUESTS_PER_MINUTE: '100000',
  WORKSTEAL_DATA_REQUESTS_PER_MINUTE: '0',
  WORKSTEAL_REQUEST_TIMEOUT_MS: '1000',
  WORKSTEAL_LEASE_MS: '2000',
  WORKSTEAL_PLAN_LEASE_MS: '2500',
  WORKSTEAL_SYNC_MS: '1000',
  WORKSTEAL_QUOTES_MS: '200',
  WORKSTEAL_MAX_PLANS: '120',
};
/** The longest that an account opens by an old answer, and what was marked by then. */
const JUDGE_WINDOW_MS = 15_000;
const EXCHANGE = ['1', '/tmp/exchange.log', '100000', String(JUDGE_WINDOW_MS), '0.0.0.0', '4010'];

export type Side = 'redis' | 'exchange';

export type Hosts = {
  account: string;
  /** Their names: watch-1, watch-2, watch-3. */
  watchers: readonly string[];
  /** Runs a program in a container and answers what it printed: `inside('redis', 'redis-cli', 'ping')`. */
  inside(name: string, ...command: string[]): Promise<string>;
  cut(watcher: string, side: Side): Promise<void>;
  heal(watcher: string, side: Side): Promise<void>;
  /** SIGTERM, and its end. */
  stop(...names: string[]): Promise<void>;
  logs(): Promise<string>;
  close(): Promise<void>;
};

export async function startHosts(): Promise<Hosts> {
  const id = `worksteal-${randomUUID().slice(0, 8)}`;
  const watchers = ['watch-1', 'watch-2', 'watch-3'];
  const docker = async (...args: string[]): Promise<string> => {
    const { stdout } = await run('docker', args, { timeout: ANSWER_LIMIT_MS, maxBuffer: 16 * 1024 * 1024 });
    return stdout.trim();
  };
  const networks = new Map<string, string>(); // name -> the watcher's address there, '' for the shared one
  const containers: string[] = [];

  const network = async (name: string): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      const subnet = `10.${randomInt(64, 200)}.${randomInt(1, 250)}`;
      try {
        await docker('network', 'create', '--subnet', `${subnet}.0/24`, `${id}-${name}`);
        networks.set(name, `${subnet}.${HOST_NUMBER}`);
        return;
      } catch (error) {
        if (tries === 5) throw error; // the subnet is taken
      }
    }
  };
  const start = async (
    name: string,
    onNetwork: string,
    image: string,
    ...command: string[]
  ): Promise<void> => {
    const settings = Object.entries({ ...ENVIRONMENT, WORKSTEAL_HOST: name }).flatMap(([key, value]) => [
      '--env',
      `${key}=${value}`,
    ]);
    const mount = ['--volume', `${packageRoot()}:/app:ro`, '--volume', `${packageRoot()}/lua:/lua:ro`];
    const own = watchers.includes(name) ? ['--ip', networks.get(onNetwork) ?? ''] : [];
    const place = ['--network', `${id}-${onNetwork}`, ...own, '--network-alias', name];
    await docker(
      'run',
      '--detach',
      '--name',
      `${id}-${name}`,
      ...place,
      ...mount,
      ...settings,
      image,
      ...command,
    );
    containers.push(name);
  };
  const program = (name: string, onNetwork: string, file: string, ...args: string[]): Promise<void> =>
    start(name, onNetwork, NODE_IMAGE, 'node', `/app/${file}`, ...args);
  const role = (name: string, onNetwork: string, command: string): Promise<void> =>
    program(name, onNetwork, 'dist/cli/main.js', command);
  const join = async (name: string, onNetwork: string, ...more: string[]): Promise<void> => {
    await docker('network', 'connect', '--alias', name, ...more, `${id}-${onNetwork}`, `${id}-${name}`);
  };

  const hosts: Hosts = {
    account: ACCOUNT,
    watchers,
    inside: (name, ...command) => docker('exec', `${id}-${name}`, ...command),
    cut: async (watcher, side) =>
      void (await docker('network', 'disconnect', '--force', `${id}-${watcher}-${side}`, `${id}-${watcher}`)),
    heal: (watcher, side) =>
      join(watcher, `${watcher}-${side}`, '--ip', networks.get(`${watcher}-${side}`) ?? ''),
    stop: async (...names) =>
      void (await docker('stop', '--time', '10', ...names.map((name) => `${id}-${name}`))),
    async logs() {
      const tails = await Promise.all(
        containers.map(
          async (name) =>
            `${name}:\n${(await run('docker', ['logs', '--tail', '15', `${id}-${name}`])).stderr}`,
        ),
      );
      return tails.join('\n');
    },
    async close() {
      if (containers.length > 0)
        await docker('rm', '--force', '--volumes', ...containers.map((name) => `${id}-${name}`));
      if (networks.size > 0)
        await docker('network', 'rm', ...[...networks.keys()].map((name) => `${id}-${name}`));
    },
  };
  try {
    await network('shared');
    for (const watcher of watchers)
      for (const side of ['redis', 'exchange']) await network(`${watcher}-${side}`);
    await start(
      'redis',
      'shared',
      REDIS_IMAGE,
      '--appendonly',
      'yes',
      '--save',
      '',
      '--maxmemory-policy',
      'noeviction',
    );
    await program('exchange', 'shared', 'test/faults/campaign/exchange-process.ts', ...EXCHANGE);
    for (const watcher of watchers) {
      await join('redis', `${watcher}-redis`);
      await join('exchange', `${watcher}-exchange`);
    }
    await ready(hosts);
    await role('keep', 'shared', 'keep');
    await role('work', 'shared', 'work');
    for (const watcher of watchers) {
      await role(watcher, `${watcher}-redis`, 'watch');
      await join(watcher, `${watcher}-exchange`, '--ip', networks.get(`${watcher}-exchange`) ?? '');
    }
    await program('plan', 'shared', 'test/containers/plan-busily.ts');
    return hosts;
  } catch (error) {
    await hosts.close();
    throw error;
  }
}

const READY = "fetch('http://127.0.0.1:4010/health').then(() => process.exit(0), () => process.exit(1))";
const READY_LIMIT_MS = 60_000;

async function ready(hosts: Hosts): Promise<void> {
  const untilMs = performance.now() + READY_LIMIT_MS;
  for (;;) {
    try {
      await hosts.inside('redis', 'redis-cli', 'ping');
      await hosts.inside('exchange', 'node', '-e', READY);
      return;
    } catch (error) {
      if (performance.now() > untilMs) throw error;
    }
  }
}
