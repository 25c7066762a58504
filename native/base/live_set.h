// The samples that are still alive, by address, so that a free finds the allocation it ends.
//
// Open addressing with linear probing, 32 bytes a slot, at most three quarters full; a removed slot is closed by moving
// the run behind it (no tombstones, so that a long recording does not slow down). One thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace heapproof {

struct LiveSample {
  uint64_t size;
  uint64_t time;
  uint32_t trace;
  uint32_t era = 0;  // of the live view (live_view.h) when it was allocated
};

class LiveSet {
 public:
  LiveSet() : slots_(kSmallest) {}

  void Insert(const void* address, const LiveSample& sample) {
    if ((used_ + 1) * 4 > slots_.size() * 3) Resize(slots_.size() * 2);
    Place(reinterpret_cast<uintptr_t>(address), sample);
  }

  std::optional<LiveSample> Remove(const void* address) {
    const size_t mask = slots_.size() - 1;
    const uintptr_t key = reinterpret_cast<uintptr_t>(address);
    size_t i = Home(key);
    while (slots_[i].key != key) {
      if (slots_[i].key == 0) return std::nullopt;
      i = (i + 1) & mask;
    }
    const LiveSample found = slots_[i].sample;
    for (size_t next = (i + 1) & mask; slots_[next].key != 0; next = (next + 1) & mask) {
      // `next` may fill the hole unless its home lies behind the hole (counting around the end of the table).
      if (((next - Home(slots_[next].key)) & mask) < ((next - i) & mask)) continue;
      slots_[i] = slots_[next];
      i = next;
    }
    slots_[i].key = 0;
    used_--;
    return found;
  }

  bool Contains(const void* address) const {
    const uintptr_t key = reinterpret_cast<uintptr_t>(address);
    size_t i = Home(key);
    while (slots_[i].key != key) {
      if (slots_[i].key == 0) return false;
      i = (i + 1) & (slots_.size() - 1);
    }
    return true;
  }

  size_t size() const { return used_; }
  size_t OwnMemory() const { return slots_.capacity() * sizeof(Slot); }

 private:
  static constexpr size_t kSmallest = 64;
  struct Slot {
    uintptr_t key = 0;
    LiveSample sample{};
  };

  size_t Home(uintptr_t key) const {
    // Blocks of one size lie at regular distances: multiply, then take high bits, or they would share homes.
    return ((key >> 4) * 0x9E3779B97F4A7C15ull >> 20) & (slots_.size() - 1);
  }

  void Place(uintptr_t key, const LiveSample& sample) {
    size_t i = Home(key);
    while (slots_[i].key != 0 && slots_[i].key != key) i = (i + 1) & (slots_.size() - 1);
    if (slots_[i].key == 0) used_++;
    slots_[i] = {key, sample};
  }

  void Resize(size_t size) {
    std::vector<Slot> old(size);
    old.swap(slots_);
    used_ = 0;
    for (const Slot& slot : old) {
      if (slot.key != 0) Place(slot.key, slot.sample);
    }
  }

  std::vector<Slot> slots_;
  size_t used_ = 0;
};

}  // namespace heapproof
