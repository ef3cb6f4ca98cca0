/** Runs as its own process: starts a Redis, prints its address, and stays until it is killed. */
import { startPrivateRedis } from '../../support/redis.ts';

const { pid, url } = await startPrivateRedis();
process.stdout.write(`${JSON.stringify({ pid, url })}\n`);
setInterval(() => {}, 60_000);
