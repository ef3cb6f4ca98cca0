/** Follows the account's stream, and comes back when it breaks. */
import { signal } from '@preact/signals';
import type { Frame, Patch } from '../../json/live.ts';
import { pathOf } from './ask.ts';
import { forgetBeat, noteBeat } from './beat.ts';
import { applyFrame, applyPatch, forget } from './book.ts';
import { openSession, session } from './session.ts';

/** `open`: the stream is there, which says nothing yet of how old the book is. */
export const connection = signal<'connecting' | 'open' | 'lost'>('connecting');

/** How soon the page comes back by itself, where the browser does not. */
const RETRY_MS = 1_000;

let source: EventSource | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;

/** Follows this account from now on, and no other. */
export function follow(account: string): void {
  stop();
  forget();
  forgetBeat();
  connect(account);
}

export function stop(): void {
  source?.close();
  source = undefined;
  clearTimeout(retry);
}

function connect(account: string): void {
  const opened = new EventSource(pathOf(account, 'live'));
  source = opened;
  opened.addEventListener('open', () => {
    connection.value = 'open';
  });
  opened.addEventListener('frame', ({ data }) => {
    const frame = JSON.parse(data) as Frame;
    applyFrame(frame);
    noteBeat(frame.atMs, frame.isStale);
  });
  opened.addEventListener('patch', ({ data }) => {
    const patch = JSON.parse(data) as Patch;
    applyPatch(patch);
    noteBeat(patch.atMs, patch.isStale);
  });
  opened.addEventListener('error', () => {
    connection.value = 'lost';
    // The browser comes back after a break; after an answer that is no stream it does not.
    if (opened.readyState !== EventSource.CLOSED || source !== opened) return;
    retry = setTimeout(() => void reopen(account), RETRY_MS);
  });
}

/** The session may have ended: with the token, or because the server was started again. */
async function reopen(account: string): Promise<void> {
  await openSession().catch(() => {});
  if (session.value !== null) connect(account);
}
