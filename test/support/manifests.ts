/** Kubernetes manifests as a cluster would get them: rendered by kustomize, their types and keys by tsc. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { packageRoot } from '../../src/package-root.ts';

const run = promisify(execFile);
const LIMIT_MS = 60_000;

/** Only what the checks look at; tsc checks the rest. */
export type Labels = Record<string, string>;
export type Selector = {
  matchLabels?: Labels;
  matchExpressions?: { key: string; operator: string; values: string[] }[];
};
type Reference = { name: string; key: string };
export type Container = {
  args: string[];
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef?: Reference } }[];
  envFrom?: { configMapRef: { name: string } }[];
  image: string;
  ports?: { name: string; containerPort: number }[];
  volumeMounts?: { name: string }[];
  resources?: { limits?: Labels };
  securityContext?: Record<string, unknown>;
} & { [probe in 'livenessProbe' | 'readinessProbe' | 'startupProbe']?: Probe };
export type Probe = { httpGet?: { path: string; port: string } };
export type Pod = {
  automountServiceAccountToken?: boolean;
  terminationGracePeriodSeconds?: number;
  containers: Container[];
  securityContext?: Record<string, unknown>;
  volumes?: { name: string; secret?: { secretName: string } }[];
};
export type Rule = { ports?: { port: string | number }[]; to?: object[]; from?: object[] };
export type Manifest = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Labels };
  data?: Labels;
  spec?: {
    replicas?: number;
    selector?: Selector & Labels;
    template?: { metadata: { labels: Labels }; spec: Pod };
    volumeClaimTemplates?: { metadata: { name: string } }[];
    ports?: { targetPort: string }[];
    scaleTargetRef?: { kind: string; name: string };
    podSelector?: Selector;
    policyTypes?: string[];
    ingress?: Rule[];
    egress?: Rule[];
  };
};

/**
 * What `kubectl kustomize` makes of a folder of the repository.
 * @throws Error with its words, or what to install
 */
export function rendered(folder: string): Manifest[] {
  let text: string;
  try {
    text = execFileSync('kubectl', ['kustomize', join(packageRoot(), folder)], {
      encoding: 'utf8',
      timeout: LIMIT_MS,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error('kubectl is missing: install it, 1.27 or newer', { cause: error });
  }
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

/**
 * What tsc has against these manifests by the types of the package kubernetes-models, one line each: values
 * of a wrong type, required keys that are missing, and keys that there are not.
 */
export async function typeFaults(manifests: readonly Manifest[]): Promise<string[]> {
  const literals = manifests.map((manifest, at) => {
    const { apiVersion, kind } = manifest;
    const type = `import('kubernetes-models/${apiVersion}').I${kind}`;
    return `export const m${at}: ${type} = ${JSON.stringify(manifest, undefined, 1)};`;
  });
  const folder = mkdtempSync(join(tmpdir(), 'worksteal-manifests-'));
  try {
    symlinkSync(join(packageRoot(), 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'manifests.ts'), literals.join('\n'));
    const tsc = join(packageRoot(), 'node_modules/typescript/bin/tsc');
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', ''];
    const { stdout } = await run(process.execPath, [tsc, ...options, 'manifests.ts'], {
      cwd: folder,
      timeout: LIMIT_MS,
    }).catch((error: { stdout?: string }) => {
      if (!error.stdout) throw error;
      return { stdout: error.stdout };
    });
    return stdout.split('\n').filter((line) => line.startsWith('manifests.ts'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => {
      if (operator !== 'In') throw new Error(`the check does not know the operator ${operator}`);
      return values.includes(labels[key] ?? '');
    })
  );
}
