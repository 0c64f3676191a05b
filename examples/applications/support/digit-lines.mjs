// The last panel of the pictures of digits: one line for each of the ten answers, that of the right digit in front.

/**
 * @param x - times, one per point of a line
 * @param valuesOf - the points of the line of a digit
 * @returns marks and legend of a panel
 */
export function digitLines(x, valuesOf, label) {
  const lines = Array.from({ length: 10 }, (_, digit) => ({
    type: 'line',
    x,
    y: valuesOf(digit),
    color: digit === label ? 1 : 0,
    width: digit === label ? 2 : 0.6,
  }));
  return {
    marks: lines.sort((a, b) => a.color - b.color),
    legend: [
      { name: `digit ${label}`, color: 1 },
      { name: 'others', color: 0 },
    ],
  };
}
