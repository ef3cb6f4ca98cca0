/** A message as its receiver wants it. */
import { seconds } from '../ops/readiness.ts';
import type { Incident, Notice } from './incident.ts';

export const SHAPES = ['json', 'slack'] as const;
export type Shape = (typeof SHAPES)[number];

/** Who tells it, and of which account. */
export type Teller = { account: string; host: string };

/** The version of the JSON shape: raised when a field is removed or changes its meaning. */
const SCHEMA = 1;

/** The body of the request. */
export function bodyOf(shape: Shape, notice: Notice, teller: Teller): string {
  return JSON.stringify(shape === 'slack' ? { text: slackText(notice, teller) } : jsonOf(notice, teller));
}

function jsonOf({ id, state, incident }: Notice, { account, host }: Teller): object {
  const { check, cause, next, sinceMs, endedMs } = incident;
  const isOver = state === 'resolved';
  const told = { words: isOver ? overWords(incident) : incident.words, next: isOver ? '' : next };
  return { schema: SCHEMA, id, state, account, check, cause, ...told, sinceMs, endedMs, host };
}

/** That it is over, how long it lasted, and what it was. */
function overWords({ words, sinceMs, endedMs }: Incident): string {
  return `well again, after ${seconds((endedMs ?? sinceMs) - sinceMs)}. It was: ${words}`;
}

function slackText({ state, incident }: Notice, { account }: Teller): string {
  const { check, words, next } = incident;
  if (state === 'firing')
    return escaped(`${account}: ${check}: ${words}`) + (next && `\n${escaped(`> ${next}`)}`);
  return escaped(`${account}: ${check}: ${overWords(incident)}`);
}

/** Slack's three characters with a meaning. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
