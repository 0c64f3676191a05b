/** Counts the turns that the event loop takes until it is disposed of. */
export function countTurns(): Disposable & { readonly turns: number } {
  let turns = 0;
  let over = false;
  const tick = () => {
    turns += 1;
    if (!over) setImmediate(tick);
  };
  setImmediate(tick);
  return {
    get turns() {
      return turns;
    },
    [Symbol.dispose]() {
      over = true;
    },
  };
}
