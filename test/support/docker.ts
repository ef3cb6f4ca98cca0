/**
 * Which features of Docker are available: asks the engine, with a time limit, so that a test run never hangs
 * on it.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** docker-compose 1 takes seconds to say its version on a busy machine. */
const ANSWER_LIMIT_MS = 60_000;
const PULL_LIMIT_MS = 120_000;

/**
 * The images that the container tests start; other names come by variable (the defaults are the public ones).
 */
export const REDIS_IMAGE = process.env['REDIS_IMAGE'] ?? 'redis:7';
export const NODE_IMAGE = process.env['NODE_IMAGE'] ?? 'node:24.21.0-bookworm-slim';
export const PROMETHEUS_IMAGE = process.env['PROMETHEUS_IMAGE'] ?? 'prom/prometheus:v3.5.0';

async function works(limitMs: number, program: string, ...args: string[]): Promise<boolean> {
  try {
    await run(program, args, { timeout: limitMs });
    return true;
  } catch {
    return false;
  }
}

/** How Compose is called here: the plugin (v2), the program of its own (v1), or null. */
export async function composeCommand(): Promise<string[] | null> {
  if (await works(ANSWER_LIMIT_MS, 'docker', 'compose', 'version')) return ['docker', 'compose'];
  if (await works(ANSWER_LIMIT_MS, 'docker-compose', 'version')) return ['docker-compose'];
  return null;
}

/**
 * Null where the container tests can run; else why not, in words for a person. Pulls the images where they
 * are not here.
 */
export async function whyNoContainers(): Promise<string | null> {
  if (!(await works(ANSWER_LIMIT_MS, 'docker', 'version'))) return 'no Docker engine answers';
  if ((await composeCommand()) === null)
    return 'Docker is here, but neither its compose plugin nor docker-compose';
  for (const [variable, image] of Object.entries({ REDIS_IMAGE, NODE_IMAGE, PROMETHEUS_IMAGE })) {
    if (await works(ANSWER_LIMIT_MS, 'docker', 'image', 'inspect', image)) continue;
    if (await works(PULL_LIMIT_MS, 'docker', 'pull', '--quiet', image)) continue;
    return `the image ${image} is neither here nor to be had; ${variable} names another`;
  }
  return null;
}
