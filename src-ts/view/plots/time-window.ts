/** The time that a view shows, or that a recording takes. */

/** From `from` to before `to`, in the unit of the recording. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}
