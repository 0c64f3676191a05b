/** The window of time in the URL: `from` and `to`. */
import type { TimeWindow } from '../../../../src-ts/view/plots/time-window.ts';
import type { ViewState } from '../view.ts';
import type { TimeModel } from './time-model.ts';

/** Minimum time between two changes of the URL in ms: browsers limit their rate. */
const urlInterval = 250;

/** The window of the URL, if it has one. */
export function windowInState(state: ViewState): TimeWindow | undefined {
  const [from, to] = [Number(state.get('from') ?? Number.NaN), Number(state.get('to') ?? Number.NaN)];
  return Number.isFinite(from) && Number.isFinite(to) && to > from ? { from, to } : undefined;
}

/** Keeps the window of a model in the URL, and follows changes of it. @returns a function that ends it */
export function keepWindow(time: TimeModel, state: ViewState): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    timer = undefined;
    const { from, to } = time.window;
    const text = (value: number) => String(Number(value.toPrecision(12)));
    state.set(time.isWhole ? { from: undefined, to: undefined } : { from: text(from), to: text(to) });
  };
  const stopTime = time.onChange(() => {
    timer ??= setTimeout(write, urlInterval);
  });
  const stopState = state.onChange(() => time.set(windowInState(state) ?? time.extent));
  return () => {
    clearTimeout(timer);
    stopTime();
    stopState();
  };
}
