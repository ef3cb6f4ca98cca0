/** Opens the tracing of a process. OpenTelemetry's packages are optional, and loaded only where asked for. */
import { secretHider } from '../domain/secrets.ts';
import { readTracingSettings } from './settings.ts';
import { NO_TRACING, type Tracing } from './tracing.ts';

export type TracingParts = {
  env: Readonly<Record<string, string | undefined>>;
  role: string;
  host: string;
  /** Values that no span may hold. */
  secrets: readonly string[];
  log: { info(words: string): void; warn(words: string): void };
};

/** What has to be installed beside worksteal. */
export const TRACING_PACKAGES = [
  '@opentelemetry/api',
  '@opentelemetry/context-async-hooks',
  '@opentelemetry/exporter-trace-otlp-proto',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace',
] as const;

/** Never throws: what prevents tracing is logged, and the process works without it. */
export async function openTracing({ env, role, host, secrets, log }: TracingParts): Promise<Tracing> {
  const settings = readTracingSettings(env);
  if (settings === undefined) return NO_TRACING;
  const { url, timeoutMs, sampler, faults, isUsable } = settings;
  for (const fault of faults) log.warn(`traces: ${fault}`);
  if (!isUsable) return NO_TRACING;
  try {
    const { openOpenTelemetry } = await import('./open-telemetry.ts');
    return await openOpenTelemetry({
      ...{ url, timeoutMs, sampler, role, host, hide: secretHider(secrets), log },
    });
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    const why = isMissing
      ? `OpenTelemetry is not installed; install it with: npm install ${TRACING_PACKAGES.join(' ')}`
      : (error as Error).message;
    log.warn(`traces: none are sent: ${why}`);
    return NO_TRACING;
  }
}
