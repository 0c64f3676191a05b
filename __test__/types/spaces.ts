// Compile-only: an objective's argument has the type that its space says, and conditional parameters exist in their branch only.
import {
  array,
  type Checked,
  choice,
  fixed,
  int,
  logUniform,
  type ParametersOf,
  type Space,
  uniform,
  when,
} from '../../src-ts/study/search/space.ts';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

function objective<const S extends Space>(
  _space: S & Checked<S>,
  _objective: (p: ParametersOf<S>) => number,
): void {}

const plain = {
  lr: logUniform(1e-5, 1e-1),
  n: int(1, 64),
  bias: fixed(true),
  sizes: array(int(1, 9), int(1, 3)),
};
same<
  ParametersOf<typeof plain>,
  { readonly lr: number; readonly n: number; readonly bias: true; readonly sizes: readonly number[] }
>(true);

objective(
  {
    c: choice(['a', 'b', 'c']),
    m: when('c', 'b', uniform(0, 1)),
    k: when('c', ['a', 'b'], int(1, 3)),
    deep: {
      width: int(1, 8),
      rule: choice(['stdp', 'none']),
      eta: when('rule', 'stdp', logUniform(1e-4, 1)),
    },
  },
  (p) => {
    const c: 'a' | 'b' | 'c' = p.c;
    // Outside its branch the value may be missing.
    const anywhere: number | undefined = p.m;
    if (p.c === 'b') return p.m + p.k;
    if (p.c === 'a') return p.k;
    // @ts-expect-error in branch c there is no k
    const k: number = p.k;
    if (p.deep.rule === 'stdp') return p.deep.eta + p.deep.width;
    return Number(c) + (anywhere ?? 0) + k;
  },
);

// A condition on a number, or on what is not beside it, leaves an optional value.
objective({ layers: int(1, 3), second: when('layers', [2, 3], int(1, 9)) }, (p) => p.second ?? p.layers);
objective({ c: choice(['a', 'b']), group: when('c', 'a', { x: uniform(0, 1), y: uniform(0, 1) }) }, (p) =>
  p.c === 'a' ? p.group.x + p.group.y : 0,
);
// Two parameters that decide: the branches multiply.
objective(
  {
    a: choice(['x', 'y']),
    b: choice([1, 2]),
    u: when('a', 'x', uniform(0, 1)),
    v: when('b', 2, choice(['p', 'q'])),
  },
  (p) => (p.a === 'x' && p.b === 2 ? p.u + p.v.length : 0),
);

// @ts-expect-error no parameter of that name
objective({ c: choice(['a', 'b']), m: when('d', 'b', uniform(0, 1)) }, () => 0);
// @ts-expect-error not one of the choice's values
objective({ c: choice(['a', 'b']), m: when('c', 'z', uniform(0, 1)) }, () => 0);
// @ts-expect-error a constant needs fixed
objective({ c: 5 }, () => 0);
// @ts-expect-error not a parameter
objective({ c: uniform(0, 1) }, (p) => p.d);
