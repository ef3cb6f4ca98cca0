/**
 * Asks the registry, as npm is set up to, for known vulnerabilities of what package-lock.json installs,
 * development included. Fails on any. A registry that can't be reached, or does not answer audits, is told
 * and fails nothing: nobody was found vulnerable by it.
 */
import { spawnSync } from 'node:child_process';
import { z } from 'zod';

const LIMIT_MS = 90_000;
const QUICK = ['--fetch-retries=1', '--fetch-timeout=20000'];

const advisory = z.object({ title: z.string(), url: z.string(), range: z.string() });
const REPORT = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    z.string(),
    z.object({ name: z.string(), severity: z.string(), via: z.array(z.union([z.string(), advisory])) }),
  ),
  metadata: z.object({ dependencies: z.object({ prod: z.int().positive(), total: z.int().positive() }) }),
});

const ran = spawnSync('npm', ['audit', '--json', '--audit-level=low', ...QUICK], {
  encoding: 'utf8',
  timeout: LIMIT_MS,
});
const report = REPORT.safeParse(parsed(ran.stdout));
if (report.success) tell(report.data);
else console.log(`npm audit: the registry could not be asked (${reasonOf(ran.stdout)})`);

function tell({ vulnerabilities, metadata }: z.output<typeof REPORT>): void {
  const found = Object.values(vulnerabilities);
  for (const { name, severity, via } of found) {
    const why = via.map((one) =>
      typeof one === 'string' ? `by ${one}` : `${one.title} (${one.range}) ${one.url}`,
    );
    console.log(`${name}: ${severity}: ${why.join('; ')}`);
  }
  const { prod, total } = metadata.dependencies;
  console.log(
    `npm audit: ${found.length} vulnerabilities in ${total} packages, ${prod} of them for production`,
  );
  if (found.length > 0) process.exitCode = 1;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Without the registry's address, which is this machine's own affair. */
function reasonOf(text: string): string {
  const { data } = z.object({ message: z.string() }).safeParse(parsed(text));
  return (data?.message ?? 'no answer in time').replaceAll(/https?:\/\/\S+/g, 'the registry').slice(0, 200);
}
