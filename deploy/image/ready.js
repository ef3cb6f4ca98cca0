/**
 * The health check of a container: exits with 0 while its role is ready (docs/operations.md, "Is a process
 * ready?"). Docker restarts nothing for it.
 */
const port = process.env.WORKSTEAL_METRICS_PORT || '9464';
const limit = { signal: AbortSignal.timeout(10_000) };
fetch(`http://127.0.0.1:${port}/readyz`, limit).then(
  ({ ok }) => process.exit(ok ? 0 : 1),
  () => process.exit(1),
);
