/**
 * The tracing of a process by OpenTelemetry. This file and sending.ts alone import its packages; open.ts
 * imports them when a process asks for traces.
 */
import {
  type Attributes,
  type Context,
  context,
  type Link,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { Sending, type SendingLog } from './sending.ts';
import type { SamplerSettings } from './settings.ts';
import { readTraceparent, writeTraceparent } from './traceparent.ts';
import type { Facts, Span, SpanOptions, Tracing } from './tracing.ts';

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
} as const;

export type OpenTelemetryParts = {
  /** Where spans are posted. */
  url: string;
  timeoutMs: number;
  sampler: SamplerSettings;
  role: string;
  host: string;
  /** Applied to each text before it becomes part of a span. */
  hide: (text: string) => string;
  log: SendingLog;
};

export async function openOpenTelemetry(parts: OpenTelemetryParts): Promise<Tracing> {
  const { url, timeoutMs, sampler, role, host, hide, log } = parts;
  // Without effect where the process has one already.
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const sending = new Sending(url, timeoutMs, log);
  const provider = new TracerProvider({
    resource: resourceOf(role, host),
    sampler: samplerOf(sampler),
    spanLimits: { attributeValueLengthLimit: 1_024, attributeCountLimit: 64, eventCountLimit: 16 },
    spanProcessors: [sending.processor],
  });
  return new OpenTelemetry(provider.getTracer('worksteal'), hide, () => sending.close());
}

function resourceOf(role: string, host: string) {
  const own = resourceFromAttributes({
    'service.name': 'worksteal',
    'service.instance.id': host,
    'worksteal.role': role,
    'worksteal.host': host,
  });
  const named = detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] });
  return defaultResource().merge(own).merge(named);
}

function samplerOf({ ratio, followsParent }: SamplerSettings): Sampler {
  const root =
    ratio >= 1
      ? new AlwaysOnSampler()
      : ratio <= 0
        ? new AlwaysOffSampler()
        : new TraceIdRatioBasedSampler(ratio);
  return followsParent ? new ParentBasedSampler({ root }) : root;
}

class OpenTelemetry implements Tracing {
  readonly isOn = true;
  readonly #tracer: Tracer;
  readonly #hide: (text: string) => string;
  readonly #close: () => Promise<void>;

  constructor(tracer: Tracer, hide: (text: string) => string, close: () => Promise<void>) {
    this.#tracer = tracer;
    this.#hide = hide;
    this.#close = close;
  }

  get traceparent(): string {
    return traceparentOf(trace.getSpan(context.active()));
  }

  begin(name: string, { facts = {}, parent = '', link = '', kind = 'internal' }: SpanOptions = {}): Span {
    const above = remote(parent) ?? context.active();
    const other = remote(link);
    const linked = other === undefined ? undefined : trace.getSpanContext(other);
    const links: Link[] = linked === undefined ? [] : [{ context: linked }];
    const attributes = this.#shown(facts);
    const span = this.#tracer.startSpan(name, { kind: KINDS[kind], attributes, links }, above);
    return this.#wrapped(span, trace.setSpan(above, span));
  }

  close(): Promise<void> {
    return this.#close();
  }

  #wrapped(span: OtelSpan, active: Context): Span {
    return {
      traceparent: traceparentOf(span),
      note: (facts) => void span.setAttributes(this.#shown(facts)),
      fail: (why) => void span.setStatus({ code: SpanStatusCode.ERROR, message: this.#hide(why) }),
      within: (work) => context.with(active, work),
      end: () => span.end(),
    };
  }

  #shown(facts: Facts): Attributes {
    const shown: Attributes = {};
    for (const [name, value] of Object.entries(facts)) {
      if (value === undefined || value === '') continue;
      if (typeof value === 'string') shown[name] = this.#hide(value);
      else shown[name] = typeof value === 'object' ? value.map(this.#hide) : value;
    }
    return shown;
  }
}

function traceparentOf(span: OtelSpan | undefined): string {
  if (span === undefined) return '';
  const { traceId, spanId, traceFlags: flags } = span.spanContext();
  return writeTraceparent({ traceId, spanId, flags });
}

function remote(traceparent: string): Context | undefined {
  const named = readTraceparent(traceparent);
  if (named === undefined) return undefined;
  const { traceId, spanId, flags: traceFlags } = named;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}
