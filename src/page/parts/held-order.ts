/**
 * Nothing moves under the pointer or the focus: while a list is held, its rows keep their places, and the
 * list says how many would have moved.
 */
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';

export type HeldOrder = {
  /** What is shown, in its order. */
  readonly ids: ReadonlySignal<readonly string[]>;
  /** Rows that would stand elsewhere, or would come. */
  readonly moved: ReadonlySignal<number>;
  /** Shows the present order at once. */
  release(): void;
  /** For the element around the rows. */
  readonly handlers: Readonly<Record<string, (event: Event) => void>>;
};

/** @param current the order as it is now */
export function heldOrder(current: ReadonlySignal<readonly string[]>): HeldOrder {
  const kept: Signal<readonly string[] | null> = signal(null);
  let isUnderPointer = false;
  let hasFocus = false;
  const update = (): void => {
    if (!isUnderPointer && !hasFocus) kept.value = null;
    else kept.value ??= current.peek();
  };
  const moved = computed(() => {
    const before = kept.value;
    if (before === null) return 0;
    const now = current.value;
    const places = new Map(before.map((id, at) => [id, at]));
    return now.filter((id, at) => places.get(id) !== at).length + Math.max(0, before.length - now.length);
  });
  return {
    ids: computed(() => kept.value ?? current.value),
    moved,
    release() {
      kept.value = isUnderPointer || hasFocus ? current.peek() : null;
    },
    handlers: {
      onPointerEnter: (event) => {
        // A finger leaves no pointer behind.
        isUnderPointer = (event as PointerEvent).pointerType === 'mouse';
        update();
      },
      onPointerLeave: () => {
        isUnderPointer = false;
        update();
      },
      onFocusIn: () => {
        hasFocus = true;
        update();
      },
      onFocusOut: () => {
        hasFocus = false;
        update();
      },
    },
  };
}
