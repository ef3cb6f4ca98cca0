/** A text to take along. */
import { useSignal } from '@preact/signals';

const SAID_MS = 1_500;

export function CopyLine({ name, text }: { name: string; text: string }) {
  const isCopied = useSignal(false);
  const copy = async (): Promise<void> => {
    // Not there on a page that came over plain HTTP from another machine.
    await navigator.clipboard?.writeText(text);
    isCopied.value = navigator.clipboard !== undefined;
    setTimeout(() => {
      isCopied.value = false;
    }, SAID_MS);
  };
  return (
    <p class="copy-line">
      <span class="label">{name}</span>
      <code>{text}</code>
      <button type="button" aria-label={`Copy ${text}`} onClick={() => void copy().catch(() => {})}>
        {isCopied.value ? 'copied' : 'copy'}
      </button>
    </p>
  );
}
