// Small dense matrices (lists of rows), and the steady-state gains of linear control: the regulator (LQR) and the Kalman filter.

export const zeros = (rows, columns) => Array.from({ length: rows }, () => new Array(columns).fill(0));
export const identity = (n) => zeros(n, n).map((row, i) => row.map((_, j) => Number(i === j)));
export const diagonal = (values) => identity(values.length).map((row, i) => row.map((x) => x * values[i]));
export const transpose = (a) => a[0].map((_, j) => a.map((row) => row[j]));
export const multiply = (a, b) =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, x, k) => sum + x * b[k][j], 0)));
export const add = (a, b, factor = 1) => a.map((row, i) => row.map((x, j) => x + factor * b[i][j]));
export const subtract = (a, b) => add(a, b, -1);
export const scale = (a, factor) => a.map((row) => row.map((x) => factor * x));
/** Matrices with equal numbers of rows, side by side. */
export const beside = (...all) => all[0].map((_, i) => all.flatMap((a) => a[i]));

/** a⁻¹ b, by Gauss–Jordan elimination with pivots. */
export function solve(a, b) {
  const n = a.length;
  const rows = beside(a, b);
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column; i < n; i++) if (Math.abs(rows[i][column]) > Math.abs(rows[pivot][column])) pivot = i;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    const head = rows[column][column];
    rows[column] = rows[column].map((x) => x / head);
    for (let i = 0; i < n; i++) {
      const factor = rows[i][column];
      if (i !== column && factor !== 0) rows[i] = rows[i].map((x, j) => x - factor * rows[column][j]);
    }
  }
  return rows.map((row) => row.slice(n));
}

/** The stabilizing solution P of the discrete algebraic Riccati equation, by iteration. */
export function riccati(a, b, q, r) {
  const [at, bt] = [transpose(a), transpose(b)];
  let p = q;
  for (let i = 0; i < 100_000; i++) {
    const pa = multiply(p, a);
    const gain = solve(add(r, multiply(bt, multiply(p, b))), multiply(bt, pa));
    const next = add(q, multiply(at, subtract(pa, multiply(multiply(p, b), gain))));
    const change = Math.max(...next.flatMap((row, k) => row.map((x, j) => Math.abs(x - p[k][j]))));
    p = next;
    if (change < 1e-12 * Math.max(1, ...p.flat().map(Math.abs))) return p;
  }
  throw new Error('riccati: no convergence; is the pair (a, b) stabilizable?');
}

/** K of u = -K x, for the costs xᵀ q x + uᵀ r u. */
export function regulator(a, b, q, r) {
  const p = riccati(a, b, q, r);
  const bt = transpose(b);
  return solve(add(r, multiply(bt, multiply(p, b))), multiply(bt, multiply(p, a)));
}

/** G of x ← x + G (y - C x), for process noise q and sensor noise r. */
export function kalman(a, c, q, r) {
  const p = riccati(transpose(a), transpose(c), q, r);
  const pc = multiply(p, transpose(c));
  return transpose(solve(transpose(add(multiply(c, pc), r)), transpose(pc)));
}
