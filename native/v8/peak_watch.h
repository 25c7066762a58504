// How much was reachable at once, at most, while a piece of code ran: between two bounds.
//
//     used      upper ─ ─ ─ ─ ─ ─/│─ ─ ─ ─ ─ ─       before a collection: reachable and garbage
//                      /│      /  │      /│
//              /│    /  │    /    │─ ─ /─ │─ lower   after a full collection that we forced: reachable
//            /  │  /    │──/             │
//     base /    │/                        │──
//         ──────┬───────┬─────────┬───────┬───────► bytes allocated
//               └ every `step` bytes V8 is asked for an interrupt, and in it we collect
//
// Between collections `used` only rises, so what is reachable never exceeds the greatest `used` before a collection. What
// is left after a collection that stops the program was reachable at that moment. Not so after V8's own: a scavenge leaves
// the garbage of the old generation, and a marking that began earlier keeps whatever died since. So only forced ones tell
// of the lower bound. The live bytes of ArrayBuffers are added to both; in the upper bound, all that were allocated since
// the last collection, whether or not they are freed already.
//
// A compiler's thread holds a buffer of some 100 kB of the old space while it works, and is slow where the machine is busy.
// If it worked at `base` and has finished by now, `base` was too high, and so would be no upper bound. Outside of
// collections the old space falls for that reason only, or because garbage is swept: what it falls by is added to `upper`.
//
// Without a step nothing is forced, and only the upper bound says anything.
#pragma once

#include <string>

#include <v8.h>

#include "../base/event_log.h"
#include "array_buffer_counter.h"
#include "host.h"
#include "sample_source.h"

namespace heapproof {

class IsolateHost;

class PeakWatch final : public SampleListener, public ArrayBufferListener {
 public:
  PeakWatch(IsolateHost& host, uint64_t step, uint32_t most_collections);
  ~PeakWatch() { Unhook(); }

  // Empty on success, else the reason. During a recording it is the recording that tells of allocations.
  std::string Start();
  void Stop(double* into);

  // About so many bytes were allocated. May come from inside V8's allocator: only adds, and asks for an interrupt. To ask V8
  // how much it uses would not do there: since Node 26 it then finds its own allocation observers in disorder, and aborts.
  void OnAllocation(double bytes) noexcept;
  // In the interrupt.
  void Collect();

  void BeforeCollection(v8::GCType type) noexcept;
  void AfterCollection(v8::GCType type) noexcept;

  void OnSample(void*) noexcept override { OnAllocation(draw_); }
  void OnSampleGone(void*) noexcept override {}
  void OnBufferAllocated(void*, size_t size) noexcept override { OnAllocation(static_cast<double>(size)); }
  void OnBufferFreed(void*, uint64_t) noexcept override {}
  void OnBufferFreesLost() noexcept override {}

 private:
  // What counts of the isolate's counters, at one moment.
  struct Moment {
    double used;
    double buffers_live;
    double buffers_allocated;
    double allocated;      // heap and buffers
    double beside_young;  // of `used`
  };

  Moment Now() const;
  void NoteUpper();
  void Unhook() noexcept;

  IsolateHost& host_;
  const double step_;
  const uint32_t most_collections_;
  Moment start_{};
  Moment after_collection_{};  // at the end of the last collection, of any kind
  double since_forced_ = 0;    // bytes allocated since the last one that we forced, about
  double draw_ = 0;            // mean bytes between two of our own samples
  double given_back_ = 0;      // by which the old space fell outside of collections
  double upper_ = 0;
  double lower_ = 0;
  double lower_seconds_ = 0;  // into the recording under way, when `lower_` was seen
  uint32_t collections_ = 0;
  bool asked_ = false;
  bool collecting_ = false;
  bool exhausted_ = false;
  bool own_samples_ = false;
  bool own_buffers_ = false;
};

}  // namespace heapproof
