/**
 * `npm run bench`: measures the product's own code on an embedded Redis, and compares the ratios with their
 * targets. Exits with 0 even if a target is missed: a benchmark is not a test.
 */
import { parseArgs } from 'node:util';
import { openRedis } from '../src/redis/open.ts';
import { admitAgainstNoop, admitGrowth } from './admit.ts';
import { apiAdds } from './api.ts';
import { type Book, fill, openBook, putInto, STATES, type State } from './book.ts';
import { gatewayAdds } from './gateway.ts';
import { blockedToGranted } from './grant.ts';
import { type Target, table } from './report.ts';
import { stealAgainstNoop, stealGrowth } from './steal.ts';
import { tickGrowth } from './tick.ts';
import { viewersCost } from './viewers.ts';

const SMALL = 100;
const LARGE = 100_000;

const HELP = `npm run bench -- [--quick] [--api] [--gateway] [--json]
  --quick  9 rounds of each measurement instead of 31
  --api    the HTTP API under load instead: some 3 minutes
  --gateway  the gateway under load instead: a minute
  --json   prints the results as one JSON object on the last line
`;

async function main(args: string[]): Promise<void> {
  const flag = { type: 'boolean', default: false } as const;
  const { values: options } = parseArgs({
    args,
    options: { quick: flag, api: flag, gateway: flag, json: flag, help: flag },
  });
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  const targets = await targetsOf(options);
  process.stdout.write(options.json ? `${JSON.stringify({ targets })}\n` : table(targets));
}

async function targetsOf(options: { api: boolean; gateway: boolean; quick: boolean }): Promise<Target[]> {
  if (options.api) return await onOwnServer(runApi);
  if (options.gateway) return await onOwnServer(gatewayAdds);
  return await run(options.quick ? 9 : 31);
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Always an embedded server: the load of others on a shared one would be measured, too. */
function openEmbedded(): ReturnType<typeof openRedis> {
  const log = { info: progress, warn: progress };
  return openRedis({ env: { ...process.env, REDIS_URL: undefined }, log });
}

async function run(rounds: number): Promise<Target[]> {
  const redis = await openEmbedded();
  const books: Book[] = [];
  try {
    const small = await openBook(redis.url, 'small');
    const large = await openBook(redis.url, 'large');
    books.push(small, large);
    await fill(small, SMALL, () => {});
    await fill(
      large,
      LARGE,
      (orders) => orders % 20_000 === 0 && progress(`${orders} of ${LARGE} open orders loaded`),
    );
    return await measure(redis.url, { small, large }, rounds);
  } finally {
    for (const book of books) await book.ledger.close();
    await redis.close();
  }
}

/** On a server of its own: nothing else writes there. */
async function onOwnServer(work: (url: string) => Promise<Target[]>): Promise<Target[]> {
  const redis = await openEmbedded();
  try {
    return await work(redis.url);
  } finally {
    await redis.close();
  }
}

async function runApi(url: string): Promise<Target[]> {
  const targets = await apiAdds(url);
  return [...targets, ...(await viewersCost(url))];
}

async function measure(
  url: string,
  { small, large }: { small: Book; large: Book },
  rounds: number,
): Promise<Target[]> {
  const targets: Target[] = [];
  const take = async (target: Promise<Target>): Promise<void> => {
    const done = await target;
    targets.push(done);
    progress(`${done.name}: ${done.value} x (${done.measured})`);
  };
  await take(blockedToGranted(url, rounds));
  for (const state of Object.keys(STATES) as State[]) {
    await putInto(small, state);
    await putInto(large, state);
    if (state === 'far') {
      await take(admitAgainstNoop(small, rounds));
      await take(stealAgainstNoop(small, 1, rounds));
      await take(stealAgainstNoop(small, 3, rounds));
      await take(tickGrowth(small, large, rounds));
    }
    await take(admitGrowth(small, large, state, rounds));
    await take(stealGrowth(small, large, state, rounds));
  }
  return targets;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const misused = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
  process.stderr.write(
    misused ? `bench: ${(error as Error).message}\n${HELP}` : `bench: ${(error as Error).stack}\n`,
  );
  process.exitCode = 1;
}
