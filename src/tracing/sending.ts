/**
 * Sends spans to the receiver (OTLP over HTTP). A receiver that is away costs nothing: the queue is bounded,
 * what it can't hold is dropped, and the log has one line when it goes and one when it is back.
 */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace';

export type SendingLog = { info(words: string): void; warn(words: string): void };

/** Spans that wait at most; more are dropped. */
const QUEUE = 2_048;
const BATCH = 512;
const EVERY_MS = 1_000;
/** The process ends; what the receiver did not take by then is lost. */
const CLOSE_LIMIT_MS = 500;

export class Sending {
  readonly processor: SpanProcessor;
  readonly #log: SendingLog;
  readonly #receiver: string;
  #isAway = false;

  constructor(url: string, timeoutMillis: number, log: SendingLog) {
    this.#log = log;
    this.#receiver = new URL(url).host; // a path or a query may hold a key
    const exporter = new OTLPTraceExporter({ url, timeoutMillis });
    const watched: SpanExporter = {
      export: (spans, done) =>
        exporter.export(spans, (result) => {
          this.#hear(result.error);
          done(result);
        }),
      forceFlush: () => exporter.forceFlush(),
      shutdown: () => exporter.shutdown(),
    };
    this.processor = new BatchSpanProcessor({
      exporter: watched,
      maxQueueSize: QUEUE,
      maxExportBatchSize: BATCH,
      scheduledDelayMillis: EVERY_MS,
    });
  }

  async close(): Promise<void> {
    if (this.#isAway) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_LIMIT_MS);
    });
    await Promise.race([this.processor.shutdown(), late]).catch(() => {});
    clearTimeout(timer);
  }

  #hear(error: Error | undefined): void {
    if (error !== undefined && !this.#isAway)
      this.#log.warn(
        `traces: ${this.#receiver} does not take them (${error.message}); they are dropped until it does`,
      );
    if (error === undefined && this.#isAway) this.#log.info(`traces: ${this.#receiver} takes them again`);
    this.#isAway = error !== undefined;
  }
}
