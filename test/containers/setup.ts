/** Before the project `containers`: one Redis in a container for all of its files; removed afterwards. */
import type { TestProject } from 'vitest/node';
import { startRedisContainer } from './redis-container.ts';

declare module 'vitest' {
  interface ProvidedContext {
    containerRedisUrl: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const redis = await startRedisContainer();
  project.provide('containerRedisUrl', redis.url);
  return () => redis.close();
}
