/** Stops admission, or ends a halt; for admins, with a reason for the record. */
import { useSignal } from '@preact/signals';
import { ask, Problem, pathOf } from '../state/ask.ts';
import { isStale } from '../state/beat.ts';
import { status, waiting } from '../state/book.ts';
import { session } from '../state/session.ts';
import { account } from '../state/view.ts';
import { counted } from '../words/format.ts';
import { Dialog } from './dialog.tsx';

const MAX_CHARACTERS = 200;

type Action = 'halt' | 'resume';
const TITLES: Readonly<Record<Action, string>> = { halt: 'Halt', resume: 'Resume' };

export function HaltButton() {
  const opened = useSignal<Action | null>(null);
  if (session.value?.scope !== 'admin' || status.value === null) return null;
  const action: Action = status.value.state === 'halted' ? 'resume' : 'halt';
  return (
    <>
      <button
        type="button"
        class={`act is-${action}`}
        onClick={() => {
          opened.value = action;
        }}
      >
        {TITLES[action]}…
      </button>
      {opened.value !== null && (
        <HaltDialog
          action={opened.value}
          close={() => {
            opened.value = null;
          }}
        />
      )}
    </>
  );
}

function HaltDialog({ action, close }: { action: Action; close: () => void }) {
  const reason = useSignal('');
  const fault = useSignal('');
  const isSending = useSignal(false);
  const name = account.value ?? '';
  const send = async (): Promise<void> => {
    isSending.value = true;
    fault.value = '';
    try {
      await ask('POST', pathOf(name, action), { reason: reason.value.trim() });
      close();
    } catch (error) {
      fault.value = error instanceof Problem ? `${error.message}. ${error.next}` : String(error);
    } finally {
      isSending.value = false;
    }
  };
  return (
    <Dialog title={`${TITLES[action]} ${name}?`} close={close}>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Consequence action={action} />
        {isStale.value && <p class="fault">This page is not up to date: look at the account first.</p>}
        <label for="reason">Reason, for the record</label>
        <input
          id="reason"
          required
          autofocus
          autocomplete="off"
          maxLength={MAX_CHARACTERS}
          value={reason.value}
          onInput={({ currentTarget }) => {
            reason.value = currentTarget.value;
          }}
        />
        <p role="alert" class="fault">
          {fault.value}
        </p>
        <p class="dialog-buttons">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button
            type="submit"
            class={`act is-${action}`}
            disabled={isSending.value || reason.value.trim() === ''}
          >
            {TITLES[action]} {name}
          </button>
        </p>
      </form>
    </Dialog>
  );
}

function Consequence({ action }: { action: Action }) {
  const live = counted(status.value?.liveOrders ?? 0, 'live order');
  const plans = counted(
    waiting.value.reduce((sum, { count }) => sum + count, 0),
    'plan',
  );
  if (action === 'resume') return <p>Entries are admitted again, on every host. {plans} wait.</p>;
  return (
    <p>
      No entry is admitted any more, on any host, until somebody resumes the account. Exits, cancellations and
      fills go on. It cancels nothing: {live} stay as they are.
    </p>
  );
}
