/** What the last 30 minutes were like: who takes from whom, what is refused, how long cancellations take. */
import { Cancels } from './cancels.tsx';
import { Refusals } from './refusals.tsx';
import { StealMatrix } from './steal-matrix.tsx';

export function Past() {
  return (
    <div class="past">
      <StealMatrix />
      <Refusals />
      <Cancels />
    </div>
  );
}
