/** A websocket as raw bytes, as no client library would send it. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const PATIENCE_MS = 60_000;

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** `claims`: the length that it says it has; `flags`: reserved bits, 0 to 7. */
export type OddFrame = {
  opcode: number;
  payload: Buffer;
  last?: boolean;
  flags?: number;
  masked?: boolean;
  claims?: bigint;
};

/** The bytes of a frame of a client. The mask is zero: it leaves the payload as it is. */
export function frameBytes({
  opcode,
  payload,
  last = true,
  flags = 0,
  masked = true,
  claims,
}: OddFrame): Buffer {
  const length = claims ?? BigInt(payload.length);
  const head = Buffer.alloc(length < 126n ? 2 : length < 65_536n ? 4 : 10);
  head[0] = (last ? 0x80 : 0) | (flags << 4) | opcode;
  head[1] = masked ? 0x80 : 0;
  if (length < 126n) head[1] |= Number(length);
  else if (length < 65_536n) {
    head[1] |= 126;
    head.writeUInt16BE(Number(length), 2);
  } else {
    head[1] |= 127;
    head.writeBigUInt64BE(BigInt.asUintN(64, length), 2);
  }
  return Buffer.concat([head, ...(masked ? [Buffer.alloc(4)] : []), payload]);
}

/** What a server sent: its answer to the upgrade, then its messages; how the connection stands. */
export type Heard = { head: string; messages: string[]; isOpen: boolean };

export class RawWebsocket {
  readonly #socket: Socket;
  readonly #heard: Heard = { head: '', messages: [], isOpen: true };
  #received = Buffer.alloc(0);
  #pongs = new Set<string>();
  #news: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {}); // a reset shows as a close
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#read();
      this.#news();
    });
    socket.on('close', () => {
      this.#heard.isOpen = false;
      this.#news();
    });
  }

  /** Asks for an upgrade with these lines, and waits for the answer, or for the end. */
  static async open(port: number, lines: readonly string[]): Promise<RawWebsocket> {
    const socket = connect(port, '127.0.0.1');
    const client = new RawWebsocket(socket);
    await once(socket, 'connect');
    socket.setNoDelay(true);
    socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    const isUpgraded = (): boolean => client.#heard.head.startsWith('HTTP/1.1 101');
    await client.#until(() => isUpgraded() || !client.#heard.isOpen);
    return client;
  }

  get heard(): Heard {
    return this.#heard;
  }

  /** Sends bytes, and waits until the server has read them all, or has ended the connection. */
  async send(bytes: Buffer, mark: string): Promise<Heard> {
    this.#socket.write(bytes);
    this.#socket.write(frameBytes({ opcode: OPCODE.ping, payload: Buffer.from(mark) }));
    await this.#until(() => this.#pongs.has(mark) || !this.#heard.isOpen);
    return this.#heard;
  }

  close(): void {
    this.#socket.destroy();
  }

  async #until(isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
        this.#news = () => {
          clearTimeout(late);
          resolve();
        };
      });
    }
  }

  #read(): void {
    const heard = this.#heard;
    if (!heard.head.startsWith('HTTP/1.1 101')) {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const isUpgraded = this.#received.subarray(0, 12).toString() === 'HTTP/1.1 101';
      heard.head = this.#received.subarray(0, isUpgraded ? end : undefined).toString('latin1');
      if (!isUpgraded) return;
      this.#received = this.#received.subarray(end + 4);
    }
    for (let frame = this.#take(); frame !== undefined; frame = this.#take()) {
      const { opcode, payload } = frame;
      if (opcode === OPCODE.pong) this.#pongs.add(payload);
      else if (opcode === OPCODE.text || opcode === OPCODE.binary) heard.messages.push(payload);
    }
  }

  /** The next whole frame of a server: not masked, and never in parts here. */
  #take(): { opcode: number; payload: string } | undefined {
    const bytes = this.#received;
    if (bytes.length < 2) return undefined;
    const short = (bytes[1] as number) & 0x7f;
    const from = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < from) return undefined;
    let length = short;
    if (short === 126) length = bytes.readUInt16BE(2);
    if (short === 127) length = Number(bytes.readBigUInt64BE(2));
    if (bytes.length < from + length) return undefined;
    this.#received = bytes.subarray(from + length);
    return {
      opcode: (bytes[0] as number) & 0x0f,
      payload: bytes.subarray(from, from + length).toString(),
    };
  }
}
