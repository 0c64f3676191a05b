/** Events of a window counted by pixel. */

/** Counts by pixel, row by row, up to 255. */
interface EventFrameCounts {
  readonly width: number;
  readonly height: number;
  readonly on: Uint8Array;
  readonly off: Uint8Array;
}

/** A frame that events are added to. */
export class EventFrameCounter implements EventFrameCounts {
  readonly width: number;
  readonly height: number;
  readonly on: Uint8Array;
  readonly off: Uint8Array;
  /** Events of each polarity, all of them. */
  readonly totals: [off: number, on: number] = [0, 0];
  /** Events beyond the sensor, which are in no pixel. */
  outside = 0;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.on = new Uint8Array(width * height);
    this.off = new Uint8Array(width * height);
  }

  add(x: number, y: number, polarity: number): void {
    this.totals[polarity === 1 ? 1 : 0] += 1;
    if (x >= this.width || y >= this.height) {
      this.outside += 1;
      return;
    }
    const counts = polarity === 1 ? this.on : this.off;
    const pixel = y * this.width + x;
    if (counts[pixel]! < 255) counts[pixel]! += 1;
  }
}
