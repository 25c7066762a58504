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

#include <cstdint>

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
  explicit HeapCounter(v8::Isolate* isolate);

  void BeforeCollection();
  void AfterCollection(v8::GCType type);

  // Bytes handed out since construction, without what we allocated ourselves. A number below 0, as an unsigned one, when
  // V8 has taken back a buffer it had counted as used before (a compiler thread's, at the start of Node).
  uint64_t Allocated() const { return total_ + (Used() - last_used_) - excluded_; }
  uint64_t Used() const;
  void FillTotals(Totals& totals) const;

  // Bytes handed out since construction in the spaces where what a program allocates begins: the young one, and those of
  // large objects. In the others V8 keeps code and what it learns about code; its compilers take the rest of a page of
  // these at once and give it back later, which is 20 to 500 kB more or less in Allocated(), mostly from V8 12 on. What is
  // not in here: objects of places whose objects always survive, which begin in the old space.
  uint64_t AllocatedYoung() const { return total_young_ + (Young() - last_young_) - excluded_young_; }

  uint64_t used_before_collection() const { return used_before_; }
  // How often V8 began to mark while the program runs.
  uint64_t markings() const { return markings_; }

  // What is allocated while this lives is ours and is not counted.
  class Exclude {
   public:
    explicit Exclude(HeapCounter& counter)
        : counter_(counter), start_(counter.Allocated()), start_young_(counter.AllocatedYoung()) {}
    ~Exclude() {
      counter_.excluded_ += counter_.Allocated() - start_;
      counter_.excluded_young_ += counter_.AllocatedYoung() - start_young_;
    }
    Exclude(const Exclude&) = delete;
    Exclude& operator=(const Exclude&) = delete;

   private:
    HeapCounter& counter_;
    const uint64_t start_;
    const uint64_t start_young_;
  };

 private:
  v8::Isolate* const isolate_;
  uint64_t Young() const;

  static constexpr size_t kYoungSpaces = 3, kNoSpace = SIZE_MAX;
  size_t young_spaces_[kYoungSpaces] = {kNoSpace, kNoSpace, kNoSpace};
  uint64_t last_young_;  // as last_used_
  uint64_t total_young_ = 0;
  uint64_t excluded_young_ = 0;
  uint64_t last_used_;  // `used` at the end of the last collection
  uint64_t used_before_ = 0;
  uint64_t total_ = 0;
  uint64_t excluded_ = 0;
  uint64_t collections_ = 0;
  uint64_t major_collections_ = 0;
  uint64_t markings_ = 0;
};

}  // namespace heapproof
