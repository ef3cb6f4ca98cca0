/** What code, tests and pages cite exists: files, numbered sections, decisions, links and their anchors. */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';

const ROOT = packageRoot();
const FILES = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((file) => /^(src|lua|workers|test|docs|spec|bench)\/.*\.(ts|lua|md|pml)$|^[A-Z]+\.md$/.test(file))
  .filter((file) => existsSync(join(ROOT, file)));
const TEXTS = new Map(FILES.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]));
const PAGES = [...TEXTS].filter(([file]) => file.endsWith('.md'));

/** Between the words of a citation: blanks, or a new line of the same comment. */
const GAP = String.raw`(?:\s+(?:(?:\*|--|//)\s+)?)`;
const NUMBER = String.raw`\d+(?:\.\d+)?(?!\d)`;
const NUMBERS = `${NUMBER}(?:(?:,|${GAP}and|${GAP}to)${GAP}${NUMBER})*`;

const headings = (page: string): string[] => page.match(/^#{1,4} .+$/gm) ?? [];

/** The numbers of a page's sections: `## 4. …` and `### 4.2 …`. */
function sectionsOf(page: string): Set<string> {
  return new Set(headings(page).flatMap((line) => /^#+ (\d+(?:\.\d+)?)\.? /.exec(line)?.[1] ?? []));
}

/** Anchors as Git hosts make them of headings. */
function anchorsOf(page: string): Set<string> {
  return new Set(
    headings(page).map((line) =>
      line
        .replace(/^#+ /, '')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function found(pattern: RegExp, check: (match: RegExpExecArray, file: string) => string[]): string[] {
  return [...TEXTS].flatMap(([file, text]) =>
    [...text.matchAll(pattern)].flatMap((match) => check(match, file).map((fault) => `${file}: ${fault}`)),
  );
}

it('every numbered section that is cited exists', () => {
  const pattern = new RegExp(`(docs/[a-z-]+\\.md),${GAP}(${NUMBERS})`, 'g');
  let citations = 0;
  const faults = found(pattern, ([, page = '', numbers = '']) => {
    const sections = sectionsOf(TEXTS.get(page) ?? '');
    const cited = numbers.match(/\d+(?:\.\d+)?/g) ?? [];
    citations += cited.length;
    return cited
      .filter((number) => !sections.has(number))
      .map((number) => `${page} has no section ${number}`);
  });
  expect(faults).toEqual([]);
  expect(citations).toBeGreaterThan(40);
});

it('every decision that is cited by its number exists', () => {
  const pattern = new RegExp(`\\bdecisions?${GAP}(\\d+)(?:${GAP}and${GAP}(\\d+))?`, 'gi');
  const known = new Set(FILES.flatMap((file) => /^docs\/decisions\/(\d{4})-/.exec(file)?.[1] ?? []));
  const missing = (number: string | undefined): string[] =>
    number === undefined || known.has(number.padStart(4, '0')) ? [] : [`no decision ${number}`];
  expect(found(pattern, ([, one, other]) => [...missing(one), ...missing(other)])).toEqual([]);
  expect(found(/docs\/decisions\/(\d{4})/g, ([, number]) => missing(number))).toEqual([]);
});

it('every link of a page leads to a file, and to a heading of it', () => {
  const faults = PAGES.flatMap(([file, text]) =>
    [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap(([, path = '', anchor]) => {
      const target = path === '' ? file : relative(ROOT, join(ROOT, dirname(file), path));
      if (!existsSync(join(ROOT, target))) return [`${file}: no file ${target}`];
      if (anchor === undefined || anchorsOf(TEXTS.get(target) ?? '').has(anchor)) return [];
      return [`${file}: ${target} has no heading #${anchor}`];
    }),
  );
  expect(faults).toEqual([]);
});

it('pages are cited by their path from the top', () => {
  const faults = found(/(?<![\w/.(-])(rules|architecture|style)\.md/g, ([name], file) =>
    file.endsWith('.md') ? [] : [`${name} is cited without its folder`],
  );
  expect(faults.filter((fault) => !fault.startsWith('test/unit/citations'))).toEqual([]);
});

it('every source file that a page names exists', () => {
  const pattern = /`((?:src|lua|workers|test|spec|bench|acl|docs)\/[\w.*/{},-]+)`/g;
  const faults = PAGES.flatMap(([file, text]) =>
    [...text.matchAll(pattern)].flatMap(([, path = '']) =>
      globSync(path.replace('NAME', '*'), { cwd: ROOT }).length > 0 ? [] : [`${file}: no file ${path}`],
    ),
  );
  expect(faults).toEqual([]);
});

it('every source file that a page names without its folder exists in one', () => {
  const names = new Set(FILES.map((file) => basename(file)));
  const pattern = /`(?:\.\/)?([\w-]+\.(?:ts|lua|pml))`/g;
  const faults = PAGES.flatMap(([file, text]) =>
    [...text.matchAll(pattern)].flatMap(([, name = '']) => (names.has(name) ? [] : [`${file}: no ${name}`])),
  );
  expect(faults).toEqual([]);
});

it('no line of prose on a page is longer than 110 characters', () => {
  const faults = PAGES.flatMap(([file, text]) =>
    text
      .replaceAll(/^```.*?^```/gms, '')
      .split('\n')
      .filter((line) => line.length > 110 && !line.startsWith('|'))
      .map((line) => `${file}: ${line}`),
  );
  expect(faults).toEqual([]);
});
