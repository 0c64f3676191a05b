// Linear regression with a penalty on the squares of the weights (ridge), for read-outs of fixed networks.

/** The normal equations of a regression, to which rows are added one by one, so that no matrix of all rows is kept. */
export class Ridge {
  /** @param size - numbers in a row; @param targets - numbers that each row predicts */
  constructor(size, targets = 1) {
    this.size = size;
    this.targets = targets;
    this.rows = 0;
    this.gram = new Float64Array(size * size);
    this.moment = new Float64Array(size * targets);
  }

  /** Adds a row; `values` is one target or a list of them. */
  add(row, values) {
    const { size, targets, gram, moment } = this;
    this.rows += 1;
    for (let i = 0; i < size; i++) {
      const x = row[i];
      if (x === 0) continue;
      const from = i * size;
      for (let j = 0; j <= i; j++) gram[from + j] += x * row[j];
      if (targets === 1) moment[i] += x * values;
      else for (let k = 0; k < targets; k++) moment[i * targets + k] += x * values[k];
    }
  }

  /**
   * The weights that minimize the mean squared error plus `penalty` times their squares.
   *
   * @param penalty - one number, or one for each weight (0: this weight is free)
   * @returns `[size, targets]`, row by row
   */
  solve(penalty) {
    const { size, targets, rows, gram } = this;
    const factor = Float64Array.from(gram);
    for (let i = 0; i < size; i++)
      factor[i * size + i] += rows * (typeof penalty === 'number' ? penalty : penalty[i]) + 1e-12;
    decompose(factor, size);
    const weights = Float64Array.from(this.moment);
    for (let k = 0; k < targets; k++) {
      for (let i = 0; i < size; i++) {
        let sum = weights[i * targets + k];
        for (let j = 0; j < i; j++) sum -= factor[i * size + j] * weights[j * targets + k];
        weights[i * targets + k] = sum / factor[i * size + i];
      }
      for (let i = size - 1; i >= 0; i--) {
        let sum = weights[i * targets + k];
        for (let j = i + 1; j < size; j++) sum -= factor[j * size + i] * weights[j * targets + k];
        weights[i * targets + k] = sum / factor[i * size + i];
      }
    }
    return weights;
  }
}

/** Cholesky's decomposition of a symmetric matrix, of which the lower half is read, in place. */
function decompose(a, n) {
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      if (j < i) a[i * n + j] = sum / a[j * n + j];
      else if (sum > 0) a[i * n + i] = Math.sqrt(sum);
      else throw new RangeError('ridge: the rows are linearly dependent; use a larger penalty');
    }
}
