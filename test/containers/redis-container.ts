/**
 * A Redis in a container, from the image that REDIS_IMAGE names (default: the public one).
 * Readiness is the server's own log line: a minimal image has no tools for a look at its ports from inside.
 */
import { GenericContainer, Wait } from 'testcontainers';
import { REDIS_IMAGE } from '../support/docker.ts';

// The clean-up companion is an image of its own, which a machine without a registry lacks. We stop what we
// started.
process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';

export type ContainerRedis = { url: string; close(): Promise<void> };

/** Starts a server that keeps nothing on disk; answers when it takes connections. */
export async function startRedisContainer(): Promise<ContainerRedis> {
  const container = await new GenericContainer(REDIS_IMAGE)
    .withExposedPorts(6379)
    .withCommand(['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'])
    .withWaitStrategy(Wait.forLogMessage('Ready to accept connections'))
    .withStartupTimeout(60_000)
    .start();
  return {
    url: `redis://${container.getHost()}:${container.getMappedPort(6379)}`,
    close: async () => {
      await container.stop({ timeout: 5_000, remove: true, removeVolumes: true });
    },
  };
}
