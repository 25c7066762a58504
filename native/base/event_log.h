// The .hpd side of a recording: encodes events into a buffer that the session writes out in blocks.
#pragma once

#include <string_view>

#include "sampler.h"
#include "varint.h"

namespace heapproof {

enum class Domain : uint8_t { kHeap = 0, kArrayBuffer = 1, kNative = 2 };

// Exact totals, kept by the counters of an isolate and written into the log as checkpoints.
struct Totals {
  uint64_t heap_bytes = 0;
  uint64_t collections = 0;
  uint64_t major_collections = 0;
  uint64_t array_buffer_bytes = 0;
  uint64_t array_buffer_calls = 0;
  uint64_t array_buffer_freed_bytes = 0;
  uint64_t array_buffer_frees = 0;
  uint64_t native_bytes = 0;
  uint64_t native_calls = 0;
  uint64_t native_frees = 0;
  uint64_t unseen_collections = 0;  // before which the polled source did not look

  Totals Since(const Totals& start) const;
};

class EventLog {
 public:
  // Times are microseconds since the start of the recording and never go back: a time earlier than the last one
  // written (an event that waited in another thread's queue) is written as the last one.
  // `thread` is 0 for the isolate's own, else a small number.
  //
  // Returns the time that was written: `allocated` of the free, so that its age leads back to exactly that.
  uint64_t Allocation(uint64_t time, uint32_t trace, uint64_t size, uint32_t thread = 0);
  void Free(uint64_t time, uint32_t trace, uint64_t size, uint64_t allocated, uint32_t thread = 0);
  void Collection(uint64_t time, uint32_t type, uint64_t duration, uint64_t before, uint64_t after);
  // How the following allocations of `domain` were chosen; `draw` is V8's own interval, where V8 draws first, else 1.
  void Sampling(uint64_t time, Domain domain, const SamplingRule& rule, uint64_t draw);
  void Checkpoint(uint64_t time, const Totals& totals);
  void End(uint64_t time, std::string_view reason);

  const Bytes& pending() const { return buffer_; }
  void Clear();

 private:
  void Head(uint64_t time, uint32_t kind);
  void SwitchThread(uint64_t time, uint32_t thread);
  void Extended(uint64_t time, uint32_t subtype, const Bytes& body);

  Bytes buffer_;
  uint64_t last_time_ = 0;
  uint32_t last_thread_ = 0;
  uint64_t last_age_ = 0;  // ages are differences within a block: frees found by one collection have similar ages
};

}  // namespace heapproof
