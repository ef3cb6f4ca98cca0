/**
 * Before the project `sentinel`: a master, two replicas and three Sentinels for all of its files; ended
 * afterwards.
 */
import type { TestProject } from 'vitest/node';
import { SentinelTopology } from '../support/topology/sentinel.ts';

declare module 'vitest' {
  interface ProvidedContext {
    topologyRedisUrl: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const sentinel = await SentinelTopology.start();
  project.provide('topologyRedisUrl', sentinel.url);
  return () => sentinel.close();
}
