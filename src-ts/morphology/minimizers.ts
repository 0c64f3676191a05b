/** Minimizers of a few numbers: each is told the loss and the gradient at a point, and names the next one. */

/** @internal */
export interface Minimizer {
  /** Where the loss is to be evaluated. */
  readonly at: readonly number[];
  /** @returns whether it has converged */
  tell(loss: number, gradient: readonly number[]): boolean;
}

/**
 * Adam (Kingma and Ba 2015) in double precision, with its usual factors. The optimizers of the engine work on the tensors of a compiled model; these are a
 * few numbers of the caller, whose scale changes between steps.
 *
 * @internal
 */
export class Adam implements Minimizer {
  readonly at: number[];
  private readonly first: number[];
  private readonly second: number[];
  private readonly rate: (step: number) => number;
  private steps = 0;
  /** Powers of the two factors. */
  private readonly powers: [number, number] = [1, 1];

  /** @param rate - learning rate of each step, from 0 */
  constructor(at: readonly number[], rate: (step: number) => number) {
    this.at = [...at];
    this.first = at.map(() => 0);
    this.second = at.map(() => 0);
    this.rate = rate;
  }

  tell(_: number, gradient: readonly number[]): boolean {
    const rate = this.rate(this.steps++);
    this.powers[0] *= 0.9;
    this.powers[1] *= 0.999;
    const [first, second] = this.powers;
    gradient.forEach((g, i) => {
      this.first[i] = 0.9 * this.first[i]! + 0.1 * g;
      this.second[i] = 0.999 * this.second[i]! + 0.001 * g * g;
      const mean = this.first[i]! / (1 - first);
      const square = this.second[i]! / (1 - second);
      this.at[i]! -= (rate * mean) / (Math.sqrt(square) + 1e-12);
    });
    return false;
  }
}

/** The longest step of {@link Bfgs} in any number; the first is a tenth of it. */
const longest = 1;
/** A line search gives up below this share of its step. */
const shortest = 1e-4;

/** BFGS (Nocedal and Wright 2006, chapter 6) with a backtracking line search. @internal */
export class Bfgs implements Minimizer {
  at: readonly number[];
  private from: { at: readonly number[]; loss: number; gradient: readonly number[] } | undefined;
  private direction: number[] = [];
  private share = 1;
  /** The inverse of the second derivatives; undefined before they are estimated. */
  private inverse: number[][] | undefined;

  constructor(at: readonly number[]) {
    this.at = at;
  }

  tell(loss: number, gradient: readonly number[]): boolean {
    const { from, at } = this;
    if (from === undefined) return this.turn(loss, gradient);
    const slope = dot(from.gradient, this.direction);
    if (loss <= from.loss + 1e-4 * this.share * slope) {
      this.learn(minus(at, from.at), minus(gradient, from.gradient));
      return this.turn(loss, gradient);
    }
    // The minimum of the parabola through what is known, within bounds.
    const parabola = (-slope * this.share ** 2) / (2 * (loss - from.loss - slope * this.share));
    this.share = Math.min(Math.max(parabola, 0.1 * this.share), 0.5 * this.share) || 0.1 * this.share;
    if (this.share < shortest) {
      // Down the gradient once more, unless that was the direction.
      if (this.inverse === undefined) return true;
      this.inverse = undefined;
      this.at = from.at;
      return this.turn(from.loss, from.gradient);
    }
    this.at = from.at.map((x, i) => x + this.share * this.direction[i]!);
    return false;
  }

  /** Starts a line search from the present point. */
  private turn(loss: number, gradient: readonly number[]): boolean {
    const at = this.at;
    const { inverse } = this;
    let direction = inverse?.map((row) => -dot(row, gradient)) ?? gradient.map((g) => -g);
    if (!(dot(direction, gradient) < 0)) {
      this.inverse = undefined;
      direction = gradient.map((g) => -g);
    }
    const size = Math.max(...direction.map(Math.abs));
    if (!(size > 0)) return true;
    const most = this.inverse === undefined ? longest / 10 : longest;
    // Without second derivatives the gradient's length has no meaning.
    const scale = this.inverse === undefined ? most / size : Math.min(1, most / size);
    this.direction = direction.map((x) => x * scale);
    this.from = { at, loss, gradient };
    this.share = 1;
    this.at = at.map((x, i) => x + this.direction[i]!);
    return false;
  }

  private learn(step: readonly number[], change: readonly number[]): void {
    const curvature = dot(step, change);
    if (!(curvature > 1e-12 * Math.sqrt(dot(step, step) * dot(change, change)))) return;
    const n = step.length;
    const scale = curvature / dot(change, change);
    const before = this.inverse ?? step.map((_, i) => step.map((_, j) => (i === j ? scale : 0)));
    const moved = before.map((row) => dot(row, change));
    const factor = 1 + dot(moved, change) / curvature;
    this.inverse = Array.from({ length: n }, (_, i) =>
      Array.from(
        { length: n },
        (_, j) =>
          before[i]![j]! +
          (factor * step[i]! * step[j]! - moved[i]! * step[j]! - step[i]! * moved[j]!) / curvature,
      ),
    );
  }
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}

function minus(a: readonly number[], b: readonly number[]): number[] {
  return a.map((x, i) => x - b[i]!);
}
