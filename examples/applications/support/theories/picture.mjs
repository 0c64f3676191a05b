// The picture of the theories: the values of all seeds, each effect beside its control.
import { figure } from 'lapicque/figure';

/** `pairs` names the figures of each effect and of its control: `{ name, control }`. */
export async function draw(path, figures, pairs) {
  const points = (values, at, color) => ({
    type: 'points',
    x: values.map((_, i) => at + 0.06 * (i - (values.length - 1) / 2)),
    y: values,
    color,
  });
  const panels = pairs.map(({ name, control }) => {
    const [theory, label = theory] = name.split(', ');
    return {
      title: theory,
      x: { label: '', domain: [-0.5, 1.5], ticks: [] },
      y: { label: label.replace(/^log10.*/, 'log10 of power').replace(/ with 10 patterns$/, '') },
      marks: [points(figures[name].values, 0, 0), points(figures[control].values, 1, 1)],
      legend: [
        { name: 'effect', color: 0 },
        { name: control.split('control: ')[1], color: 1 },
      ],
    };
  });
  const made = new figure.Figure({
    name: 'brain-theories',
    title: 'Effects and their controls',
    caption: 'A point is a seed.',
    columns: [0, 1, 2].map((column) => panels.filter((_, i) => i % 3 === column)),
  });
  await made.with({ width: '180mm', height: 920 }).save(path);
}
