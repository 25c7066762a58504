#include "address_filter.h"

#if !defined(_WIN32)
#include <sys/mman.h>
#endif

namespace heapproof {

#if defined(_WIN32)

bool AddressFilter::Open() { return false; }
void AddressFilter::Clear() {}

#else

bool AddressFilter::Open() {
  if (cells_.load(std::memory_order_relaxed) != nullptr) return true;
  // Never unmapped: a thread may be on its way through a hook long after the last recording.
  void* memory = mmap(nullptr, size_t{1} << kBits, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return false;
  cells_.store(static_cast<Cell*>(memory), std::memory_order_relaxed);
  return true;
}

void AddressFilter::Clear() {
  // On Linux the pages read as zeros afterwards, elsewhere they may keep what they hold: then a lookup more is made.
  if (Cell* cells = cells_.load(std::memory_order_relaxed)) madvise(cells, size_t{1} << kBits, MADV_DONTNEED);
}

#endif

}  // namespace heapproof
