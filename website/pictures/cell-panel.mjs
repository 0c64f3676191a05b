/** A panel of cells, row by row: the larger a value, the darker its cell; 0 and below are blank. */
export function cellPanel(values, columns, title, [across, down] = ['', '']) {
  const rows = values.length / columns;
  return {
    title,
    x: { label: across, domain: [0, columns] },
    y: { label: down, domain: [rows, 0] },
    marks: [
      {
        type: 'cells',
        values: Float64Array.from(values, (x) => Math.max(0, x)),
        columns,
        rows,
        x: [0, columns],
        y: [0, rows],
        color: 'ink',
      },
    ],
    aspect: rows / columns,
  };
}
