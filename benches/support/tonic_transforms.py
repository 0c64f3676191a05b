"""tonic's transforms for benches/event-transforms.mjs: python tonic_transforms.py EVENTS. Prints ns of CPU an event as JSON."""
import json
import sys
import time

import numpy as np
import tonic.transforms as T

n = int(sys.argv[1])
W, H = 346, 260
size = (W, H, 2)
rng = np.random.default_rng(1)


def recording(count):
    # As tonic's readers give them: int64 times, int16 pixels.
    events = np.zeros(count, dtype=[("t", np.int64), ("x", np.int16), ("y", np.int16), ("p", np.int8)])
    events["t"] = np.cumsum(rng.integers(0, 3, count))
    events["x"] = rng.integers(0, W, count)
    events["y"] = rng.integers(0, H, count)
    events["p"] = rng.integers(0, 2, count)
    return events


events, few = recording(n), recording(max(n // 100, 1000))
few["t"] *= 100
hot = lambda e: T.functional.drop_pixel_numpy(e, T.functional.identify_hot_pixel(e, 30))
pixels = [(10 * i, 7 * i) for i in range(20)]
cases = {
    "CenterCrop": (events, T.CenterCrop(size, (128, 128))),
    "CropTime": (events, T.CropTime(100_000, 600_000)),
    "Decimation": (few, T.Decimation(3)),
    "Denoise": (few, T.Denoise(10_000)),
    "Downsample": (events, T.Downsample(time_factor=0.001, spatial_factor=0.5)),
    "DropEvent": (events, T.DropEvent(0.3)),
    "DropPixel": (events, T.DropPixel(coordinates=pixels)),
    # One pass over all events for each hot pixel.
    "HotPixels": (events, hot),
    "MergePolarities": (events, T.MergePolarities()),
    "RandomFlipLR": (events, T.RandomFlipLR(size, 1)),
    "RandomTimeReversal": (events, T.RandomTimeReversal(1)),
    "RefractoryPeriod": (few, T.RefractoryPeriod(10_000)),
    "SpatialJitter": (events, T.SpatialJitter(size, clip_outliers=True)),
    "TimeJitter": (events, T.TimeJitter(std=100)),
    "TimeJitterSorted": (events, T.TimeJitter(std=100, sort_timestamps=True)),
    "ToFrame": (events, T.ToFrame(size, time_window=20_000)),
    "ToFrameCount": (events, T.ToFrame(size, event_count=20_000)),
    "ToSparseTensor": (events, T.ToFrame(size, time_window=20_000)),
    "ToVoxelGrid": (events, T.ToVoxelGrid(size, 10)),
    "ToTimesurface": (events, T.ToTimesurface(size, 20_000, 10_000)),
    "ToAveragedTimesurface": (few, T.ToAveragedTimesurface(size, 5, 10, 1000, 500, "exp")),
    "Chain": (few, T.Compose([T.Denoise(10_000), T.RefractoryPeriod(1000), T.Downsample(spatial_factor=0.5), T.ToFrame((W // 2, H // 2, 2), time_window=20_000)])),
}
result = {}
for name, (given, transform) in cases.items():
    mine = given.copy()
    began = time.process_time()
    transform(mine)
    result[name] = (time.process_time() - began) * 1e9 / len(given)
print(json.dumps(result))
