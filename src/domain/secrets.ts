/**
 * Hides passwords and API keys in everything that is printed or stored: logs, errors, the screen, the queue.
 */

/** Shorter secrets are not hidden: they may be common words, which would then be hidden everywhere. */
const MIN_CHARACTERS = 8;
const HIDDEN = '[hidden]';
/**
 * `scheme://user:` and the password after it. The password ends at the last `@` of the host's part, or, if it
 * contains an unencoded slash, at the next `@`.
 */
const URL_PASSWORD = /\b([a-z][a-z0-9+.-]*:\/\/[^\s:@/"[]*):(?:[^\s"/?#]*@|[^\s@"]+@)/gi;

/**
 * Returns a function that replaces secrets in a text by `[hidden]`: as they are, and as JSON, HTML and URLs
 * spell them. It also hides the password of any URL, however short. Secrets of fewer than 8 characters stay.
 */
export function secretHider(secrets: readonly string[]): (text: string) => string {
  const spellings = new Set(secrets.filter((secret) => secret.length >= MIN_CHARACTERS).flatMap(spellingsOf));
  // The longest first: a secret may be part of another one's spelling.
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
