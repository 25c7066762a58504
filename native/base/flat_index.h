// A map from a 64-bit key to the index of something kept in a vector, which knows the key: only the index is stored, so
// that an entry is four bytes in a table that is never more than three quarters full. Never shrinks, never removes. Index
// zero means "no entry", so callers' indices start at 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heapproof {

class FlatIndex {
 public:
  FlatIndex() : slots_(256) {}

  // The index for `key`, or `next` after having stored it. `key_of(index)` is the key of one that was stored.
  template <typename KeyOf>
  uint32_t FindOrInsert(uint64_t key, uint32_t next, KeyOf key_of) {
    if ((used_ + 1) * 4 > slots_.size() * 3) Grow(key_of);
    size_t i = FirstSlot(key);
    while (slots_[i] != 0 && key_of(slots_[i]) != key) i = NextSlot(i);
    if (slots_[i] == 0) {
      slots_[i] = next;
      used_++;
    }
    return slots_[i];
  }

  size_t OwnMemory() const { return slots_.capacity() * sizeof(uint32_t); }

 private:
  size_t FirstSlot(uint64_t key) const {
    uint64_t hash = key * 0x9E3779B97F4A7C15ull;
    hash ^= hash >> 32;
    return hash & (slots_.size() - 1);
  }

  size_t NextSlot(size_t i) const { return (i + 1) & (slots_.size() - 1); }

  template <typename KeyOf>
  void Grow(KeyOf key_of) {
    std::vector<uint32_t> old(slots_.size() * 2);
    old.swap(slots_);
    for (const uint32_t index : old) {
      if (index == 0) continue;
      size_t i = FirstSlot(key_of(index));
      while (slots_[i] != 0) i = NextSlot(i);
      slots_[i] = index;
    }
  }

  std::vector<uint32_t> slots_;
  size_t used_ = 0;
};

}  // namespace heapproof
