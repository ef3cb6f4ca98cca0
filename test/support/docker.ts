/** Whether container tests can run here: asked of the engine itself, with limits, so that `npm test` never hangs on it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

const ANSWER_LIMIT_MS = 5_000;
const PULL_LIMIT_MS = 120_000;

/** Null where containers of this image can be started; else why not, in words for a person. */
export async function whyNoContainers(image: string): Promise<string | null> {
  try {
    await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: ANSWER_LIMIT_MS });
  } catch {
    return 'no Docker engine answers';
  }
  try {
    await run('docker', ['image', 'inspect', image], { timeout: ANSWER_LIMIT_MS });
    return null;
  } catch {
    // not here yet
  }
  try {
    await run('docker', ['pull', '--quiet', image], { timeout: PULL_LIMIT_MS });
    return null;
  } catch {
    return `the image ${image} is neither here nor to be had; REDIS_IMAGE names another`;
  }
}
