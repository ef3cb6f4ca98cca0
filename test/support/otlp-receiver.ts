/**
 * A receiver of traces on this machine (OTLP over HTTP, protobuf). It reads the few fields that tests look
 * at; opentelemetry-proto's trace/v1/trace.proto has their numbers.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ReceivedSpan = {
  traceId: string;
  spanId: string;
  /** '' for a root. */
  parent: string;
  name: string;
  /** `internal`: 1, `server`: 2, `client`: 3, `consumer`: 5. */
  kind: number;
  facts: Record<string, unknown>;
  /** Trace ids. */
  links: string[];
  isFailed: boolean;
  /** Of the process that sent it. */
  resource: Record<string, unknown>;
};

export type OtlpReceiver = {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  url: string;
  spans: ReceivedSpan[];
  /** Everything that was sent, as it came. */
  bytes: Buffer[];
  /** It takes requests and answers none from now on. */
  hang(): void;
  close(): Promise<void>;
};

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  let hangs = false;
  const spans: ReceivedSpan[] = [];
  const bytes: Buffer[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      if (hangs) return;
      const body = Buffer.concat(parts);
      bytes.push(body);
      if (request.url === '/v1/traces') spans.push(...readRequest(body));
      response.writeHead(request.url === '/v1/traces' ? 200 : 404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    bytes,
    hang() {
      hangs = true;
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A message's fields by number, each as often as it came: bytes, or a number. */
type Message = Map<number, (Buffer | bigint)[]>;

function readMessage(bytes: Buffer): Message {
  const fields: Message = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const skip = (length: number): Buffer => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const wire = tag & 7;
    const value = wire === 0 ? varint() : wire === 2 ? skip(Number(varint())) : skip(wire === 1 ? 8 : 4);
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value]);
  }
  return fields;
}

const messages = (message: Message, number: number): Message[] =>
  (message.get(number) ?? []).map((bytes) => readMessage(bytes as Buffer));
const bytesOf = (message: Message, number: number): Buffer =>
  (message.get(number)?.[0] as Buffer | undefined) ?? Buffer.alloc(0);
const hex = (message: Message, number: number): string => bytesOf(message, number).toString('hex');
const text = (message: Message, number: number): string => bytesOf(message, number).toString();
const number = (message: Message, field: number): number => Number(message.get(field)?.[0] ?? 0);

function readRequest(body: Buffer): ReceivedSpan[] {
  return messages(readMessage(body), 1).flatMap((ofResource) => {
    const resource = factsOf(messages(ofResource, 1).flatMap((one) => messages(one, 1)));
    const spans = messages(ofResource, 2).flatMap((ofScope) => messages(ofScope, 2));
    return spans.map((span) => ({
      traceId: hex(span, 1),
      spanId: hex(span, 2),
      parent: hex(span, 4),
      name: text(span, 5),
      kind: number(span, 6),
      facts: factsOf(messages(span, 9)),
      links: messages(span, 13).map((link) => hex(link, 1)),
      isFailed: messages(span, 15).some((status) => number(status, 3) === 2),
      resource,
    }));
  });
}

function factsOf(pairs: Message[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => [text(pair, 1), readValue(messages(pair, 2)[0] ?? new Map())] as const),
  );
}

/** AnyValue: text, flag, integer, double, or a list. */
function readValue(any: Message): unknown {
  if (any.has(1)) return text(any, 1);
  if (any.has(2)) return number(any, 2) === 1;
  if (any.has(3)) return number(any, 3);
  if (any.has(4)) return bytesOf(any, 4).readDoubleLE();
  return messages(any, 5).flatMap((list) => messages(list, 1).map(readValue));
}
