/** What every operation off the event loop takes. */
export interface TaskOptions {
  /** Cancels the work; the promise then rejects with an error whose `name` is `AbortError`. Default none. */
  signal?: AbortSignal | undefined;
  /**
   * Is called with the work's progress, at most 20 times per second; default none. If it throws, or rejects while the work goes on, the work
   * ends.
   */
  onProgress?: ((progress: TaskProgress) => void) | undefined;
}

/** `done` of `total` units of work. */
export interface TaskProgress {
  done: number;
  total: number;
  [key: string]: unknown;
}
