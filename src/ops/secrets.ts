/** Keeps passwords and keys out of what is written for people: logs, errors, the screen. */

/** A shorter value is a word of a test or a demo, which would be blotted out wherever it occurs. */
const LEAST_CHARACTERS = 8;
const HIDDEN = '[hidden]';
const URL_PASSWORD = /\b([a-z][a-z0-9+.-]*:\/\/[^\s:@/"[]*):[^\s@"]+@/gi;

/** The values of an environment that nobody may read: the broker's keys, the passwords of Redis. */
export function secretsOf(env: Readonly<Record<string, string | undefined>>): string[] {
  const found = [env['APCA_API_SECRET_KEY'], env['APCA_API_KEY_ID'], passwordOf(env['REDIS_URL'])];
  return found.filter((secret) => secret !== undefined).filter((secret) => secret.length >= LEAST_CHARACTERS);
}

/** Returns what hides the secrets in a text, as they are, as JSON and as URLs write them; and the password of any URL, however short. */
export function secretHider(secrets: readonly string[]): (text: string) => string {
  const spellings = new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]));
  return (text) => {
    let hidden = text;
    for (const secret of spellings) hidden = hidden.replaceAll(secret, HIDDEN);
    return hidden.includes('://') ? hidden.replaceAll(URL_PASSWORD, `$1:${HIDDEN}@`) : hidden;
  };
}

function passwordOf(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { password } = new URL(url);
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}
