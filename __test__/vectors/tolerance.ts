/** The side-car's rules: which entries of a tensor are compared, and how near they must be. */
import { BadCase, type Json, type Numbers, object, type SideCar } from './side-car.ts';

/** An entry further from the reference than allowed, or a tensor of another size (`index` -1). */
export interface Deviation {
  readonly tensor: string;
  readonly message: string;
  /** Distance over the distance allowed. */
  readonly excess: number;
}

/** What only the check knows about a quantity. */
export interface Compared {
  /** Unrounded times, in steps, for `skip_near_half_step`; the entries of the tensor repeat over them. */
  times?: Float32Array;
}

const known = [
  'abs',
  'rel',
  'of_max',
  'exact',
  'count',
  'first',
  'steps',
  'until',
  'spikes',
  'spike_steps',
  'margin_steps',
  'until_step',
  'until_ms',
  'skip_ms_before_spike',
  'skip_ms_after_spike',
  'skip_grad_below',
  'skip_near_half_step',
  'ignore_nonfinite',
  'sigma',
  'n',
  'p',
];

/** Compares quantities of one side-car, and remembers which it has seen. */
export class Comparison {
  readonly #car: SideCar;
  readonly #rules: Json;
  readonly compared = new Set<string>();
  readonly deviations: Deviation[] = [];

  constructor(car: SideCar) {
    this.#car = car;
    this.#rules = object(car.json.tolerance, 'tolerance');
  }

  /** Tensors and fields under a rule. */
  get ruled(): readonly string[] {
    return Object.keys(this.#rules);
  }

  /** Compares with a tensor, unless it has no rule. */
  tensor(name: string, got: ArrayLike<number>, shape: readonly number[], more: Compared = {}): void {
    if (name in this.#rules) this.#compare(name, got, shape, this.#car.tensor(name), more);
  }

  /** Compares with numbers of the side-car itself. */
  field(path: string, got: readonly number[]): void {
    if (path in this.#rules) this.#compare(path, got, [got.length], this.#car.field(path), {});
  }

  /** Compares with what an entry of `expected` names: a tensor, or `{ json: path }`. */
  expected(entry: unknown, got: ArrayLike<number>, shape: readonly number[], more: Compared = {}): void {
    if (typeof entry === 'string') this.tensor(entry, got, shape, more);
    else this.field(String(object(entry, 'expected').json), Array.from(got));
  }

  #compare(
    name: string,
    got: ArrayLike<number>,
    shape: readonly number[],
    reference: Numbers,
    more: Compared,
  ): void {
    this.compared.add(name);
    const rule = object(this.#rules[name], `tolerance of ${name}`);
    const strange = Object.keys(rule).find((key) => !known.includes(key));
    if (strange !== undefined) throw new BadCase(`the rule of ${name} has an unknown part, ${strange}`);
    const first = rule.first as number | undefined;
    if (first === undefined && !sameShape(shape, reference.shape)) {
      const message = `${name}: shape [${shape.join(', ')}], expected [${reference.shape.join(', ')}]`;
      this.deviations.push({ tensor: name, message, excess: Number.POSITIVE_INFINITY });
      return;
    }
    const worst =
      rule.steps === undefined
        ? this.#entries(name, got, reference, rule, more)
        : spikeSteps(name, got, reference, rule.steps as number);
    if (worst !== undefined) this.deviations.push(worst);
  }

  #entries(
    name: string,
    got: ArrayLike<number>,
    reference: Numbers,
    rule: Json,
    more: Compared,
  ): Deviation | undefined {
    const bound = (key: string) => (rule[key] as number | undefined) ?? 0;
    const counts = this.#selection(name, reference, rule, more);
    const largest = reference.data.reduce((m, x) => (Number.isFinite(x) ? Math.max(m, Math.abs(x)) : m), 0);
    const p = rule.p === undefined ? undefined : this.#car.tensor(rule.p).data;
    const length = Math.min(
      reference.data.length,
      (rule.first as number | undefined) ?? reference.data.length,
    );
    let worst: Deviation | undefined;
    for (let i = 0; i < length; i++) {
      const [value, expected] = [got[i] ?? Number.NaN, reference.data[i]!];
      if (!Number.isFinite(expected)) {
        // A stable implementation gives a finite number where the reference overflowed.
        if (rule.ignore_nonfinite === true && Number.isFinite(value)) continue;
        if (Object.is(value, expected)) continue;
      } else if (!counts(i)) continue;
      const spread = p === undefined ? 0 : bound('sigma') * Math.sqrt((p[i]! * (1 - p[i]!)) / bound('n'));
      const allowed = bound('abs') + bound('rel') * Math.abs(expected) + bound('of_max') * largest + spread;
      const distance = Math.abs(value - expected);
      if (distance <= allowed) continue;
      const excess = Number.isNaN(distance) || allowed === 0 ? Number.POSITIVE_INFINITY : distance / allowed;
      if (worst !== undefined && worst.excess >= excess) continue;
      const by = `off by ${short(distance)}, allowed ${short(allowed)}`;
      worst = { tensor: name, excess, message: `${name}[${i}] is ${value}, expected ${expected}, ${by}` };
    }
    return worst;
  }

  /** Which entries the rule's modifiers leave to be compared. */
  #selection(name: string, reference: Numbers, rule: Json, more: Compared): (i: number) => boolean {
    const last = rule.until_step as number | undefined;
    const timed = this.#timed(rule);
    const width = reference.data.length / (reference.shape[0] ?? 1);
    const ends = rule.until === undefined ? undefined : this.#firstSpikes(rule, width);
    const below = rule.skip_grad_below as number | undefined;
    const gradient =
      below === undefined ? undefined : this.#car.tensor(name.replace(/^w\d+\./, 'grad.')).data;
    const near = rule.skip_near_half_step as number | undefined;
    if (near !== undefined && more.times === undefined) {
      throw new BadCase(`the rule of ${name} needs unrounded times`);
    }
    return (i) => {
      const step = Math.floor(i / width);
      if (last !== undefined && step >= last) return false;
      if (!timed(step)) return false;
      if (ends !== undefined && step >= ends[i % width]!) return false;
      if (gradient !== undefined && Math.abs(gradient[i]!) < below!) return false;
      if (near === undefined) return true;
      const time = more.times![i % more.times!.length]!;
      return Math.abs(time - Math.floor(time) - 0.5) >= near;
    };
  }

  /** Rules in ms: sample `j` is the state at `(j + 1) dt`. */
  #timed(rule: Json): (step: number) => boolean {
    const end = rule.until_ms as number | undefined;
    const before = rule.skip_ms_before_spike as number | undefined;
    const after = rule.skip_ms_after_spike as number | undefined;
    if (end === undefined && before === undefined && after === undefined) return () => true;
    const dt = this.#car.json.dt_ms as number;
    const spikes =
      before === undefined && after === undefined ? [] : Array.from(this.#car.tensor('spike_times').data);
    return (step) => {
      const t = (step + 1) * dt;
      if (end !== undefined && t > end) return false;
      return !spikes.some((s) => t >= s - (before ?? 0) && t <= s + (after ?? 0));
    };
  }

  /** The step of each column's first spike, less the margin. */
  #firstSpikes(rule: Json, width: number): number[] {
    if (rule.until !== 'first_spike') throw new BadCase(`unknown end of a comparison: ${rule.until}`);
    const margin = (rule.margin_steps as number | undefined) ?? 0;
    if (rule.spike_steps !== undefined) {
      const first = this.#car.tensor(rule.spike_steps).data[0] ?? Number.POSITIVE_INFINITY;
      return Array.from({ length: width }, () => first - margin);
    }
    const { data } = this.#car.tensor(rule.spikes);
    return Array.from({ length: width }, (_, column) => {
      for (let i = column; i < data.length; i += width)
        if (data[i] !== 0) return (i - column) / width - margin;
      return Number.POSITIVE_INFINITY;
    });
  }
}

/** The same number of spikes in every column, each at most `steps` from its counterpart. */
function spikeSteps(
  name: string,
  got: ArrayLike<number>,
  reference: Numbers,
  steps: number,
): Deviation | undefined {
  const width = reference.data.length / (reference.shape[0] ?? 1);
  const times = (values: ArrayLike<number>, column: number) =>
    Array.from({ length: values.length / width }, (_, t) => t).filter(
      (t) => values[t * width + column] !== 0,
    );
  let worst: Deviation | undefined;
  for (let column = 0; column < width; column++) {
    const [ours, theirs] = [times(got, column), times(reference.data, column)];
    if (ours.length !== theirs.length) {
      const message = `${name}: neuron ${column} has ${ours.length} spikes, expected ${theirs.length}`;
      return { tensor: name, message, excess: Number.POSITIVE_INFINITY };
    }
    const distance = Math.max(0, ...ours.map((t, i) => Math.abs(t - theirs[i]!)));
    if (distance <= steps || distance / steps <= (worst?.excess ?? 0)) continue;
    const message = `${name}: a spike of neuron ${column} is ${distance} steps off, allowed ${steps}`;
    worst = { tensor: name, message, excess: distance / steps };
  }
  return worst;
}

/** `[]` and `[1]` are the same: a number on its own. */
function sameShape(a: readonly number[], b: readonly number[]): boolean {
  const plain = (shape: readonly number[]) => (shape.length === 1 && shape[0] === 1 ? '' : shape.join());
  return plain(a) === plain(b);
}

function short(x: number): string {
  return Number.isInteger(x) ? String(x) : x.toExponential(2);
}
