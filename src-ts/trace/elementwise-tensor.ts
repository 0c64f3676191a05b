/** The operations of traced tensors that work element by element. */

/** Operations element by element; `T` is the class of tensors. */
export abstract class ElementwiseTensor<T extends ElementwiseTensor<T>> {
  /** Adds an operation to the graph. @internal */
  protected abstract op(op: string, others?: readonly (T | number)[], options?: object): T;

  /** This tensor. @internal */
  protected abstract get self(): T;

  /** -x */
  neg(): T {
    return this.op('neg');
  }

  /** |x|; derivative 0 at 0. */
  abs(): T {
    return this.op('abs');
  }

  /** -1, 0 or 1; derivative 0. */
  sign(): T {
    return this.op('sign');
  }

  /** e to the power x. */
  exp(): T {
    return this.op('exp');
  }

  /** The natural logarithm. */
  log(): T {
    return this.op('log');
  }

  /** log(1 + x), accurate near 0. */
  log1p(): T {
    return this.op('log1p');
  }

  /** The square root. */
  sqrt(): T {
    return this.op('sqrt');
  }

  /** x times x. */
  square(): T {
    return this.op('square');
  }

  /** 1 / x */
  reciprocal(): T {
    return this.op('reciprocal');
  }

  /** The sine. */
  sin(): T {
    return this.op('sin');
  }

  /** The cosine. */
  cos(): T {
    return this.op('cos');
  }

  /** The hyperbolic tangent. */
  tanh(): T {
    return this.op('tanh');
  }

  /** 1 / (1 + exp(-x)) */
  sigmoid(): T {
    return this.op('sigmoid');
  }

  /** x above 0, else 0; derivative 0 at 0. */
  relu(): T {
    return this.op('relu');
  }

  /** x above 0, else `slope` x. */
  leakyRelu(slope = 0.01): T {
    return this.greater(0).where(this.self, this.mul(slope));
  }

  /** x sigmoid(x) */
  silu(): T {
    return this.mul(this.sigmoid());
  }

  /** log(1 + exp(x)) */
  softplus(): T {
    return this.op('softplus');
  }

  /** The largest whole number up to x; derivative 0. */
  floor(): T {
    return this.op('floor');
  }

  /** The smallest whole number from x on; derivative 0. */
  ceil(): T {
    return this.op('ceil');
  }

  /** The nearest whole number, halves upward; derivative 0. */
  round(): T {
    return this.op('round');
  }

  /** 1 where x is 0, else 0. */
  not(): T {
    return this.op('not');
  }

  /** x + y */
  add(y: T | number): T {
    return this.op('add', [y]);
  }

  /** x - y */
  sub(y: T | number): T {
    return this.op('sub', [y]);
  }

  /** x times y. */
  mul(y: T | number): T {
    return this.op('mul', [y]);
  }

  /** x / y */
  div(y: T | number): T {
    return this.op('div', [y]);
  }

  /** x to the power y. x must be at least 0, unless y is a whole number. */
  pow(y: T | number): T {
    return this.op('pow', [y]);
  }

  /** The smaller; if they are equal, the gradient goes to x. */
  minimum(y: T | number): T {
    return this.op('minimum', [y]);
  }

  /** The larger; if they are equal, the gradient goes to x. */
  maximum(y: T | number): T {
    return this.op('maximum', [y]);
  }

  /** x, but at least `low` and at most `high`; derivative 1 at both. */
  clamp(low: T | number, high: T | number): T {
    return this.maximum(low).minimum(high);
  }

  /** 1 where x > y. */
  greater(y: T | number): T {
    return this.op('greater', [y]);
  }

  /** 1 where x >= y. */
  greaterEqual(y: T | number): T {
    return this.op('greaterEqual', [y]);
  }

  /** 1 where x < y. */
  less(y: T | number): T {
    return this.op('less', [y]);
  }

  /** 1 where x <= y. */
  lessEqual(y: T | number): T {
    return this.op('lessEqual', [y]);
  }

  /** 1 where x = y. */
  equal(y: T | number): T {
    return this.op('equal', [y]);
  }

  /** 1 where x differs from y. */
  notEqual(y: T | number): T {
    return this.op('notEqual', [y]);
  }

  /** 1 where neither is 0. */
  and(y: T | number): T {
    return this.op('and', [y]);
  }

  /** 1 where one of them is not 0. */
  or(y: T | number): T {
    return this.op('or', [y]);
  }

  /** `yes` where this condition is not 0, else `no`. The branch that is not taken has gradient 0. */
  where(yes: T | number, no: T | number): T {
    return this.op('where', [yes, no]);
  }
}
