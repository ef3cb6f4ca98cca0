/** Requests to the API. */

const LIMIT_MS = 15_000;

/** An answer that is no success; `code` as the API has it, or `unreachable`. */
export class Problem extends Error {
  readonly code: string;
  /** What to do about it; may be empty. */
  readonly next: string;

  constructor(code: string, message: string, next: string) {
    super(message);
    this.code = code;
    this.next = next;
  }
}

/** @throws Problem */
export async function ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      signal: AbortSignal.timeout(LIMIT_MS),
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
  } catch {
    throw new Problem('unreachable', 'the server does not answer', 'try again');
  }
  const said = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  if (answer.ok) return said as Answer;
  const { code = 'bug', detail = `HTTP ${answer.status}`, next = '' } = said;
  throw new Problem(String(code), String(detail), String(next));
}

/** The path of a route of an account. */
export function pathOf(account: string, route: string): string {
  return `/v1/accounts/${encodeURIComponent(account)}/${route}`;
}
