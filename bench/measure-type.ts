/** What a measure is. Each is a file of measures/. */
import type { Target } from './report.ts';
import type { Stage } from './stage.ts';

export type Measure = {
  /** For `--only`. */
  name: string;
  /** Whether `--quick` takes it. */
  isQuick: boolean;
  /** False: the system distributes the processes, because it starts some of its own. Default true. */
  isPinned?: boolean;
  /** Whether its figures are compared with the accepted ones (accepted.ts). Default false. */
  isGuarded?: boolean;
  run: (stage: Stage) => Promise<Target[]>;
};
