/**
 * In each file of the projects `sentinel` and `cluster`: test/support/redis.ts hands out the topology's
 * address.
 */
import { inject } from 'vitest';

process.env['WORKSTEAL_TEST_REDIS_URL'] = inject('topologyRedisUrl');
