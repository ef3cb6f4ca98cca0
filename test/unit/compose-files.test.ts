/**
 * What Prometheus and Grafana are given by the compose files, and which variables these read. Grafana itself
 * is not run anywhere here.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { unknownVariables } from '../../src/cli/unknown-variables.ts';
import { packageRoot } from '../../src/package-root.ts';

const read = (file: string): string => readFileSync(join(packageRoot(), file), 'utf8');

type Service = { volumes?: string[]; image?: string };
const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
};

/** Path in the container -> file of the repository. */
function mounted(service: string): Map<string, string> {
  const volumes = services[service]?.volumes ?? [];
  const pairs = volumes
    .map((volume) => /^(?:\$\{\w+:-)?\.\/([^:}]+)\}?:([^:]+):ro$/.exec(volume))
    .flatMap((match) => (match ? [[match[2] ?? '', match[1] ?? ''] as const] : []));
  return new Map(pairs);
}

it('what is mounted exists', () => {
  const files = ['prometheus', 'grafana'].flatMap((service) => [...mounted(service).values()]);
  expect(files).toHaveLength(6);
  expect(files.filter((file) => !existsSync(join(packageRoot(), file)))).toEqual([]);
});

it('Prometheus looks for every role, and has the rules', () => {
  const config = parse(read('deploy/compose/prometheus.yml')) as {
    rule_files: string[];
    scrape_configs: { dns_sd_configs: { names: string[] }[] }[];
  };
  const names = config.scrape_configs.flatMap((one) => one.dns_sd_configs.flatMap((found) => found.names));
  const roles = Object.keys(services).filter((name) => !['redis', 'prometheus', 'grafana'].includes(name));
  expect(names.sort()).toEqual(roles.sort());
  const files = [...mounted('prometheus').keys()];
  for (const file of config.rule_files) expect(files).toContain(`/etc/prometheus/${file}`);
});

it('Grafana has the dashboard, and Prometheus as its source', () => {
  const found = mounted('grafana');
  const { providers } = parse(read('deploy/compose/grafana/dashboards/worksteal.yml')) as {
    providers: { options: { path: string } }[];
  };
  const dashboards = [...found].filter(([, file]) => file === 'docs/monitoring/dashboard.json');
  expect(dashboards.map(([path]) => dirname(path))).toEqual(providers.map(({ options }) => options.path));
  const { datasources } = parse(read('deploy/compose/grafana/datasources/prometheus.yml')) as {
    datasources: { type: string; url: string; isDefault: boolean }[];
  };
  expect(datasources).toMatchObject([{ type: 'prometheus', isDefault: true }]);
  expect(Object.keys(services)).toContain(new URL(datasources[0]?.url ?? '').hostname);
  for (const folder of ['datasources', 'dashboards'])
    expect(found.get(`/etc/grafana/provisioning/${folder}`)).toBe(`deploy/compose/grafana/${folder}`);
});

it('no process warns of a variable that the compose files read', async () => {
  const text = `${read('docker-compose.yml')}${read('deploy/compose/account.yml')}`;
  const names = new Set([...text.matchAll(/\$\{(WORK\w+)/g)].map((match) => match[1] ?? ''));
  expect([...names]).toContain('WORKSTEAL_IMAGE');
  expect(await unknownVariables(Object.fromEntries([...names].map((name) => [name, 'x'])))).toEqual([]);
});
