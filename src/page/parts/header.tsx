/** Who and where: the account, whether it admits, and how fresh that is. */
import { isStale, ledgerNowMs, serverNowMs, silentSeconds } from '../state/beat.ts';
import { isLoaded, rules, status } from '../state/book.ts';
import { connection } from '../state/live.ts';
import { session } from '../state/session.ts';
import { account, chooseAccount } from '../state/view.ts';
import { admissionOf, UNKNOWN } from '../words/admission.ts';
import { duration, weekTime } from '../words/format.ts';
import { HaltButton } from './halt.tsx';

const GLYPHS = { good: '●', bad: '▲', unknown: '?' } as const;

export function Header() {
  return (
    <header class="header">
      <h1 class="header-account">
        <AccountChoice />
      </h1>
      <Admission />
      <Facts />
      <Live />
      <HaltButton />
    </header>
  );
}

function AccountChoice() {
  const accounts = session.value?.accounts ?? [];
  if (accounts.length < 2) return <bdi>{account.value}</bdi>;
  return (
    <select
      aria-label="Account"
      value={account.value}
      onChange={({ currentTarget }) => chooseAccount(currentTarget.value)}
    >
      {accounts.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

function Admission() {
  const now = status.value;
  const known = now !== null && isLoaded.value && !isStale.value;
  const { tone, word, why } = known ? admissionOf(now, serverNowMs.value) : UNKNOWN;
  return (
    <p class={`admission is-${tone}`} data-part="admission">
      <span class="glyph" aria-hidden="true">
        {GLYPHS[tone]}
      </span>
      <strong>{word}</strong>
      {why !== '' && <bdi class="admission-why">{why}</bdi>}
    </p>
  );
}

function Facts() {
  const now = status.value;
  if (now === null) return <dl class="facts" />;
  const { speed = 1, policy = '' } = rules.value ?? {};
  const market =
    now.session === null
      ? 'session unknown'
      : `NYSE ${now.session}${
          now.sessionUntilMs === null ? '' : ` → ${weekTime(now.sessionUntilMs, ledgerNowMs.value)}`
        }`;
  const stealing = now.stealing === 'on' ? `on · ${policy}` : now.stealing;
  return (
    <dl class="facts">
      <Fact
        name="synced"
        value={now.syncedAtMs === 0 ? 'never' : duration(serverNowMs.value - now.syncedAtMs)}
      />
      <Fact name="stealing" value={stealing} marked={now.stealing !== 'on'} />
      <Fact name="market" value={market} />
      {speed !== 1 && <Fact name="clock" value={speed === 0 ? 'stands still' : `×${speed}`} />}
    </dl>
  );
}

function Fact({ name, value, marked = false }: { name: string; value: string; marked?: boolean }) {
  return (
    <div class={marked ? 'fact is-marked' : 'fact'}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Live() {
  const lost = isStale.value;
  const words = lost
    ? isLoaded.value
      ? `as of ${silentSeconds.value} s ago, ${connection.value === 'open' ? 'no news' : 'reconnecting'}`
      : 'connecting'
    : 'live';
  return (
    <p class={lost ? 'live is-lost' : 'live'} data-part="live">
      {words}
      <span class="glyph" aria-hidden="true">
        {lost ? '○' : '●'}
      </span>
    </p>
  );
}
