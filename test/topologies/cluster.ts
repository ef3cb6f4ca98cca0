/** Before the project `cluster`: a Cluster of three masters for all of its files; ended afterwards. */
import type { TestProject } from 'vitest/node';
import { ClusterTopology } from '../support/topology/cluster.ts';

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await ClusterTopology.start();
  project.provide('topologyRedisUrl', cluster.url);
  return () => cluster.close();
}
