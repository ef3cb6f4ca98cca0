/** Run as a process of its own: starts a Redis, says where it is, and stays until it is killed. */
import { startPrivateRedis } from '../../support/redis.ts';

const { pid, url } = await startPrivateRedis();
process.stdout.write(`${JSON.stringify({ pid, url })}\n`);
setInterval(() => {}, 60_000);
