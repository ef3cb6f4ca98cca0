/**
 * Keeps passwords and keys out of what is written for people and what is stored: logs, errors, the screen,
 * the queue.
 */

/** A shorter value is a word of a test or a demo, which would be blotted out wherever it occurs. */
const LEAST_CHARACTERS = 8;
const HIDDEN = '[hidden]';
/**
 * `scheme://user:` and what stands before the last `@` of the host's part, or before the next `@` where a
 * slash was not encoded.
 */
const URL_PASSWORD = /\b([a-z][a-z0-9+.-]*:\/\/[^\s:@/"[]*):(?:[^\s"/?#]*@|[^\s@"]+@)/gi;

/**
 * Returns what hides the secrets in a text, as they are, as JSON, HTML and URLs write them; and the password
 * of any URL, however short. A secret of fewer than 8 characters is not hidden.
 */
export function secretHider(secrets: readonly string[]): (text: string) => string {
  const spellings = new Set(
    secrets.filter((secret) => secret.length >= LEAST_CHARACTERS).flatMap(spellingsOf),
  );
  // A secret may be a part of another's spelling: the longest first.
  const ordered = [...spellings].sort((a, b) => b.length - a.length);
  return (text) => {
    let hidden = text;
    for (const secret of ordered) hidden = hidden.replaceAll(secret, HIDDEN);
    return hidden.includes('://') ? hidden.replaceAll(URL_PASSWORD, `$1:${HIDDEN}@`) : hidden;
  };
}

function spellingsOf(secret: string): string[] {
  const encoded = encodeURIComponent(secret.toWellFormed());
  const html = secret
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encoded,
    encoded.replaceAll(/%../g, (code) => code.toLowerCase()),
    html,
  ];
}
