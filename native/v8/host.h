// What the glue to JavaScript may ask of an isolate. No V8 types here, so that the glue needs none.
#pragma once

#include <cstdint>
#include <string>

namespace heapproof {

class IsolateHost;

struct SessionOptions {
  int metadata_fd;
  int event_fd;
  std::string header;       // JSON, written as it is
  double interval;          // mean bytes between samples; 1 or less takes everything
  uint32_t depth;           // frames kept of a stack
  bool heap;
  bool array_buffers;
};

// The order of the numbers that ReadCounters writes; src/core/addon.ts has the same list.
enum Counter {
  kHeapBytes,
  kCollections,
  kMajorCollections,
  kArrayBufferBytes,
  kArrayBufferCalls,
  kArrayBufferFreedBytes,
  kArrayBufferFrees,
  kHeapUsed,
  kCounterCount,
};

// For the isolate of the calling thread. Attaching twice gives the same host; each attach needs its detach.
IsolateHost* Attach();
void Detach(IsolateHost* host);

void ReadCounters(IsolateHost* host, double* into);
void CollectGarbage(IsolateHost* host);
void WatchCode(IsolateHost* host);
std::string StartSession(IsolateHost* host, const SessionOptions& options);
std::string StopSession(IsolateHost* host);
void DrainSession(IsolateHost* host);
bool HasSession(IsolateHost* host);

}  // namespace heapproof
