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
// kilobytes in either direction (src/core/measure says what is done about it). A scavenge costs 200 bytes at most.
//
// V8 counts a page of the young space as used to its end as soon as it goes on to the next:
//
//     | objects ........ | rest |   <- the next object does not fit: the rest counts from here on
//     | object | objects ...    |
//
// Small objects leave next to nothing. Five arrays of 60,016 bytes are counted as 300,080 to 382,000 bytes, by where in
// its page the first one begins. And V8 goes back to a rest of 4 KiB or more later ("allocation buffer parking"): it is
// then taken out of the sum again, for whatever is counted at that moment. So that is switched off, and who wants to
// compare two counts begins each on a fresh page: then the same objects leave the same rests.
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
  uint64_t Allocated() const { return all_.At(Used()); }
  uint64_t Used() const;
  // The part of it outside of the spaces where objects begin. Between collections it falls only when garbage is swept, or
  // when a compiler's thread gives back its buffer.
  uint64_t UsedBesideYoung() const { return Used() - Young(); }
  void FillTotals(Totals& totals) const;

  // The same of the spaces where nearly all that a program allocates begins: the young one, and those of large objects.
  uint64_t AllocatedYoung() const { return young_.At(Young()); }

  // The same of the old space. Objects begin there whose place is known to make such as survive, tables of old maps and
  // sets that grow, and names. V8 itself keeps there what it learns about code, and its compilers' threads take the rest
  // of a page at once and give it back later: 40 to 250 kB more or less, from V8 13 on. What they make goes to the
  // remaining spaces, or is announced: when neither happened, all growth of this one is the program's. Of 23 such jumps in 12,000
  // calls on Node 22 to 26 not one came without the others.
  uint64_t AllocatedOld() const { return old_.At(Old()); }

  // How often V8 has made bytecode of a function, and put machine code of one in place. With the latter it notes, among the
  // young objects, what the code depends on: up to 2 kB.
  uint64_t compiled() const { return compiled_; }
  uint64_t installed() const { return installed_; }
  void CountCode(bool is_machine_code) { (is_machine_code ? installed_ : compiled_)++; }

  // Has the next young object begin on a page of its own: fills up the one at hand, with what nobody holds. Some 10 us.
  void BeginPage();

  uint64_t used_before_collection() const { return used_before_; }
  // How often V8 began to mark while the program runs.
  uint64_t markings() const { return markings_; }

  // What is allocated while this lives is ours and is not counted.
  class Exclude {
   public:
    explicit Exclude(HeapCounter& counter)
        : counter_(counter),
          all_(counter.Allocated()),
          young_(counter.AllocatedYoung()),
          old_(counter.AllocatedOld()) {}
    ~Exclude() {
      counter_.all_.excluded += counter_.Allocated() - all_;
      counter_.young_.excluded += counter_.AllocatedYoung() - young_;
      counter_.old_.excluded += counter_.AllocatedOld() - old_;
    }
    Exclude(const Exclude&) = delete;
    Exclude& operator=(const Exclude&) = delete;

   private:
    HeapCounter& counter_;
    const uint64_t all_;
    const uint64_t young_;
    const uint64_t old_;
  };

 private:
  // A sum of rises. One of them may be negative by itself: unsigned arithmetic wraps back in the sum.
  struct Rises {
    uint64_t last;  // used at the end of the last collection
    uint64_t total = 0;
    uint64_t excluded = 0;

    uint64_t At(uint64_t used) const { return total + (used - last) - excluded; }
    void Add(uint64_t used) {
      total += used - last;
      last = used;
    }
  };

  uint64_t Young() const;
  uint64_t Old() const { return UsedIn(old_space_); }
  uint64_t UsedIn(size_t space) const;

  v8::Isolate* const isolate_;
  static constexpr size_t kYoungSpaces = 3, kNoSpace = SIZE_MAX;
  size_t young_spaces_[kYoungSpaces] = {kNoSpace, kNoSpace, kNoSpace};
  size_t old_space_ = kNoSpace;
  Rises all_;
  Rises young_;
  Rises old_;
  uint64_t used_before_ = 0;
  uint64_t collections_ = 0;
  uint64_t major_collections_ = 0;
  uint64_t markings_ = 0;
  uint64_t compiled_ = 0;
  uint64_t installed_ = 0;
};

}  // namespace heapproof
