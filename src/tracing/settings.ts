/**
 * OpenTelemetry's own variables, as far as this program reads them itself; its packages read the others
 * (headers, compression, certificates, the resource's attributes). docs/tracing.md lists them.
 */

type Env = Readonly<Record<string, string | undefined>>;

/** `ratio`: the share of new traces that is recorded. `followsParent`: a caller's decision counts. */
export type SamplerSettings = { ratio: number; followsParent: boolean };

/** `faults`: what can't be used, a sentence each. `isUsable`: spans can be sent all the same. */
export type TracingSettings = {
  /** Where spans are posted. */
  url: string;
  /** How long the receiver may take, tries again included, ms. */
  timeoutMs: number;
  sampler: SamplerSettings;
  faults: string[];
  isUsable: boolean;
};

/** The address of the receiver's traces; the address of a receiver, below which they are. */
const OF_TRACES = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
const OF_ALL = 'OTEL_EXPORTER_OTLP_ENDPOINT';

/** Shorter than OpenTelemetry's own: what a process has under way at its end keeps it for so long. */
const TIMEOUT_MS = 3_000;

const EVERYTHING: SamplerSettings = { ratio: 1, followsParent: true };

/** Undefined where no traces are wanted. */
export function readTracingSettings(env: Env): TracingSettings | undefined {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none')
    return undefined;
  const variable = [OF_TRACES, OF_ALL].find((name) => env[name]);
  if (variable === undefined) return undefined;
  const address = env[variable] ?? '';
  const url = variable === OF_TRACES ? address : `${address.replace(/\/$/, '')}/v1/traces`;
  const faults: string[] = [];
  const isUsable = isHttp(url);
  if (!isUsable) faults.push(`${variable}: is not an address such as http://localhost:4318`);
  const protocol = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] || env['OTEL_EXPORTER_OTLP_PROTOCOL'];
  if (protocol && protocol !== 'http/protobuf')
    faults.push(
      `OTEL_EXPORTER_OTLP_PROTOCOL: ${protocol} is not known here; spans are sent as http/protobuf`,
    );
  return { url, timeoutMs: readTimeout(env, faults), sampler: readSampler(env, faults), faults, isUsable };
}

function isHttp(address: string): boolean {
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
}

function readTimeout(env: Env, faults: string[]): number {
  const text = env['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT'] || env['OTEL_EXPORTER_OTLP_TIMEOUT'];
  if (!text) return TIMEOUT_MS;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  faults.push(`OTEL_EXPORTER_OTLP_TIMEOUT: ${text} is not a number of milliseconds; it is ${TIMEOUT_MS}`);
  return TIMEOUT_MS;
}

function readSampler(env: Env, faults: string[]): SamplerSettings {
  const name = env['OTEL_TRACES_SAMPLER'] || 'parentbased_always_on';
  const [, parentBased = '', rule] = /^(parentbased_)?(always_on|always_off|traceidratio)$/.exec(name) ?? [];
  const followsParent = parentBased !== '';
  if (rule === undefined) {
    faults.push(`OTEL_TRACES_SAMPLER: there is no ${name}; everything is recorded`);
    return EVERYTHING;
  }
  if (rule !== 'traceidratio') return { ratio: rule === 'always_on' ? 1 : 0, followsParent };
  const argument = env['OTEL_TRACES_SAMPLER_ARG'] || '1';
  const ratio = Number(argument);
  if (ratio >= 0 && ratio <= 1) return { ratio, followsParent };
  faults.push(`OTEL_TRACES_SAMPLER_ARG: ${argument} is not a share from 0 to 1; everything is recorded`);
  return { ...EVERYTHING, followsParent };
}
