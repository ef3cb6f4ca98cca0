/** deploy/kubernetes, as kustomize renders it: it has not been on a real cluster. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BROKERS } from '../../src/fleet/brokers.ts';
import { FLEET_SCHEMA } from '../../src/fleet/fleet-schema.ts';
import { packageRoot } from '../../src/package-root.ts';
import { describeSettings } from '../../src/rules/settings.ts';
import { isWorkload, podOf, referenceFaults, secretsIn, secretsOf } from '../support/manifest-references.ts';
import { type Manifest, rendered, selects, typeFaults } from '../support/manifests.ts';

const FOLDERS = ['base', 'overlays/demo'].map((name) => `deploy/kubernetes/${name}`);
const RENDERED = new Map(FOLDERS.map((folder) => [folder, rendered(folder)]));
const base = RENDERED.get('deploy/kubernetes/base') ?? [];
const demo = RENDERED.get('deploy/kubernetes/overlays/demo') ?? [];
const all = [...RENDERED.values()].flat();

const named = (manifests: readonly Manifest[], kind: string, name: string): Manifest | undefined =>
  manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
const read = (file: string): string => readFileSync(join(packageRoot(), file), 'utf8');

describe('the manifests', () => {
  it('have the types and the keys that Kubernetes knows', async () => {
    const wrong = (change: object): Manifest => {
      const keep = named(base, 'Deployment', 'keep');
      return { ...keep, spec: { ...keep?.spec, ...change } } as Manifest;
    };
    const faults = await typeFaults([...all, wrong({ replicas: 'two' }), wrong({ replica: 2 })]);
    expect(faults).toEqual([
      expect.stringMatching(/'string' is not assignable to type 'number'/),
      expect.stringMatching(/'"replica"' does not exist/),
    ]);
  });

  it.each(FOLDERS)('of %s refer to nothing that is not there', (folder) => {
    expect(referenceFaults(RENDERED.get(folder) ?? [])).toEqual([]);
  });

  it('set only variables that a process reads', () => {
    const known = new Set([
      ...Object.keys(FLEET_SCHEMA.shape),
      ...Object.values(BROKERS).flatMap(({ variables }) => Object.keys(variables)),
      ...describeSettings({}).map(({ variable }) => variable),
    ]);
    const maps = all.filter(({ kind }) => kind === 'ConfigMap').flatMap(({ data = {} }) => Object.keys(data));
    const set = all
      .filter(isWorkload)
      .flatMap((one) => podOf(one).containers.flatMap(({ env = [] }) => env.map(({ name }) => name)));
    expect([...maps, ...set].filter((name) => !known.has(name))).toEqual([]);
  });

  it('run pods without rights, on images with a tag, with a limit of memory', () => {
    for (const workload of all.filter(isWorkload)) {
      const pod = podOf(workload);
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const { image, resources, securityContext } of pod.containers) {
        expect(image).toMatch(/:\d/);
        expect(resources?.limits).toHaveProperty('memory');
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
  });

  it('let no pod send or receive anything that no policy names', () => {
    for (const workload of all.filter(isWorkload)) {
      const policies = (isInDemo(workload) ? demo : base).filter(({ kind }) => kind === 'NetworkPolicy');
      const types = policies
        .filter(({ spec }) => selects(spec?.podSelector ?? {}, podOf(workload).labels))
        .flatMap(({ spec }) => spec?.policyTypes ?? []);
      expect(new Set(types), workload.metadata.name).toEqual(new Set(['Ingress', 'Egress']));
    }
  });
});

const isInDemo = (manifest: Manifest): boolean => demo.includes(manifest);

describe('the base', () => {
  it('runs every role; plans come from elsewhere', () => {
    const roles = readdirSync(join(packageRoot(), 'workers')).map((file) => file.replace('.ts', ''));
    const args = base.filter(isWorkload).map((one) => podOf(one).containers[0]?.args);
    expect(args.sort()).toEqual(roles.filter((role) => role !== 'plan').map((role) => [role]));
  });

  it('asks each role whether it is alive and ready, and gives it time to end', () => {
    for (const workload of base.filter(isWorkload)) {
      const pod = podOf(workload);
      expect(pod.containers).toMatchObject([
        {
          livenessProbe: { httpGet: { path: '/healthz', port: 'metrics' } },
          readinessProbe: { httpGet: { path: '/readyz', port: 'metrics' } },
          startupProbe: { httpGet: { path: '/healthz', port: 'metrics' } },
        },
      ]);
      expect(pod.terminationGracePeriodSeconds).toBe(30);
      expect(named(base, 'PodDisruptionBudget', workload.metadata.name)).toBeDefined();
    }
  });

  it('has two keepers and two workers, and scales the watchers', () => {
    expect(named(base, 'Deployment', 'keep')?.spec?.replicas).toBe(2);
    expect(named(base, 'Deployment', 'work')?.spec?.replicas).toBe(2);
    expect(named(base, 'HorizontalPodAutoscaler', 'watch')?.spec).toMatchObject({ minReplicas: 2 });
  });

  it('brings no secret, and refers to those that docs/deploy.md lists', () => {
    expect(secretsIn(base)).toEqual(new Set());
    const rows = read('docs/deploy.md').matchAll(/^\| `(worksteal-[a-z]+)` \| (.*?) \|/gm);
    const listed = [...rows].flatMap(([, name = '', keys = '']) =>
      [...keys.matchAll(/`([\w.-]+)`/g)].map(([, key]) => (key === 'tokens.json' ? name : `${name}/${key}`)),
    );
    expect([...secretsOf(base)].sort()).toEqual(listed.sort());
  });
});

describe('the demo', () => {
  it('brings every secret but the tokens', () => {
    const brought = secretsIn(demo);
    expect([...secretsOf(demo)].filter((secret) => !brought.has(secret))).toEqual(['worksteal-tokens']);
  });

  it('has an exchange, a Redis and a planner, and nobody to alert', () => {
    const names = demo.filter(isWorkload).map(({ metadata: { name } }) => name);
    const expected = ['exchange', 'gateway', 'keep', 'plan', 'redis', 'serve', 'watch', 'work'];
    expect(names.sort()).toEqual(expected);
  });
});

it('the tag of the image is the version, here as in the compose files', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  const tags = ['docker-compose.yml', 'deploy/compose/account.yml', 'Dockerfile']
    .flatMap((file) => read(file).match(/worksteal:\d[\w.]*/g) ?? [])
    .concat(...all.filter(isWorkload).flatMap((one) => podOf(one).containers.map(({ image }) => image)));
  expect(new Set(tags.filter((tag) => tag.startsWith('worksteal')))).toEqual(
    new Set([`worksteal:${version}`]),
  );
});
