/** The range of the marks of a panel. */
import type { AxisSpec, MarkSpec, PanelSpec } from './spec.ts';

/** Share of the range that is left free at both ends of a y axis, so that curves do not touch the frame. */
const margin = 0.05;

/** The domain of an axis: its own, or the range of the marks. */
export function domainOf(panel: PanelSpec, which: 'x' | 'y'): readonly [number, number] {
  const axis = panel[which];
  if (axis.domain !== undefined) return axis.domain;
  const isLog = axis.scale === 'log';
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const mark of panel.marks)
    for (const values of extentsOf(mark, which, isLog))
      for (let i = 0; i < values.length; i++) {
        const value = values[i]!;
        if (which === 'y' && !isShown(panel, mark, i)) continue;
        if (!Number.isFinite(value) || (isLog && value <= 0)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
  if (low > high) return isLog ? [1, 10] : [0, 1];
  return widened(low, high, axis, which, panel.marks);
}

/** Whether a mark's point is within the x axis, where that has a domain of its own. */
function isShown({ x: { domain } }: PanelSpec, mark: MarkSpec, i: number): boolean {
  if (domain === undefined || (mark.type !== 'line' && mark.type !== 'points' && mark.type !== 'band'))
    return true;
  const at = mark.x[i]!;
  return at >= Math.min(...domain) && at <= Math.max(...domain);
}

function widened(
  low: number,
  high: number,
  { scale }: AxisSpec,
  which: 'x' | 'y',
  marks: readonly MarkSpec[],
): [number, number] {
  if (scale === 'log') return low === high ? [low / 2, high * 2] : [low, which === 'y' ? high * 1.2 : high];
  if (low === high) {
    const half = low === 0 ? 0.5 : Math.abs(low) / 2;
    return [low - half, high + half];
  }
  if (which === 'x') return [low, high];
  const free = margin * (high - low);
  // Bars stand on the axis.
  const startsAtZero =
    low === 0 && marks.some(({ type }) => type === 'bars' || type === 'line' || type === 'band');
  return [startsAtZero ? 0 : low - free, high + free];
}

function extentsOf(mark: MarkSpec, which: 'x' | 'y', isLog: boolean): ArrayLike<number>[] {
  if (mark.type === 'rule') {
    const at = mark[which];
    return at === undefined ? [] : [[at]];
  }
  if (mark.type === 'arrow') return [[mark.from[which === 'x' ? 0 : 1], mark.to[which === 'x' ? 0 : 1]]];
  if (mark.type === 'bars') return which === 'x' ? [mark.from, mark.to] : [mark.height, isLog ? [] : [0]];
  if (mark.type === 'boxes') return which === 'x' ? [mark.left, mark.right] : [mark.low, mark.high];
  if (mark.type === 'band') return which === 'x' ? [mark.x] : [mark.low, mark.high];
  return [mark[which]];
}
