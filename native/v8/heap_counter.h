// Counts every byte that the V8 heap of one isolate hands out.
//
//     used                 /|      /|
//                       /|/ |   /|/ |   /        allocated = sum of the rises
//                      /    |__/    |__/                   = used(now) - used(start) + sum over collections of
//     ---------------------------------------> time            [used before - used after]
//
// `used` moves with the allocation pointer, so the sum is exact between collections. Around them: a collection that
// marks while the program runs counts whole allocation buffers as live and corrects that later, when it sweeps, so a
// reading with a mark-compact or the beginning of such marking inside, or soon after one, can be off by some hundred
// kilobytes in either direction (src/core/measure says what is done about it). Scavenges do not disturb.
#pragma once

#include <v8.h>

#include "../base/event_log.h"

namespace heapproof {

// V8 also calls when it starts to mark in steps and when it has run weak callbacks; neither frees anything by itself.
inline bool IsCollection(v8::GCType type) {
  constexpr int kMinorMarkSweep = 1 << 1;  // its name in the header changed between releases
  constexpr int kCollections = v8::kGCTypeScavenge | kMinorMarkSweep | v8::kGCTypeMarkSweepCompact;
  return (type & kCollections) != 0;
}

class HeapCounter {
 public:
  explicit HeapCounter(v8::Isolate* isolate) : isolate_(isolate), last_used_(Used()) {}

  void BeforeCollection();
  void AfterCollection(v8::GCType type);

  // Bytes handed out since construction, without what we allocated ourselves. A number below 0, as an unsigned one, when
  // V8 has taken back a buffer it had counted as used before (a compiler thread's, at the start of Node).
  uint64_t Allocated() const { return total_ + (Used() - last_used_) - excluded_; }
  uint64_t Used() const;
  void FillTotals(Totals& totals) const;

  uint64_t used_before_collection() const { return used_before_; }
  // How often V8 began to mark while the program runs.
  uint64_t markings() const { return markings_; }

  // What is allocated while this lives is ours and is not counted.
  class Exclude {
   public:
    explicit Exclude(HeapCounter& counter) : counter_(counter), start_(counter.Allocated()) {}
    ~Exclude() { counter_.excluded_ += counter_.Allocated() - start_; }
    Exclude(const Exclude&) = delete;
    Exclude& operator=(const Exclude&) = delete;

   private:
    HeapCounter& counter_;
    const uint64_t start_;
  };

 private:
  v8::Isolate* const isolate_;
  uint64_t last_used_;  // `used` at the end of the last collection
  uint64_t used_before_ = 0;
  uint64_t total_ = 0;
  uint64_t excluded_ = 0;
  uint64_t collections_ = 0;
  uint64_t major_collections_ = 0;
  uint64_t markings_ = 0;
};

}  // namespace heapproof
