/** The keys, and what the book's signs mean. */
import { isHelpOpen } from '../state/help.ts';
import { session } from '../state/session.ts';
import { Dialog } from './dialog.tsx';

const KEYS = [
  ['/', 'filter the book'],
  ['j  k', 'next and previous order'],
  ['Enter', 'explain it'],
  ['g', 'go to the first order'],
  ['Esc', 'close, leave, clear'],
  ['?', 'this list'],
] as const;

const SIGNS = [
  ['◆ take', 'a better order may take its room now; # says in which order'],
  ['○ near', 'within its protection: too near its limit to be taken'],
  ['◷ young, often robbed', 'a rule that is off by default protects it (docs/rules.md, 5.8 and 5.9)'],
  ['◷ cooldown', 'its symbol was stolen from; what is left of it, in ledger time'],
  ['⚔\uFE0E fight', 'its symbol is in a fight'],
  ['◌ reserved', 'it has its room, and is not at the broker yet'],
  ['◌ cancelling', 'it is being cancelled; its room counts until the broker confirms'],
  ['✓ +12.00 −5.00', 'a steal that was granted: its gain and its regret so far, by the forecasts'],
  ['? no price', 'its symbol has no fresh price: it is left alone'],
] as const;

export function Help() {
  if (!isHelpOpen.value) return null;
  const close = (): void => {
    isHelpOpen.value = false;
  };
  return (
    <Dialog title="Keys and signs" close={close}>
      <List rows={KEYS} />
      <List rows={SIGNS} />
      <p class="note">
        While the pointer or the focus is in a list, its rows keep their places: “3 moved” shows the present
        order.
      </p>
      {session.value?.scope === 'admin' && (
        <p class="note">
          For admins: <a href="/queues">the queues of cancellations</a>.
        </p>
      )}
      <p class="dialog-buttons">
        <button type="button" onClick={close}>
          Close
        </button>
      </p>
    </Dialog>
  );
}

function List({ rows }: { rows: readonly (readonly [string, string])[] }) {
  return (
    <dl class="help-list">
      {rows.map(([sign, meaning]) => (
        <div key={sign}>
          <dt>{sign}</dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}
