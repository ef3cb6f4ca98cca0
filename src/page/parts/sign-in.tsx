/** Asks for a token, where the address had none or the session has ended. */
import { useSignal } from '@preact/signals';
import { signIn, signInFault } from '../state/session.ts';

export function SignIn() {
  const text = useSignal('');
  const submit = (event: Event): void => {
    event.preventDefault();
    signIn(text.value).catch(() => {
      signInFault.value = 'the server does not answer; try again';
    });
  };
  return (
    <main class="sign-in">
      <h1>worksteal</h1>
      <form onSubmit={submit}>
        <label for="token">A token of this server</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          aria-describedby="token-help token-fault"
          value={text}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
          }}
        />
        <button type="submit">Open</button>
        <p id="token-fault" role="alert" class="fault">
          {signInFault.value}
        </p>
        <p id="token-help" class="note">
          <code>npm start</code> prints an address with a token; <code>worksteal token new NAME</code> makes
          others. With <code>--scope read</code> it can look, with <code>admin</code> it can halt, too.
        </p>
      </form>
    </main>
  );
}
