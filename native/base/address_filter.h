// Tells at once, for nearly every address, that it is not in a set: two million small counters, one for each address modulo
// 32 MiB in steps of 16 bytes. Asking is one load, without a lock, from any thread.
//
//     address >> 4, folded to 21 bits ──► cells[...]   0: not in the set     else: perhaps, look it up
//
// Memory is used only where there was something to count (a page of counters for 64 KiB of addresses), and is given back
// when the set is empty. Neighbours in memory are neighbours here: a program that frees blocks in a row asks in a row.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace heapproof {

class AddressFilter {
 public:
  // Must have succeeded once before anything else is called. False if there is no room in the address space.
  bool Open();

  bool MayHold(const void* address) const {
    const Cell* cells = cells_.load(std::memory_order_relaxed);
    // A thread may see a patched import table before it sees what was written before the table was.
    if (__builtin_expect(cells == nullptr, 0)) return false;
    return cells[CellOf(address)].load(std::memory_order_relaxed) != 0;
  }

  // These three are for one thread at a time. Whoever is handed the address afterwards sees it.
  void Add(const void* address) {
    // Asks to write first: a page that is only read is mapped, and mapping it again to be written to stops all threads of the
    // process for a moment.
    Cell& cell = At(address);
    uint8_t count = 0;
    const bool was_zero = cell.compare_exchange_strong(count, 1, std::memory_order_relaxed);
    if (!was_zero && count < kFull) cell.store(count + 1, std::memory_order_relaxed);
  }
  void Remove(const void* address) {
    Cell& cell = At(address);
    const uint8_t count = cell.load(std::memory_order_relaxed);
    // A full counter does not know how many there are, and stays until Clear.
    if (count > 0 && count < kFull) cell.store(count - 1, std::memory_order_relaxed);
  }
  void Clear();

 private:
  using Cell = std::atomic<uint8_t>;
  static constexpr size_t kBits = 21;
  static constexpr uint8_t kFull = 255;

  static size_t CellOf(const void* address) {
    const auto block = reinterpret_cast<uintptr_t>(address) >> 4;
    return (block ^ block >> kBits) & ((size_t{1} << kBits) - 1);
  }

  Cell& At(const void* address) { return cells_.load(std::memory_order_relaxed)[CellOf(address)]; }

  std::atomic<Cell*> cells_{nullptr};
};

}  // namespace heapproof
