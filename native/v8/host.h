// What the glue to JavaScript may ask of an isolate. No V8 types here, so that the glue needs none.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../base/sampler.h"
#include "../base/size_histogram.h"

struct napi_value__;  // what a napi_value points to

namespace heapproof {

class IsolateHost;

enum class HeapSource { kAutomatic, kDirect, kPolled };

struct SessionOptions {
  int metadata_fd;          // -1 for both: a live view without files
  int event_fd;
  std::string file_base;    // instead of these, when not empty: files only if one takes more than this many bytes
  size_t most_in_memory;
  std::string header;       // a JSON object; what only this side knows is added
  bool heap;
  bool array_buffers;
  bool native;
  uint32_t depth;           // frames kept of a stack
  HeapSource source;
  SamplingRule rule;
  uint64_t seed;            // 0: none
};

struct StatsOptions {
  bool heap;
  bool array_buffers;
  bool native;
  uint64_t interval;        // of V8's draw
};

// Scaled bytes of what is alive now.
struct LiveTotals {
  double current = 0;
  double peak = 0;
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
  kNativeBytes,
  kNativeCalls,
  kNativeFrees,
  kMarkings,
  kYoungBytes,
  kOldBytes,
  kInstalled,
  kCompiled,
  kCounterCount,
};

// The order of the numbers that StopPeak writes; src/core/addon.ts has the same list.
enum PeakNumber {
  kPeakUpper,
  kPeakLower,
  kPeakCollections,
  kPeakExhausted,
  kPeakSeconds,
  kPeakAllocated,
};

// For the isolate of the calling thread. Attaching twice gives the same host; each attach needs its detach. nullptr when
// there are too many isolates whose ArrayBuffers are counted.
IsolateHost* Attach();
void Detach(IsolateHost* host);

void ReadCounters(IsolateHost* host, double* into);
// Of V8, for the whole process.
void SetFlags(const std::string& flags);
// See switches.h.
void SwitchOff(const std::string& name);
void CollectGarbage(IsolateHost* host);
// Has the next young object begin on a page of its own.
void BeginPage(IsolateHost* host);
// Has V8 put collections of the whole heap off, for some seconds: see postponement.h.
void PostponeCollections(IsolateHost* host);
void SetOurs(IsolateHost* host, bool on);
void WatchCode(IsolateHost* host);
void NoteOlderCode(IsolateHost* host);
// Whether Sparkplug's code can be told by line.
bool KnowsBaselineLines(IsolateHost* host);
std::string StartSession(IsolateHost* host, const SessionOptions& options);
std::string StopSession(IsolateHost* host);
void DrainSession(IsolateHost* host);
// The .hpm and the .hpd of the recording that ended last, when they are in memory and nobody has asked before.
std::vector<std::vector<uint8_t>> TakeRecording(IsolateHost* host);
// What its samples come to: see Session::TakeSums.
const std::vector<double>& RecordedSums(IsolateHost* host);
// Whether a script of the recording that ended last has a source map in a file of its own.
bool NamedSourceMaps(IsolateHost* host);
// Seconds since the start of the recording or live view under way.
double Elapsed(IsolateHost* host);
// Between recordings.
void HoldSampler(IsolateHost* host, bool on);
bool IsBusy(IsolateHost* host);

// The live view of the recording; empty answers when there is none.
std::vector<uint8_t> Metadata(IsolateHost* host);
std::vector<double> LiveTraces(IsolateHost* host);
// Of a live object that was sampled, given as Node-API hands it out; else 0.
uint32_t TraceOf(IsolateHost* host, napi_value__* object);
LiveTotals Live(IsolateHost* host);
void ResetPeak(IsolateHost* host);
void ClearTraces(IsolateHost* host);
double OwnMemory(IsolateHost* host);

// Counting of sizes instead of a recording.
std::string StartStats(IsolateHost* host, const StatsOptions& options);
void StopStats(IsolateHost* host, double* into);

// The most that is reachable at once, see peak_watch.h. Empty on success.
std::string StartPeak(IsolateHost* host, uint64_t step, uint32_t most_collections);
void StopPeak(IsolateHost* host, double* into);

// Counts malloc without a recording; nests. Empty on success.
std::string CountNative(IsolateHost* host, bool on);

}  // namespace heapproof
