/**
 * Who looks at the page. The token comes in the address's fragment, which no browser sends; it is exchanged
 * for a cookie and stays in memory only, for a server that was started again and knows the cookie no more.
 */
import { signal } from '@preact/signals';
import { ask, Problem } from './ask.ts';

export type Session = { name: string; scope: 'read' | 'trade' | 'admin'; accounts: string[] };

/** Undefined: not known yet. Null: a token is needed. */
export const session = signal<Session | null | undefined>(undefined);
/** Why the last token was not taken; empty: it was, or none was tried. */
export const signInFault = signal('');

let token: string | undefined;

/** Takes the token out of the address, so that it stays in no history and no screenshot. */
export function takeToken(): void {
  const { hash, pathname, search } = location;
  const found = /(?:^#|&)token=([^&]+)/.exec(hash)?.[1];
  if (found === undefined) return;
  token = decodeURIComponent(found);
  history.replaceState(history.state, '', `${pathname}${search}`);
}

/** Begins a session with a token that somebody typed. */
export async function signIn(text: string): Promise<void> {
  token = text.trim();
  session.value = undefined;
  await openSession();
}

/** Begins or finds the session. Leaves it as it is while the server can't be reached. */
export async function openSession(): Promise<void> {
  try {
    session.value = await (token === undefined
      ? ask<Session>('GET', '/v1/session')
      : ask<Session>('POST', '/v1/session', { token }));
    signInFault.value = '';
  } catch (error) {
    if (!(error instanceof Problem) || !['unauthenticated', 'invalid'].includes(error.code)) throw error;
    if (token !== undefined) signInFault.value = error.message;
    token = undefined;
    session.value = null;
  }
}
