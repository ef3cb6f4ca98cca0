/**
 * Spans of one order's way: watcher, steal, cancellation, grant, place. What is traced sees this interface
 * alone; OpenTelemetry is loaded by open.ts, and only where its variables ask for it.
 */

/** Attributes of a span. Names begin with `worksteal.`; ids, symbols and numbers, never a secret. */
export type Facts = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export type SpanOptions = {
  facts?: Facts;
  /** A `traceparent`: the span of another process, whose child this is. Default: the active span. */
  parent?: string;
  /** A `traceparent`: another span that belongs to it. */
  link?: string;
  /** Default `internal`. */
  kind?: 'internal' | 'server' | 'client' | 'consumer';
};

export interface Span {
  /** As other processes name it; '' where nothing is traced. */
  readonly traceparent: string;
  note(facts: Facts): void;
  /** It failed, for this reason. */
  fail(why: string): void;
  /** Runs the work with this span active: spans that begin in it are its children. */
  within<T>(work: () => T): T;
  end(): void;
}

export interface Tracing {
  /** Where it is off, nobody needs to look for the traces of others. */
  readonly isOn: boolean;
  /** Of the active span; '' where there is none. */
  readonly traceparent: string;
  begin(name: string, options?: SpanOptions): Span;
  /** Sends what is left, for half a second at most. Never throws. */
  close(): Promise<void>;
}

const NO_SPAN: Span = {
  traceparent: '',
  note: () => {},
  fail: () => {},
  within: (work) => work(),
  end: () => {},
};

/** Traces nothing, and costs nothing. */
export const NO_TRACING: Tracing = {
  isOn: false,
  traceparent: '',
  begin: () => NO_SPAN,
  close: async () => {},
};

/** Runs the work inside a span of its own; a throw marks it as failed. */
export async function traced<T>(
  tracing: Tracing,
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = tracing.begin(name, options);
  try {
    return await span.within(() => work(span));
  } catch (error) {
    span.fail((error as Error).message);
    throw error;
  } finally {
    span.end();
  }
}
