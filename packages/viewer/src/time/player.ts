/** Playing a recording: the window moves at a multiple of real time. */
import { button, select } from '../parts/controls.ts';
import { dom } from '../parts/dom.ts';
import type { TimeModel } from './time-model.ts';

export interface Player {
  readonly element: HTMLElement;
  toggle(): void;
  destroy(): void;
}

export interface PlayerOptions {
  /** Units of the model's time in a second of real time: 1000 for ms. */
  readonly second: number;
  /** Speeds as multiples of real time. */
  readonly speeds: readonly number[];
  readonly speed: number;
  /** The reader chose a speed. */
  readonly chose: (speed: number) => void;
}

/** A window that shows all cannot move: it becomes this share of the recording. */
const startShare = 0.1;

export function player(time: TimeModel, { second, speeds, speed, chose }: PlayerOptions): Player {
  let [current, frame, last] = [speed, 0, 0];
  const play = button('Play', () => toggle());
  const stop = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    play.textContent = 'Play';
  };
  const step = (now: number) => {
    // After a pause of the page the recording goes on where it was.
    const passed = Math.min(100, now - last);
    last = now;
    if (time.window.to >= time.extent.to) return stop();
    frame = requestAnimationFrame(step);
    time.move((passed / 1000) * second * current);
  };
  const toggle = () => {
    if (frame !== 0) return stop();
    const { extent } = time;
    if (time.isWhole)
      time.set({ from: extent.from, to: extent.from + startShare * (extent.to - extent.from) });
    else if (time.window.to >= extent.to) time.move(extent.from - extent.to);
    play.textContent = 'Pause';
    last = performance.now();
    frame = requestAnimationFrame(step);
  };
  const speedList = select(
    'Speed',
    speeds.map((value) => ({ value: String(value), text: speedText(value) })),
    String(speed),
    (value) => {
      current = Number(value);
      chose(current);
    },
  );
  return {
    element: dom('span', { class: 'field' }, play, speedList.element),
    toggle,
    destroy: stop,
  };
}

/** `1/100 ×` is easier to read than `0.01 ×`. */
function speedText(speed: number): string {
  return speed >= 1 ? `${speed} ×` : `1/${Math.round(1 / speed)} ×`;
}
