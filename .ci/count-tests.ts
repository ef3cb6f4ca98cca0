/**
 * Prints `PASSED FAILED` of a vitest JSON report; fails where no test ran. A file that could not be loaded is
 * one failure.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const REPORT = z.object({
  numPassedTests: z.int().min(0),
  numFailedTests: z.int().min(0),
  testResults: z.array(
    z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
});

const [file = ''] = process.argv.slice(2);
const report = REPORT.parse(JSON.parse(readFileSync(file, 'utf8')));
const unloaded = report.testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && assertionResults.every((one) => one.status !== 'failed'),
).length;
const failed = report.numFailedTests + unloaded;
console.log(`${report.numPassedTests} ${failed}`);
if (report.numPassedTests + failed === 0) {
  console.error('no test ran');
  process.exitCode = 1;
}
