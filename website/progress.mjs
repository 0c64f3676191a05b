// What the build is doing: a line for each stage, with the seconds since the start.
const began = performance.now();

export const elapsed = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;

/** Says that a stage begins. */
export function stage(name) {
  console.log(`${elapsed().padStart(8)}  ${name}`);
}
