/** What a set of Kubernetes manifests refers to: names, labels and ports that must be there. */
import { type Container, type Manifest, selects } from './manifests.ts';

const WORKLOADS = ['Deployment', 'StatefulSet'];
export const isWorkload = ({ kind }: Manifest): boolean => WORKLOADS.includes(kind);
export const podOf = ({ spec }: Manifest) => {
  if (spec?.template === undefined) throw new Error('this manifest has no pods');
  return { labels: spec.template.metadata.labels, ...spec.template.spec };
};
const containersOf = (workload: Manifest): Container[] => podOf(workload).containers;
const portNames = (workload: Manifest): string[] =>
  containersOf(workload).flatMap(({ ports = [] }) => ports.map(({ name }) => name));

/** Secrets that pods refer to, as `name/key`; a whole one that is mounted as `name`. */
export function secretsOf(manifests: readonly Manifest[]): Set<string> {
  const found = manifests
    .filter(isWorkload)
    .flatMap((workload) => [
      ...containersOf(workload).flatMap(({ env = [] }) =>
        env.flatMap(({ valueFrom }) =>
          valueFrom?.secretKeyRef ? [`${valueFrom.secretKeyRef.name}/${valueFrom.secretKeyRef.key}`] : [],
        ),
      ),
      ...(podOf(workload).volumes ?? []).flatMap(({ secret }) => (secret ? [secret.secretName] : [])),
    ]);
  return new Set(found);
}

/** Secrets that the manifests bring, in the same form. */
export function secretsIn(manifests: readonly Manifest[]): Set<string> {
  const secrets = manifests.filter(({ kind }) => kind === 'Secret');
  return new Set(
    secrets.flatMap(({ metadata: { name }, data = {} }) => Object.keys(data).map((key) => `${name}/${key}`)),
  );
}

type Matching = (selector: object) => Manifest[];
type Check = (manifest: Manifest, matching: Matching, manifests: readonly Manifest[]) => string[];

/** Kind -> what is wrong with a manifest of it. */
const CHECKS: Readonly<Record<string, Check>> = {
  Deployment: (manifest, _, manifests) => faultsOfWorkload(manifest, manifests),
  StatefulSet: (manifest, _, manifests) => faultsOfWorkload(manifest, manifests),
  PodDisruptionBudget: ({ spec }, matching) =>
    matching(spec?.selector ?? {}).length === 1 ? [] : ['does not select the pods of one workload'],
  Service: (manifest, matching) =>
    faultsOfService(manifest, matching({ matchLabels: manifest.spec?.selector })),
  NetworkPolicy: (manifest, matching) => faultsOfPolicy(manifest, matching),
  HorizontalPodAutoscaler({ spec }, _, manifests) {
    const scaled = spec?.scaleTargetRef?.name;
    const target = manifests.find((one) => isWorkload(one) && one.metadata.name === scaled);
    if (target === undefined) return ['scales nothing'];
    return target.spec?.replicas === undefined ? [] : ['scales what has a fixed number of replicas'];
  },
};

/** Every reference to what is not there, as a sentence; secrets are left out. */
export function referenceFaults(manifests: readonly Manifest[]): string[] {
  const workloads = manifests.filter(isWorkload);
  const matching: Matching = (selector) =>
    workloads.filter((workload) => selects(selector, podOf(workload).labels));
  return manifests.flatMap((manifest) => {
    const faults = CHECKS[manifest.kind]?.(manifest, matching, manifests) ?? [];
    return faults.map((fault) => `${manifest.kind} ${manifest.metadata.name} ${fault}`);
  });
}

function faultsOfWorkload(workload: Manifest, manifests: readonly Manifest[]): string[] {
  const { labels, volumes = [], containers } = podOf(workload);
  const maps = manifests.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name);
  const claims = workload.spec?.volumeClaimTemplates?.map(({ metadata }) => metadata.name) ?? [];
  const volumeNames = [...volumes.map(({ name }) => name), ...claims];
  const names = portNames(workload);
  return [
    ...(selects(workload.spec?.selector ?? {}, labels) ? [] : ['does not select its own pods']),
    ...containers.flatMap((container) => [
      ...(container.envFrom ?? []).flatMap(({ configMapRef: { name } }) =>
        maps.includes(name) ? [] : [`reads the ConfigMap ${name}`],
      ),
      ...(container.volumeMounts ?? []).flatMap(({ name }) =>
        volumeNames.includes(name) ? [] : [`mounts ${name}`],
      ),
      ...(['livenessProbe', 'readinessProbe', 'startupProbe'] as const).flatMap((probe) => {
        const port = container[probe]?.httpGet?.port;
        return port === undefined || names.includes(port) ? [] : [`probes the port ${port}`];
      }),
    ]),
  ];
}

function faultsOfService({ spec }: Manifest, targets: readonly Manifest[]): string[] {
  if (targets.length === 0) return ['leads to no pod'];
  const ports = spec?.ports?.map(({ targetPort }) => targetPort) ?? [];
  return ports.flatMap((port) =>
    targets.every((target) => portNames(target).includes(port)) ? [] : [`leads to the port ${port}`],
  );
}

function faultsOfPolicy({ spec = {} }: Manifest, matching: Matching): string[] {
  const selected = matching(spec.podSelector ?? {});
  if (selected.length === 0) return ['selects no pod'];
  return (spec.ingress ?? []).flatMap(({ ports = [] }) =>
    ports.flatMap(({ port }) =>
      typeof port === 'number' || selected.some((pod) => portNames(pod).includes(port))
        ? []
        : [`opens the port ${port}`],
    ),
  );
}
