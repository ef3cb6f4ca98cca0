/** Delayed tasks in real time. Their number is limited by that of live orders. `stop` cancels all. */

export interface Timers {
  after(delayMs: number, task: () => void): void;
  stop(): void;
}

export function realTimers(): Timers {
  const running = new Set<NodeJS.Timeout>();
  return {
    after(delayMs, task) {
      const timer = setTimeout(() => {
        running.delete(timer);
        task();
      }, delayMs);
      running.add(timer);
    },
    stop() {
      for (const timer of running) clearTimeout(timer);
      running.clear();
    },
  };
}
