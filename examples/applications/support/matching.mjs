// Detections beside reference events: each event is matched once, with the nearest free detection within a tolerance.

/**
 * @param detections - ascending times
 * @param events - ascending times
 * @returns `hit`: for each event the index of its detection or -1; `used`: for each detection the index of its event or -1
 */
export function matchEvents(detections, events, tolerance) {
  const used = new Int32Array(detections.length).fill(-1);
  const hit = new Int32Array(events.length).fill(-1);
  let first = 0;
  events.forEach((event, i) => {
    while (first < detections.length && detections[first] < event - tolerance) first++;
    let best = -1;
    for (let j = first; j < detections.length && detections[j] <= event + tolerance; j++)
      if (used[j] < 0 && (best < 0 || Math.abs(detections[j] - event) < Math.abs(detections[best] - event)))
        best = j;
    if (best >= 0) {
      hit[i] = best;
      used[best] = i;
    }
  });
  return { hit, used };
}

/** Sensitivity, positive predictive value and F1 of counts. */
export function detectionScore(found, missed, wrong) {
  return {
    sensitivity: found / Math.max(1, found + missed),
    ppv: found / Math.max(1, found + wrong),
    f1: (2 * found) / Math.max(1, 2 * found + missed + wrong),
  };
}
