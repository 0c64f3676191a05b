/** Options of every operation that runs off the event loop. */
export interface TaskOptions {
  /** Cancels the work. The promise then rejects with an error whose `name` is `AbortError`. Default none. */
  signal?: AbortSignal | undefined;
  /**
   * Called with the progress of the work, at most 20 times per second; default none. If it throws, or if its
   * promise rejects during the work, the work ends.
   */
  onProgress?: ((progress: TaskProgress) => void) | undefined;
}

/** `done` of `total` units of work. */
export interface TaskProgress {
  done: number;
  total: number;
  [key: string]: unknown;
}
