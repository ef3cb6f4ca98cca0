/** The frame of a report as one HTML file, and its parts: no script, nothing from elsewhere. */
import { escaped } from './escape.ts';
import { STYLE } from './style.ts';

/** `title`, `about` and `notes` are text; `summary` and `main` are markup. */
export type Page = {
  title: string;
  about: string;
  summary: string;
  main: readonly string[];
  notes: readonly string[];
};

export function pageOf({ title, about, summary, main, notes }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
<p class="soft">${escaped(about)}</p>
${summary}
</header>
<main>
${main.join('\n')}
</main>
<ul class="notes">${notes.map((note) => `<li>${escaped(note)}</li>`).join('')}</ul>
</body>
</html>
`;
}

/** @param body markup */
export const section = (title: string, body: string): string =>
  `<section>\n<h2>${escaped(title)}</h2>\n${body}\n</section>`;

export function facts(list: readonly (readonly [string, string | number])[]): string {
  const one = ([name, value]: readonly [string, string | number]): string =>
    `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`;
  return `<dl>${list.map(one).join('')}</dl>`;
}

/** @param rows markup, a `tr` each */
export function tableOf(head: readonly string[], rows: readonly string[]): string {
  const names = head.map((name) => `<th scope="col">${escaped(name)}</th>`).join('');
  return (
    `<div class="wide"><table class="full"><thead><tr>${names}</tr></thead>` +
    `<tbody>${rows.join('')}</tbody></table></div>`
  );
}
