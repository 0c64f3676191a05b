"""Readers of event files, one a process: reads a path a line from stdin, prints events and seconds of each. Asked by event-files.mjs."""
import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")


def expelliarmus(encoding):
    from expelliarmus import Wizard

    def read(path):
        return len(Wizard(encoding=encoding).read(path))

    return read


def expelliarmus_chunks(encoding):
    from expelliarmus import Wizard

    def read(path):
        wizard = Wizard(encoding=encoding, chunk_size=65536)
        wizard.set_file(path)
        return sum(len(chunk) for chunk in wizard.read_chunk())

    return read


def faery(_):
    import faery as library

    def read(path):
        stream = library.events_stream_from_file(path, dimensions_fallback=(1280, 720))
        return sum(len(packet) for packet in stream)

    return read


def dv_processing(_):
    import dv_processing as dv

    def read(path):
        recording = dv.io.MonoCameraRecording(path)
        count = 0
        while True:
            events = recording.getNextEventBatch()
            if events is None:
                return count
            # The columns, as others give them.
            count += len(events.numpy())

    return read


def dv_processing_stores(_):
    import dv_processing as dv

    def read(path):
        recording = dv.io.MonoCameraRecording(path)
        count = 0
        while True:
            events = recording.getNextEventBatch()
            if events is None:
                return count
            count += events.size()

    return read


read = globals()[sys.argv[1]](sys.argv[2])
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    began = time.perf_counter()
    events = read(line.strip())
    print(json.dumps({"events": events, "seconds": time.perf_counter() - began}), flush=True)
