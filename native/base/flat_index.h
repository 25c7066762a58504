// A map from a 64-bit key to the index of something kept in a vector. Never shrinks, never removes; 12 bytes of use in
// a 16-byte slot. Key and index zero mean "no entry", so callers' indices start at 1.
#pragma once

#include <cstdint>
#include <vector>

namespace heapproof {

class FlatIndex {
 public:
  FlatIndex() : slots_(256) {}

  // The index for `key`, or `next` after having stored it.
  uint32_t FindOrInsert(uint64_t key, uint32_t next) {
    if ((used_ + 1) * 4 > slots_.size() * 3) Grow();
    Slot& slot = slots_[Probe(key)];
    if (slot.index == 0) {
      slot = {key, next};
      used_++;
    }
    return slot.index;
  }

  size_t OwnMemory() const { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    uint64_t key = 0;
    uint32_t index = 0;
  };

  size_t Probe(uint64_t key) const {
    const size_t mask = slots_.size() - 1;
    uint64_t hash = key * 0x9E3779B97F4A7C15ull;
    hash ^= hash >> 32;
    size_t i = hash & mask;
    while (slots_[i].index != 0 && slots_[i].key != key) i = (i + 1) & mask;
    return i;
  }

  void Grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.index != 0) slots_[Probe(slot.key)] = slot;
    }
  }

  std::vector<Slot> slots_;
  size_t used_ = 0;
};

}  // namespace heapproof
