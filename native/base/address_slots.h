// What was noted for an address, found from any thread without a lock: for code that any thread may run at any moment.
//
//     address ──hash──► [key|item][key|item][key|item] ...   an item lies at most kReach slots behind its place
//
// Fixed size, so that nothing ever moves below a reader. One thread at a time may change it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace heapproof {

template <typename Item, size_t kSlots = 4096, size_t kReach = 32>
class AddressSlots {
  static_assert((kSlots & (kSlots - 1)) == 0 && kReach <= kSlots);

 public:
  // False when all places that `address` may have are taken. It must not have one yet.
  bool Put(const void* address, Item* item) {
    Slot* slot = SlotOf(address, nullptr);
    if (slot == nullptr) return false;
    slot->item.store(item, std::memory_order_release);
    slot->key.store(address, std::memory_order_release);
    return true;
  }

  void Remove(const void* address) {
    if (Slot* slot = SlotOf(address, address)) slot->key.store(nullptr, std::memory_order_release);
  }

  // nullptr when there is none.
  Item* Find(const void* address) {
    Slot* slot = SlotOf(address, address);
    if (slot == nullptr) return nullptr;
    Item* item = slot->item.load(std::memory_order_acquire);
    // The slot may have been given to another address in between: then this item is not ours.
    return slot->key.load(std::memory_order_acquire) == address ? item : nullptr;
  }

 private:
  struct Slot {
    std::atomic<const void*> key{nullptr};
    std::atomic<Item*> item{nullptr};
  };

  // The first slot with `key` among those that `address` may have.
  Slot* SlotOf(const void* address, const void* key) {
    const uint64_t hash = (reinterpret_cast<uintptr_t>(address) >> 4) * 0x9E3779B97F4A7C15ull;
    const size_t home = hash >> 32;
    for (size_t i = 0; i < kReach; i++) {
      Slot& slot = slots_[(home + i) & (kSlots - 1)];
      if (slot.key.load(std::memory_order_acquire) == key) return &slot;
    }
    return nullptr;
  }

  std::array<Slot, kSlots> slots_;
};

}  // namespace heapproof
