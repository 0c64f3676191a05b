// Numbers as people read them.
export const whole = (n) => Math.round(n).toLocaleString('en');
export const percent = (share) => `${(100 * share).toFixed(1)} %`;
export const millions = (n) => `${(n / 1e6).toPrecision(3)} million`;
export const microjoules = (joules) => `${(joules * 1e6).toPrecision(3)} µJ`;
export const sum = (values) => Object.values(values).reduce((total, value) => total + value, 0);
