/** In each file of the project `containers`: test/support/redis.ts hands out the container's Redis. */
import { inject } from 'vitest';

process.env['WORKSTEAL_TEST_REDIS_URL'] = inject('containerRedisUrl');
