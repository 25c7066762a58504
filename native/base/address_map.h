// A map from addresses to small values: open addressing with linear probing, at most three quarters full. A removed slot
// is closed by moving the run behind it (no tombstones, so that a long recording does not slow down). One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace heapproof {

template <typename Value>
class AddressMap {
 public:
  AddressMap() : slots_(kSmallest) {}

  // Takes the place of what is there under the same address.
  void Insert(const void* address, const Value& value) {
    if ((used_ + 1) * 4 > slots_.size() * 3) Resize(slots_.size() * 2);
    Place(reinterpret_cast<uintptr_t>(address), value);
  }

  // nullptr if there is none; good until the next change.
  Value* Find(const void* address) {
    Slot& slot = slots_[Probe(reinterpret_cast<uintptr_t>(address))];
    return slot.key == 0 ? nullptr : &slot.value;
  }

  bool Contains(const void* address) const { return slots_[Probe(reinterpret_cast<uintptr_t>(address))].key != 0; }

  std::optional<Value> Remove(const void* address) {
    const size_t mask = slots_.size() - 1;
    size_t i = Probe(reinterpret_cast<uintptr_t>(address));
    if (slots_[i].key == 0) return std::nullopt;
    const Value found = slots_[i].value;
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

  // One of the entries for which `fits(address)` is true; nullptr if there is none. Asks for one after the other.
  template <typename Fits>
  Value* FindIf(Fits fits) {
    for (Slot& slot : slots_) {
      if (slot.key != 0 && fits(reinterpret_cast<const void*>(slot.key))) return &slot.value;
    }
    return nullptr;
  }

  // Calls `with(address)` for each entry.
  template <typename With>
  void ForEach(With with) const {
    for (const Slot& slot : slots_) {
      if (slot.key != 0) with(reinterpret_cast<const void*>(slot.key));
    }
  }

  // Keeps the entries for which `keep(address, value)` is true, and gives back the memory of the others.
  template <typename Keep>
  void Filter(Keep keep) {
    std::vector<Slot> old(kSmallest);
    old.swap(slots_);
    used_ = 0;
    for (const Slot& slot : old) {
      if (slot.key != 0 && keep(slot.key, slot.value)) Insert(reinterpret_cast<const void*>(slot.key), slot.value);
    }
  }

  size_t size() const { return used_; }
  size_t OwnMemory() const { return slots_.capacity() * sizeof(Slot); }
  static constexpr size_t kBytesPerEntry = 2 * (sizeof(uintptr_t) + sizeof(Value));  // on average, half full

 private:
  static constexpr size_t kSmallest = 64;
  struct Slot {
    uintptr_t key = 0;
    Value value{};
  };

  size_t Home(uintptr_t key) const {
    // Blocks of one size lie at regular distances: multiply, then take high bits, or they would share homes.
    return ((key >> 4) * 0x9E3779B97F4A7C15ull >> 20) & (slots_.size() - 1);
  }

  size_t Probe(uintptr_t key) const {
    size_t i = Home(key);
    while (slots_[i].key != 0 && slots_[i].key != key) i = (i + 1) & (slots_.size() - 1);
    return i;
  }

  void Place(uintptr_t key, const Value& value) {
    Slot& slot = slots_[Probe(key)];
    if (slot.key == 0) used_++;
    slot = {key, value};
  }

  void Resize(size_t size) {
    std::vector<Slot> old(size);
    old.swap(slots_);
    used_ = 0;
    for (const Slot& slot : old) {
      if (slot.key != 0) Place(slot.key, slot.value);
    }
  }

  std::vector<Slot> slots_;
  size_t used_ = 0;
};

}  // namespace heapproof
